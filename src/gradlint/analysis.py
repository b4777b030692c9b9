"""The road of one script: text, module, trace, claims, judgement, repairs, findings, run, report."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from gradlint.judging import Case, Judgement, choose, walk_case
from gradlint.model import FileReport, Finding, Run, Severity, Verdict
from gradlint.reading import UnreadableSyntax, read_module
from gradlint.repair import search
from gradlint.rules import findings_for, gradient_rows, outcome
from gradlint.rules.naming import NAMES
from gradlint.rules.subject import Subject
from gradlint.settings import CheckOptions
from gradlint.tracing import Exploration, explore

if TYPE_CHECKING:
    from gradlint.harness import Child
    from gradlint.reading.syntax import Module


def analyse(text: str, path: str, options: CheckOptions) -> FileReport:
    """Analyse a script and, where `options.run` says so, run it and let autograd confirm.

    The child that will run the script starts to import torch before the analysis begins.
    """
    with _child(options) as child:
        try:
            module = read_module(text, path)
        except UnreadableSyntax as error:
            return _unreadable(path, text, error)
        return _road(module, child)


def _child(options: CheckOptions) -> Child | nullcontext[None]:
    if not options.run:
        return nullcontext()
    from gradlint.harness import start

    return start(options)


def _road(module: Module, child: Child | None) -> FileReport:
    explored = explore(module)
    case = walk_case(module, explored.facts)
    judgement, judged = choose(case) if case.claims else (None, [])
    if child is not None and judgement is not None:
        child.submit(case, judgement.spec)
    found = report(_examined(explored, case, judgement, judged))
    if child is None:
        return found
    from gradlint.confirming import confirmed, unconfirmed

    return unconfirmed(found) if judgement is None else confirmed(found, child.result())


def examine(module: Module) -> Subject:
    """Everything that the static analysis finds out about a module."""
    explored = explore(module)
    case = walk_case(module, explored.facts)
    judgement, judged = choose(case) if case.claims else (None, [])
    return _examined(explored, case, judgement, judged)


def _examined(
    explored: Exploration, case: Case, judgement: Judgement | None, judged: list[Judgement]
) -> Subject:
    wrong = judgement is not None and not judgement.consistent and case.trace.stopped is None
    repairs = search(case, judgement) if wrong and judgement is not None else []
    return Subject(case.module, explored, case, judgement, judged, repairs)


def report(subject: Subject) -> FileReport:
    """The report of what was found out statically."""
    findings = findings_for(subject)
    decided = outcome(subject, findings)
    return FileReport(
        subject.module.path, decided.verdict, decided.reason, gradient_rows(subject), findings,
        Run(), subject.module.text,
    )  # fmt: skip


def _unreadable(path: str, text: str, error: UnreadableSyntax) -> FileReport:
    finding = Finding(
        "GL001", NAMES["GL001"], Severity.ERROR, error.span,
        f"the file is not valid Python: {error.message}", confirmed_by=(),
    )  # fmt: skip
    return FileReport(path, Verdict.UNREADABLE, error.message, findings=(finding,), text=text)
