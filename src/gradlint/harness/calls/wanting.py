"""Which calls are worth hearing: of what is driven, where the script does more than define it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gradlint.driving.contexts import AutogradDrive
from gradlint.driving.engines import EngineDrive
from gradlint.harness.calls.listening import NAME, Listener, Wanted
from gradlint.harness.instrument import Points
from gradlint.harness.job import Job
from gradlint.harness.rehearsal.recorder import Recorder
from gradlint.harness.rehearsal.scribe import Unplayable
from gradlint.harness.rehearsal.tape import Call, Tape
from gradlint.reading import syntax as s
from gradlint.reading.free_names import changed_names
from gradlint.reading.walking import descend
from gradlint.tracing import Driven
from gradlint.tracing.driven import Drive

_ONLY_DEFINES = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
_DEFINING = (s.FunctionDef, s.ClassDef, s.Import, s.ImportFrom)


def listener_for(jobs: Sequence[Job]) -> tuple[Listener, Points] | None:
    """Who hears the calls of what the driven `jobs` call, and where draws are watched.

    None if nothing in the script can call any of it.
    """
    recorded = [_recorded(job) for job in jobs]
    wanted = [_wanted(job, tape) for job, tape in zip(jobs, recorded, strict=True)]
    if not _marks(jobs, wanted) & _mentioned(jobs[0].module.text):
        return None
    body = jobs[0].module.body
    drawn = {expr for tape in recorded if tape is not None for expr in tape.supplied}
    nodes = [n for n in descend(body) if isinstance(n, s.Call) and id(n) in drawn]
    module = frozenset().union(
        *(changed_names(one) for one in body if not isinstance(one, _DEFINING))
    )
    values = {node.span: number for number, node in enumerate(nodes)}
    points = Points(None, values, {}, {}, elsewhere=True, observer=NAME)
    return Listener(wanted, jobs[0].path, module, [id(n) for n in nodes]), points


def _recorded(job: Job) -> Tape | None:
    if isinstance(_drive(job), AutogradDrive):
        return None  # torch calls its two passes, with a context of its own
    recorder = Recorder(job.module, job.facts)  # type: ignore[arg-type]
    try:
        recorder.recorded()
    except Unplayable:
        return None
    return recorder.scribe.tape


def _marks(jobs: Sequence[Job], wanted: Sequence[Wanted]) -> set[str]:
    """The names of which a script mentions one, if it calls any of what is wanted."""
    pairs = [(_drive(job), one.names) for job, one in zip(jobs, wanted, strict=True) if one.names]
    lends = AutogradDrive | EngineDrive
    return {drive.owner if isinstance(drive, lends) else names[-1] for drive, names in pairs}


def _drive(job: Job) -> Drive:
    module = job.module
    assert isinstance(module, Driven)
    return module.drive


def _wanted(job: Job, tape: Tape | None) -> Wanted:
    """What a drive calls; nothing where it calls one function several times."""
    lender = _drive(job)
    if isinstance(lender, AutogradDrive) and lender.within is None:
        return Wanted(("forward",), lender.owner)
    if isinstance(lender, EngineDrive):
        return Wanted((lender.operator,), lender.owner)
    if tape is None:
        return Wanted((), None)
    calls = [e for e in tape.events if isinstance(e, Call) and not e.is_property]
    drive = _drive(job)
    names = tuple(call.name for call in calls if call.name in drive.covers)
    owner = getattr(drive, "owner", None)
    return Wanted(names if len(set(names)) == len(names) else (), owner)


def _mentioned(text: str) -> set[str]:
    """The names that a script reads, if it does more than define and import."""
    tree = ast.parse(text)
    if all(isinstance(one, _ONLY_DEFINES) for one in tree.body):
        return set()
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
