"""Counts over all files, and the sentence that ends a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gradlint.model import FileReport, Severity, Verdict


@dataclass(slots=True)
class Counts:
    """How many files there were of each verdict and findings of each severity."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    findings: Counter[Severity] = field(default_factory=Counter)

    def add(self, report: FileReport) -> None:
        """Count one more file."""
        self.verdicts[report.verdict] += 1
        self.findings.update(finding.severity for finding in report.findings)

    @property
    def files(self) -> int:
        """How many files were counted."""
        return self.verdicts.total()

    def sentence(self) -> str:
        """For example `3 files: 1 wrong, 2 correct; 1 error, 0 warnings`."""
        verdicts = ", ".join(
            f"{n} {spoken(verdict)}" for verdict in Verdict if (n := self.verdicts[verdict])
        )
        counted = [plural(self.findings[s], s.value) for s in (Severity.ERROR, Severity.WARNING)]
        if self.findings[Severity.NOTE]:
            counted.append(plural(self.findings[Severity.NOTE], "note"))
        return f"{plural(self.files, 'file')}: {verdicts or 'nothing'}; {', '.join(counted)}"


def count(reports: Iterable[FileReport]) -> Counts:
    """The counts of `reports`."""
    counts = Counts()
    for report in reports:
        counts.add(report)
    return counts


def plural(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def spoken(verdict: Verdict) -> str:
    """A verdict as words in a sentence."""
    return verdict.value.replace("-", " ")
