"""Comments by which a user silences findings.

`# gradlint: ignore` and `# gradlint: ignore[GL101, GL2]` silence the line that they stand on, and
so does `# noqa: GL101`; `# gradlint: skip-file` silences the file. A prefix stands for its family.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gradlint.model import Finding
from gradlint.reading.documents import Document
from gradlint.reading.lines import Lines
from gradlint.reading.scanning import COMMENT, scan

_IGNORE = re.compile(r"#\s*gradlint:\s*ignore\b(?:\s*\[([^\]]*)\])?", re.IGNORECASE)
_SKIP = re.compile(r"#\s*gradlint:\s*skip-file\b", re.IGNORECASE)
_NOQA = re.compile(r"#\s*noqa\s*:\s*([A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*)", re.IGNORECASE)
_MENTIONS = re.compile(r"gradlint:|noqa", re.IGNORECASE)

EVERYTHING = ""
"""The prefix of every code."""


Place = tuple[int | None, int]
"""A notebook's cell, or None, and a 1-based line."""


@dataclass(frozen=True, slots=True)
class Suppressions:
    """What a file silences: prefixes of codes by place, and the line where it says skip-file."""

    codes: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    skip_line: int | None = None

    def silence(self, finding: Finding) -> bool:
        """Whether a comment on one of the finding's lines names its code or family."""
        if self.skip_line is not None:
            return True
        cell = finding.span.cell
        lines = range(finding.span.line, finding.span.end_line + 1)
        return any(finding.code.startswith(self.codes.get((cell, line), ())) for line in lines)


def suppressions_of(document: Document) -> Suppressions:
    """The suppressions in all the code of a file, wherever it stands in it."""
    if not _MENTIONS.search(document.text):
        return Suppressions()
    codes: dict[Place, tuple[str, ...]] = {}
    skip_line = None
    for cell in document.cells:
        above = 0 if cell.number is not None else Lines(document.text).place(cell.offset)[0] - 1
        found = find_suppressions(cell.code.new)
        codes |= {(cell.number, line + above): said for (_, line), said in found.codes.items()}
        if skip_line is None and found.skip_line is not None:
            skip_line = found.skip_line + above
    return Suppressions(codes, skip_line)


def find_suppressions(text: str) -> Suppressions:
    """The suppressions in the comments of `text`; a string that looks like one does not count."""
    if not _MENTIONS.search(text):
        return Suppressions()
    codes: dict[Place, tuple[str, ...]] = {}
    skip_line = None
    for line, comment in _comments(text):
        prefixes = tuple(_prefixes(comment))
        if prefixes:
            codes[None, line] = prefixes
        if skip_line is None and _SKIP.search(comment):
            skip_line = line
    return Suppressions(codes, skip_line)


def _prefixes(comment: str) -> Iterator[str]:
    for match in _IGNORE.finditer(comment):
        listed = match.group(1)
        yield from [EVERYTHING] if listed is None else _codes(listed)
    for match in _NOQA.finditer(comment):
        yield from _codes(match.group(1))


def _codes(listed: str) -> list[str]:
    return [code.upper() for code in re.split(r"[\s,]+", listed) if code]


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Each comment with its 1-based line."""
    lines = Lines(text)
    for part in scan(text):
        if part.kind == COMMENT:
            yield lines.place(part.start)[0], text[part.start : part.end]
