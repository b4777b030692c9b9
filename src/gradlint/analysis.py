"""The road of one script: text, module, trace, claims, judgement, repairs, findings, run, report."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from gradlint.calming import unsaturated
from gradlint.collecting import rarely
from gradlint.examining import driven
from gradlint.model import FileReport, Finding, Run, Severity, Span, Verdict
from gradlint.placing import placed
from gradlint.reading import Script, UnreadableSyntax, read_script
from gradlint.reading.neighbours import put
from gradlint.reading.syntax import FunctionDef
from gradlint.reading.walking import descend
from gradlint.repair import search_rivals
from gradlint.rules import Outcome, findings_for, gradient_rows, outcome, worst
from gradlint.rules.divisions import lost
from gradlint.rules.naming import NAMES
from gradlint.rules.subject import Subject
from gradlint.rules.training import with_training
from gradlint.rules.undefined import cannot_run
from gradlint.rules.unjudged import unjudged
from gradlint.settings import CheckOptions
from gradlint.sizing import at_own_sizes
from gradlint.supposing import likeliest
from gradlint.tracing import Driven, Exploration, explore
from gradlint.tracing.checkpoints import kept
from gradlint.training import trains_by_autograd
from gradlint.trainings import trained
from gradlint.unstepped import as_if_stepped

if TYPE_CHECKING:
    from gradlint.harness import Child, RunResult
    from gradlint.reading.syntax import Module


@rarely()
@kept()
def analyse(text: str, path: str, options: CheckOptions) -> FileReport:
    """Analyse a script and, where `options.run` says so, run it and let autograd confirm.

    The child that will run the script starts to import torch before the analysis begins.
    """
    with _child(options) as child:
        try:
            script = read_script(text, path)
        except UnreadableSyntax as error:
            return _unreadable(path, text, error)
        for other, instead in options.instead.items():
            put(script.module, other, instead)
        return placed(_road(script.module, child), script)


@rarely()
@kept()
def analysed(script: Script) -> FileReport:
    """The static report of a script that was read."""
    return placed(_road(script.module, None), script)


def _child(options: CheckOptions) -> Child | nullcontext[None]:
    if not options.run:
        return nullcontext()
    from gradlint.harness import start

    return start(options)


def _road(module: Module, child: Child | None) -> FileReport:
    examined = examine(module)
    confirmable = [one for one in examined if one.judgement is not None]
    watched = _submit(child, module, examined)
    found = report(*examined)
    if child is None:
        return found
    from gradlint.confirming import confirmed, unconfirmed

    if not confirmable and not watched:
        return unconfirmed(found)
    return with_training(confirmed(found, _result(child, module)), child.options.health.thresholds)


def _result(child: Child, module: Module) -> RunResult:
    """What the child says, with a bar that shows how far it is where that is wanted."""
    steps = child.options.health.steps
    if not child.options.progress or not steps:
        return child.result()
    from gradlint.reports.progress import bar

    with bar(os.path.basename(module.path), steps) as told:
        return child.result(told)


def _submit(child: Child | None, module: Module, examined: list[Subject]) -> bool:
    """Give the child what is to be confirmed, or else a training by autograd; whether it is that."""
    if child is None:
        return False
    if any(one.judgement is not None for one in examined):
        child.submit_all(examined)
        return False
    watched = child.options.health.steps > 0 and trains_by_autograd(module)
    if watched:
        child.submit_training(module)
    return watched


@rarely()
@kept()
def examine(module: Module) -> list[Subject]:
    """Everything that the static analysis finds out: a subject for each training loop, at least one."""
    with quiet():
        return [_searched(subject) for subject in numbered_subjects(module)]


def numbered_subjects(module: Module) -> list[Subject]:
    with quiet():
        explored = explore(module)
        found = _trainings(module, explored)
        trains = any(subject.case.claims for subject in found)
        found = as_if_stepped(module, explored.trace, _trainings) or found
        return _numbered([*found, *driven(module, explored.trace, trains)])


def _trainings(module: Module, explored: Exploration) -> list[Subject]:
    judge = partial(trained, module)
    found = at_own_sizes(module, explored, likeliest(explored, judge), judge)
    return unsaturated(explored, found, judge)


@contextmanager
def quiet() -> Iterator[None]:
    """Without numpy's warnings (of empty slices, say): they are about made-up values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _numbered(subjects: list[Subject]) -> list[Subject]:
    """The subjects with the numbers of their claims counted through."""
    counts = accumulate((len(one.case.claims) for one in subjects), initial=0)
    return [replace(one, first=first) for one, first in zip(subjects, counts, strict=False)]


def _searched(subject: Subject) -> Subject:
    """The subject with the repairs of what is wrong in it."""
    judgement = subject.judgement
    if judgement is None or judgement.explained or subject.case.trace.stopped is not None:
        return subject
    try:
        chosen, repairs = search_rivals(subject.case, judgement, subject.judged)
    except Exception:
        if not isinstance(subject.module, Driven):
            raise
        return subject  # judged, without a repair: the rest of the file is told as well
    return replace(subject, judgement=chosen, repairs=repairs)


def report(*subjects: Subject) -> FileReport:
    """The report of what was found out statically."""
    said = [findings_for(subject) for subject in subjects]
    unrunnable = cannot_run(subjects[0].module)
    findings = _once(f for found in (*said, unrunnable) for f in found)
    made = (lost(row, findings) for s in subjects for row in gradient_rows(s))
    rows = sorted(made, key=lambda row: (row.file, row.line))
    covered = _covered(subjects)
    decided = worst([
        *(outcome(s, found, covered) for s, found in zip(subjects, said, strict=True)),
        *(Outcome(Verdict.SUSPECT) for _ in unrunnable[:1]),
    ])  # fmt: skip
    module = subjects[0].module
    if decided.verdict is Verdict.CORRECT and not subjects[0].case.claims:
        ran = covered | _named(module, subjects[0].explored.trace.called)
        left = next(unjudged(module, ran, least=2), None)
        decided = decided if left is None else Outcome(Verdict.UNVERIFIED, left)
    return FileReport(
        module.path, decided.verdict, decided.reason, tuple(rows), tuple(findings), Run(), module.text,
        _other_texts(module, findings),
    )  # fmt: skip


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in order; of several of one code at one place, the first that has a fix."""
    found: dict[tuple[str, Span], Finding] = {}
    for finding in sorted(findings, key=lambda f: f.fix is None):
        found.setdefault((finding.code, finding.span), finding)
    return sorted(found.values(), key=lambda f: (f.span, f.code))


def _covered(subjects: Sequence[Subject]) -> set[str]:
    """The names of the functions that are judged: what a drive calls, and what that calls in turn."""
    found, called = set[str](), set[int]()
    for subject in subjects:
        if isinstance(subject.module, Driven):
            found |= subject.module.drive.covers
            called |= subject.case.trace.called if subject.judgement is not None else set()
    return found | _named(subjects[0].module, called)


def _named(module: Module, called: Set[int]) -> set[str]:
    """The names of the functions of a module that ran, by the identity of their statements."""
    defined = (node for node in descend(module.body) if isinstance(node, FunctionDef))
    return {node.name for node in defined if id(node) in called}


def _other_texts(module: Module, findings: list[Finding]) -> dict[str, str]:
    fixes = [finding.fix for finding in findings if finding.fix is not None]
    files = {finding.span.file for finding in findings}
    files |= {edit.span.file for fix in fixes for edit in fix.edits}
    return {file: module.text_of(file) for file in sorted(files) if file}


def _unreadable(path: str, text: str, error: UnreadableSyntax) -> FileReport:
    finding = Finding(
        "GL001", NAMES["GL001"], Severity.ERROR, error.span,
        f"the file is not valid Python: {error.message}", confirmed_by=(),
    )  # fmt: skip
    findings = sorted((finding, *error.notices), key=lambda f: (f.span.cell or 0, f.span, f.code))
    return FileReport(path, Verdict.UNREADABLE, error.message, findings=tuple(findings), text=text)
