"""Comments by which a user silences findings.

`# gradlint: ignore` and `# gradlint: ignore[GL101, GL2]` silence the line that they stand on, and
so does `# noqa: GL101`; `# gradlint: skip-file` silences the file. A prefix stands for its family.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, replace

from gradlint.model import Finding, Span
from gradlint.reading.documents import Document
from gradlint.reading.lines import Lines
from gradlint.reading.scanning import COMMENT, scan

_IGNORE = re.compile(r"#\s*gradlint:\s*ignore\b(?:\s*\[([^\]]*)\])?", re.IGNORECASE)
_SKIP = re.compile(r"#\s*gradlint:\s*skip-file\b", re.IGNORECASE)
_NOQA = re.compile(r"#\s*noqa\s*:\s*([A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*)", re.IGNORECASE)
_LISTED = re.compile(r"[\s,]+")
_MENTIONS = re.compile(r"gradlint:|noqa", re.IGNORECASE)

EVERYTHING = ""
"""The prefix of every code."""


Place = tuple[int | None, int]
"""A notebook's cell, or None, and a 1-based line."""


@dataclass(frozen=True, slots=True)
class Said:
    """A comment that silences: the prefixes of codes that it names, its text, and where it stands.

    `span` is None where the text is an excerpt, whose columns are not the file's.
    """

    prefixes: tuple[str, ...]
    comment: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Suppressions:
    """What a file silences: what is said by place, and where it says skip-file."""

    said: dict[Place, Said] = field(default_factory=dict)
    skip: Place | None = None

    def silence(self, finding: Finding) -> bool:
        """Whether a comment on one of the finding's lines names its code or family."""
        return self.skip is not None or any(True for _ in self.silencers(finding))

    def silencers(self, finding: Finding) -> Iterator[tuple[Place, str]]:
        """The places and prefixes that silence `finding`."""
        for line in range(finding.span.line, finding.span.end_line + 1):
            place = finding.span.cell, line
            if place in self.said:
                fit = (p for p in self.said[place].prefixes if finding.code.startswith(p))
                yield from ((place, prefix) for prefix in fit)


def suppressions_of(document: Document) -> Suppressions:
    """The suppressions in all the code of a file, wherever it stands in it."""
    if not _MENTIONS.search(document.text):
        return Suppressions()
    said: dict[Place, Said] = {}
    skip: Place | None = None
    for cell in document.cells:
        above = 0 if cell.number is not None else Lines(document.text).place(cell.offset)[0] - 1
        found = find_suppressions(cell.code.new, cell.number, above)
        is_moved = bool(cell.code.changes)
        said |= {at: replace(s, span=None) if is_moved else s for at, s in found.said.items()}
        skip = found.skip if skip is None else skip
    return Suppressions(said, skip)


def find_suppressions(text: str, cell: int | None = None, above: int = 0) -> Suppressions:
    """The suppressions in the comments of `text`; a string that looks like one does not count.

    `cell` is its number in a notebook, `above` the number of lines above it in its file.
    """
    if not _MENTIONS.search(text):
        return Suppressions()
    said: dict[Place, Said] = {}
    skip: Place | None = None
    for span, comment in _comments(text, cell, above):
        prefixes = tuple(dict.fromkeys(_prefixes(comment)))
        if prefixes:
            said[cell, span.line] = Said(prefixes, comment, span)
        if skip is None and _SKIP.search(comment):
            skip = cell, span.line
    return Suppressions(said, skip)


def without(comment: str, prefixes: Container[str]) -> str:
    """`comment` without these prefixes, and without what then names none; empty if nothing is left."""

    def kept(match: re.Match[str], rest: Callable[[str], str]) -> str:
        listed = match.group(1)
        names = [EVERYTHING] if listed is None else [n for n in _LISTED.split(listed) if n]
        stay = [name for name in names if name.upper() not in prefixes]
        return match.group() if len(stay) == len(names) else rest(", ".join(stay)) if stay else ""

    left = _IGNORE.sub(lambda m: kept(m, lambda names: f"# gradlint: ignore[{names}]"), comment)
    left = _NOQA.sub(lambda m: kept(m, lambda names: f"# noqa: {names}"), left).strip()
    return left if left.startswith("#") or not left else f"# {left}"


def _prefixes(comment: str) -> Iterator[str]:
    for match in _IGNORE.finditer(comment):
        listed = match.group(1)
        yield from [EVERYTHING] if listed is None else _codes(listed)
    for match in _NOQA.finditer(comment):
        yield from _codes(match.group(1))


def _codes(listed: str) -> list[str]:
    return [code.upper() for code in _LISTED.split(listed) if code]


def _comments(text: str, cell: int | None, above: int) -> Iterator[tuple[Span, str]]:
    """Each comment with where it stands."""
    lines = Lines(text)
    for part in scan(text):
        if part.kind == COMMENT:
            comment = text[part.start : part.end]
            line, column = lines.place(part.start)
            line += above
            yield Span(line, column, line, column + len(comment), cell=cell), comment
