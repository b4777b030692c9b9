"""What the reports for people leave out."""

from __future__ import annotations

from gradlint.model import FileReport, Verdict

UNREADABLE_FILE = "GL002"


def told_elsewhere(report: FileReport) -> bool:
    """Whether standard error already says all of it: the file could not be read."""
    return any(finding.code == UNREADABLE_FILE for finding in report.findings)


def is_uneventful(report: FileReport) -> bool:
    """Whether there is nothing to say of a file: no gradient, no finding, no reason."""
    return report.verdict is Verdict.NOT_APPLICABLE and not report.findings and not report.reason
