"""The report for a person at a terminal: each finding explained, each gradient in a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import dedent

from rich.text import Text

from gradlint.model import FileReport, Finding, Fix, Gradient, OwnCall, Run, Severity, Verdict
from gradlint.patching import by_text, changed_lines
from gradlint.reports.counts import Counts, plural, spoken
from gradlint.reports.excerpt import excerpt
from gradlint.reports.look import Look
from gradlint.reports.page import INDENT, Page, prose
from gradlint.reports.places import place_of
from gradlint.reports.quiet import is_uneventful, told_elsewhere
from gradlint.reports.table import print_gradients

_SEVERITY = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.NOTE: "bold cyan",
}
_VERDICT = {
    Verdict.WRONG: "bold red",
    Verdict.SUSPECT: "bold yellow",
    Verdict.CORRECT: "bold green",
    Verdict.UNVERIFIED: "bold yellow",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.UNREADABLE: "bold red",
}
_CHANGE = {"-": "red", "+": "green", " ": "dim"}
_WITNESS = {
    "static": "static analysis",
    "finite-difference": "finite differences",
    "run": "the run",
}


def render(reports: Iterable[FileReport], look: Look) -> Iterator[str]:
    """The report of each file as soon as it is there, then one line with the counts of all."""
    page, counts = Page(look), Counts()
    uneventful = None
    for report in reports:
        counts.add(report)
        if is_uneventful(report):
            uneventful = report
        elif not told_elsewhere(report):
            _print_file(page, report)
            yield page.take()
    if uneventful and counts.files == 1 and not look.quiet:
        _print_verdict(page, uneventful)
    if not look.quiet:
        page.line((counts.sentence(), "bold"))
    yield page.take()


def _print_file(page: Page, report: FileReport) -> None:
    for finding in report.findings:
        _print_finding(page, report, finding)
        page.line()
    if page.look.quiet:
        return
    if report.gradients:
        _print_title(page, report.path, report.gradients)
        print_gradients(page, report.gradients)
        page.line()
    _print_run(page, report.run)
    _print_verdict(page, report)
    page.line()


def _print_finding(page: Page, report: FileReport, finding: Finding) -> None:
    style = _SEVERITY[finding.severity]
    place = place_of(report, finding.span)
    name = f" {finding.name} "
    page.line((place, "bold"), " ", (finding.code, style), name, (finding.severity.value, style))
    page.paragraph(finding.message)
    text = report.text_of(finding.span)
    _print_excerpt(page, text, finding, style)
    if finding.expected or finding.fix or finding.help or finding.confirmed_by:
        page.line()
    _print_advice(page, report, finding)


def _print_advice(page: Page, report: FileReport, finding: Finding) -> None:
    if finding.expected:
        page.labelled("expected", Text(finding.expected, "green"))
    if finding.fix:
        _print_fix(page, report, finding.fix)
    if finding.help:
        page.labelled("help", prose(finding.help))
    if finding.confirmed_by:
        witnesses = ", ".join(_WITNESS.get(witness, witness) for witness in finding.confirmed_by)
        page.labelled("confirmed", Text(f"by {witnesses}"))


def _print_excerpt(page: Page, text: str, finding: Finding, style: str) -> None:
    gutter = len(str(finding.span.end_line)) + INDENT
    lines = excerpt(text, finding.span, page.look.width - gutter - 3)
    if lines:
        page.line()
    for line in lines:
        page.line((f"{line.number:>{gutter}} {page.look.bar} ", "dim"), line.text)
        page.line((f"{'':>{gutter}} {page.look.bar} ", "dim"), (line.carets, style))


def _print_fix(page: Page, report: FileReport, fix: Fix) -> None:
    page.labelled("fix", prose(f"{fix.message} ({_trust(fix)})"))
    try:
        changes = [
            line
            for span, edits in by_text(fix.edits)
            for line in changed_lines(report.text_of(span), edits)
        ]
    except ValueError:
        return
    shown = dedent("\n".join(line[1:].expandtabs(4).rstrip() for line in changes)).split("\n")
    for line, text in zip(changes, shown, strict=True):
        page.after_label((f"{line[0]} {text}", _CHANGE[line[0]]))


def _trust(fix: Fix) -> str:
    grounds = fix.grounds or "every gradient is right with it"
    return f"verified: {grounds}" if fix.verified else "not verified"


def _print_title(page: Page, path: str, gradients: Sequence[Gradient]) -> None:
    losses = list(dict.fromkeys(g.loss for g in gradients if g.loss))
    of = f" of `{losses[0]}`" if len(losses) == 1 else ""
    page.hanging(Text.assemble((path, "bold"), f": gradients{of}"), 0)


def _own_calls(calls: Sequence[OwnCall]) -> str:
    """Which calls of the script's own were held: `f at the arguments of line 3 and line 7`."""
    by: dict[str, list[str]] = {}
    for call in calls:
        where = "" if call.line is None else f"line {call.line}"
        where += "" if call.cell is None else f" of cell {call.cell}"
        by.setdefault(call.name, []).append(where or "the script")
    told = (
        f"{name} at the arguments of {' and '.join(dict.fromkeys(w))}" for name, w in by.items()
    )
    return ", ".join(told)


def _print_run(page: Page, run: Run) -> None:
    if run.status == "not-run" and not run.detail:
        return
    words = run.status.replace("-", " ")
    if run.status == "timeout":
        words = "stopped at the time limit"
    if run.device and run.status != "not-run":
        words += f" on {run.device}"
    if run.iterations:
        words += f", {plural(run.iterations, 'iteration')}"
    if run.called:
        words += f", {run.called} called with made inputs"
    if run.own:
        words += f", {_own_calls(run.own)}"
    page.labelled("run", prose(words + (f"; {run.detail}" if run.detail else "")))


def _print_verdict(page: Page, report: FileReport) -> None:
    body = Text.assemble((f"{report.path}: ", "bold"))
    body.append(spoken(report.verdict), _VERDICT[report.verdict])
    why = _why(report)
    if why:
        body.append(" - ").append_text(prose(why))
    page.hanging(body, 0)


def _why(report: FileReport) -> str:
    """What the verdict rests on: the reason that the analysis gave, or counts."""
    found = Counts()
    found.add(report)
    counted = [plural(found.findings[s], s.value) for s in Severity if found.findings[s]]
    if report.verdict is Verdict.CORRECT:
        counted.append(f"{plural(len(report.gradients), 'gradient')} checked")
    if report.verdict is Verdict.NOT_APPLICABLE and not report.reason:
        return "no gradient is written by hand here"
    listed = ", ".join(reversed(counted))
    return "; ".join(part for part in (listed, report.reason) if part)
