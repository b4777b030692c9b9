"""Comments by which a user silences findings.

`# gradlint: ignore` and `# gradlint: ignore[GL101, GL2]` silence the line that they stand on, and
so does `# noqa: GL101`; `# gradlint: skip-file` silences the file. A prefix stands for its family.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field

from gradlint.model import Finding

_IGNORE = re.compile(r"#\s*gradlint:\s*ignore\b(?:\s*\[([^\]]*)\])?", re.IGNORECASE)
_SKIP = re.compile(r"#\s*gradlint:\s*skip-file\b", re.IGNORECASE)
_NOQA = re.compile(r"#\s*noqa\s*:\s*([A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*)", re.IGNORECASE)
_MENTIONS = re.compile(r"gradlint:|noqa", re.IGNORECASE)

EVERYTHING = ""
"""The prefix of every code."""


@dataclass(frozen=True, slots=True)
class Suppressions:
    """What a file silences: prefixes of codes by 1-based line, and where it says skip-file."""

    codes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    skip_line: int | None = None

    def silence(self, finding: Finding) -> bool:
        """Whether a comment on one of the finding's lines names its code or family."""
        if self.skip_line is not None:
            return True
        lines = range(finding.span.line, finding.span.end_line + 1)
        return any(finding.code.startswith(self.codes.get(line, ())) for line in lines)


def find_suppressions(text: str) -> Suppressions:
    """The suppressions in the comments of `text`; a string that looks like one does not count."""
    if not _MENTIONS.search(text):
        return Suppressions()
    codes: dict[int, tuple[str, ...]] = {}
    skip_line = None
    for line, comment in _comments(text):
        prefixes = tuple(_prefixes(comment))
        if prefixes:
            codes[line] = prefixes
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
    """Each comment with its 1-based line, up to the place where the text stops being Python."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return
