"""How often each code was found, most often first; in place of a report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from gradlint.model import FileReport
from gradlint.settings import OutputFormat


@dataclass(frozen=True, slots=True)
class Line:
    """A code, how often it was found, and how often with a fix that is verified."""

    code: str
    name: str
    count: int
    fixable: int


def render(reports: Iterable[FileReport], output: OutputFormat) -> Iterator[str]:
    """One line for each code, or a list of them where the output is JSON."""
    lines = counted(reports)
    if output == "json":
        yield json.dumps([asdict(line) for line in lines], indent=2) + "\n"
        return
    width = len(str(max((line.count for line in lines), default=0)))
    for line in lines:
        fixable = f"  ({line.fixable} fixable)" if line.fixable else ""
        yield f"{line.count:>{width}}  {line.code}  {line.name}{fixable}\n"


def counted(reports: Iterable[FileReport]) -> list[Line]:
    """The codes by falling number, those of one number in their own order."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    fixable: Counter[str] = Counter()
    for report in reports:
        for finding in report.findings:
            names[finding.code] = finding.name
            counts[finding.code] += 1
            fixable[finding.code] += bool(finding.fix and finding.fix.verified)
    codes = sorted(counts, key=lambda code: (-counts[code], code))
    return [Line(code, names[code], counts[code], fixable[code]) for code in codes]
