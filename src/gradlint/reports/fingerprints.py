"""Fingerprints of findings: they stay while lines above are added and taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gradlint.model import FileReport, Finding
from gradlint.reports.locations import shown_path
from gradlint.textlines import source_line, split_lines


def fingerprinted(report: FileReport) -> Iterator[tuple[Finding, str]]:
    """Each finding with a hash of its path, code, source line, and how many were alike before it."""
    import hashlib

    seen: Counter[tuple[str, ...]] = Counter()
    for finding in report.findings:
        line = source_line(split_lines(report.text_of(finding.span)), finding.span.line)
        same = shown_path(report.path_of(finding.span)), finding.code, " ".join(line.split())
        seen[same] += 1
        parts = (*same, str(seen[same]))
        yield finding, hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
