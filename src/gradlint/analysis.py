"""The road of one script: text, module, trace, claims, judgement, repairs, findings, run, report."""

from __future__ import annotations

from gradlint.judging import choose, walk_case
from gradlint.model import FileReport, Finding, Severity, Verdict
from gradlint.reading import UnreadableSyntax, read_module
from gradlint.reading.syntax import Module
from gradlint.repair import search
from gradlint.rules import findings_for, gradient_rows, outcome
from gradlint.rules.naming import NAMES
from gradlint.rules.subject import Subject
from gradlint.settings import CheckOptions
from gradlint.tracing import explore


def analyse(text: str, path: str, options: CheckOptions) -> FileReport:
    """Analyse a script and, where `options.run` says so, run it and let autograd confirm."""
    try:
        module = read_module(text, path)
    except UnreadableSyntax as error:
        return _unreadable(path, text, error)
    return report(examine(module))


def examine(module: Module) -> Subject:
    """Everything that the static analysis finds out about a module."""
    explored = explore(module)
    case = walk_case(module, explored.facts)
    if not case.claims:
        return Subject(module, explored, case, None, [])
    judgement, judged = choose(case)
    repairs = []
    if judgement is not None and not judgement.consistent and _worth_a_search(case.trace.stopped):
        repairs = search(case, judgement)
    return Subject(module, explored, case, judgement, judged, repairs)


def _worth_a_search(stopped: object) -> bool:
    return stopped is None


def report(subject: Subject) -> FileReport:
    """The report of what was found out statically."""
    findings = findings_for(subject)
    decided = outcome(subject, findings)
    return FileReport(
        subject.module.path, decided.verdict, decided.reason, gradient_rows(subject), findings,
        text=subject.module.text,
    )  # fmt: skip


def _unreadable(path: str, text: str, error: UnreadableSyntax) -> FileReport:
    finding = Finding(
        "GL001", NAMES["GL001"], Severity.ERROR, error.span,
        f"the file is not valid Python: {error.message}", confirmed_by=(),
    )  # fmt: skip
    return FileReport(path, Verdict.UNREADABLE, error.message, findings=(finding,), text=text)
