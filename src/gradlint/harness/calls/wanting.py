"""Which calls are worth hearing: of what is driven, where the script does more than define it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gradlint.driving.contexts import AutogradDrive
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
    wanted = [Wanted((), None) if tape is None else _wanted(job, tape) for job, tape in
              zip(jobs, recorded, strict=True)]  # fmt: skip
    last = {one.names[-1] for one in wanted if one.names}
    if not last & _mentioned(jobs[0].module.text):
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
    module = job.module
    assert isinstance(module, Driven)
    if isinstance(module.drive, AutogradDrive):
        return None  # torch calls its two passes, with a context of its own
    recorder = Recorder(module, job.facts)
    try:
        recorder.recorded()
    except Unplayable:
        return None
    return recorder.scribe.tape


def _wanted(job: Job, tape: Tape) -> Wanted:
    """What a drive calls; nothing where it calls one function several times."""
    calls = [e for e in tape.events if isinstance(e, Call) and not e.is_property]
    drive: Drive = job.module.drive  # type: ignore[attr-defined]
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
