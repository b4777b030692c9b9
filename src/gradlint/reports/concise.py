"""One line for each finding, as editors and other tools read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gradlint.model import FileReport, Finding, Verdict
from gradlint.reports.counts import Counts
from gradlint.reports.look import Look
from gradlint.reports.places import place_of
from gradlint.reports.quiet import told_elsewhere


def render(reports: Iterable[FileReport], look: Look) -> Iterator[str]:
    """`path:line:column: CODE message` for each finding, then one line with the counts."""
    counts = Counts()
    for report in reports:
        counts.add(report)
        if not told_elsewhere(report):
            yield "".join(f"{line}\n" for line in _lines(report, look.quiet))
    if not look.quiet:
        yield counts.sentence() + "\n"


def _lines(report: FileReport, quiet: bool) -> Iterator[str]:
    yield from (_line(report, finding) for finding in report.findings)
    if report.verdict is Verdict.UNVERIFIED and report.reason and not quiet:
        yield f"{report.path}: unverified: {_one_line(report.reason)}"


def _line(report: FileReport, finding: Finding) -> str:
    return f"{place_of(report, finding.span)}: {finding.code} {_one_line(finding.message)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
