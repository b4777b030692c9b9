"""The code quality report of GitLab: findings by fingerprint, shown in merge requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from gradlint.model import FileReport, Finding, Severity
from gradlint.reports.fingerprints import fingerprinted
from gradlint.reports.locations import location_of
from gradlint.reports.look import Look
from gradlint.reports.plain import told

_SEVERITY = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(reports: Iterable[FileReport], look: Look) -> Iterator[str]:
    """One list of all findings, once every file is there."""
    issues = [
        _issue(report, finding, fingerprint)
        for report in reports
        for finding, fingerprint in fingerprinted(report)
    ]
    yield json.dumps(issues, indent=2, ensure_ascii=not look.unicode) + "\n"


def _issue(report: FileReport, finding: Finding, fingerprint: str) -> dict[str, Any]:
    at = location_of(report, finding.span)
    return {
        "description": f"{finding.code} {finding.name}: {' '.join(told(finding).split())}",
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITY[finding.severity],
        "location": {"path": at.path, "lines": {"begin": at.line, "end": at.end_line}},
    }
