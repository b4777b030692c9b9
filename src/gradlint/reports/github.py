"""Workflow commands of GitHub Actions: findings become annotations of the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gradlint.model import FileReport, Finding, Severity, Verdict
from gradlint.reports.counts import Counts
from gradlint.reports.locations import location_of, shown_path
from gradlint.reports.look import Look
from gradlint.reports.plain import title, told

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(reports: Iterable[FileReport], look: Look) -> Iterator[str]:
    """One command for each finding and each file that could not be judged, then the counts."""
    counts = Counts()
    for report in reports:
        counts.add(report)
        yield "".join(f"{line}\n" for line in _lines(report, look))
    if not look.quiet:
        yield counts.sentence() + "\n"


def _lines(report: FileReport, look: Look) -> Iterator[str]:
    yield from (_annotation(report, finding) for finding in report.findings)
    if report.verdict is Verdict.UNVERIFIED and report.reason and not look.quiet:
        where = {"file": shown_path(report.path), "title": "gradlint: unverified"}
        yield _command("notice", where, report.reason)


def _annotation(report: FileReport, finding: Finding) -> str:
    at = location_of(report, finding.span)
    where: dict[str, str | int] = {
        "file": at.path,
        "line": at.line,
        "endLine": at.end_line,
        "col": at.column,
    }
    if at.line == at.end_line:
        where["endColumn"] = max(at.end_column - 1, at.column)
    where["title"] = title(finding)
    return _command(_COMMANDS[finding.severity], where, told(finding))


def _command(name: str, properties: Mapping[str, str | int], message: str) -> str:
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
