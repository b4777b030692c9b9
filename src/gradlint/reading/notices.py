"""What is to be said of a text before it is analysed, in the user's own positions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from gradlint.model import Edit, Finding, Fix, Severity, Span
from gradlint.reading.lines import Lines
from gradlint.reading.removed_names import Removed
from gradlint.reading.rewriting import Change, Rewriting
from gradlint.reading.sourcemap import back
from gradlint.reading.typography import Oddity

REPAIRED = "it says what gradlint read"
"""The grounds on which a fix of the text itself is trusted."""


class Teller:
    """Makes findings of what was noticed in a cell at one stage of its reading."""

    def __init__(self, source: str, offset: int, cell: int | None) -> None:
        self.lines, self.source = Lines(source), source
        self.offset, self.cell = offset, cell
        self.chain: tuple[Rewriting, ...] = ()

    def span(self, start: int, end: int) -> Span:
        """The user's span of a stretch of the text after the chain."""
        first = back(self.chain, start) + self.offset
        last = max(back(self.chain, end, is_end=True) + self.offset, first)
        return self.lines.span(first, last, self.cell)

    def _edit(self, change: Change) -> Edit:
        return Edit(self.span(change.start, change.end), change.content)

    def oddities(self, found: Iterable[Oddity]) -> Iterator[Finding]:
        """One GL003 for all characters of a kind on a line."""
        edits = [(one, self._edit(one.change)) for one in found]
        for (_, name), listed in groupby(edits, key=lambda pair: (pair[1].span.line, pair[0].name)):
            yield self._oddity(name, [edit for _, edit in listed])

    def _oddity(self, name: str, edits: list[Edit]) -> Finding:
        first = edits[0]
        at = Span(*_start(first.span), *_end(edits[-1].span), cell=self.cell)
        written = " ".join(dict.fromkeys(self._shown(edit.span) for edit in edits))
        meant = " and ".join(dict.fromkeys(_spelt(edit.content) for edit in edits))
        message = (
            f"the {name} {written} stands in the code, where Python refuses it: it is read as {meant}."
            if len(edits) == 1
            else f"{len(edits)} {name}s ({written}) stand in the code of this line, where Python "
            f"refuses them: they are read as {meant}."
        )
        fix = Fix(f"write {meant}", tuple(edits), verified=True, grounds=REPAIRED)
        return Finding("GL003", "typographic-character", Severity.WARNING, at, message, fix=fix,
                       confirmed_by=())  # fmt: skip

    def _shown(self, span: Span) -> str:
        start = self.lines.offset(span.line, span.column)
        sign = self.source[start : self.lines.offset(span.end_line, span.end_column)]
        return sign if sign.isprintable() and sign.strip() else f"U+{ord(sign[:1] or ' '):04X}"

    def tabs(self, start: int, end: int, width: int, changes: Iterable[Change]) -> Finding:
        """GL003 for tabs and blanks that do not indent alike."""
        message = (
            "tabs and spaces indent this block in turns, which Python 3 refuses; a tab is read as "
            f"a step to the next multiple of {width}."
        )
        edits = tuple(self._edit(change) for change in changes)
        fix = Fix("indent with spaces", edits, verified=True, grounds=REPAIRED)
        return Finding("GL003", "typographic-character", Severity.WARNING, self.span(start, end),
                       message, fix=fix, confirmed_by=())  # fmt: skip

    def magic(self, start: int, end: int) -> Finding:
        """GL007 for what only IPython reads, in a script."""
        written = self.source[self.offset :][slice(*(back(self.chain, at) for at in (start, end)))]
        message = (
            f"`{written.strip()}` is for IPython; Python refuses it in a script. It is passed over."
        )
        return Finding("GL007", "ipython-syntax", Severity.NOTE, self.span(start, end), message,
                       help="leave the line out of a script, or run it with ipython",
                       confirmed_by=())  # fmt: skip

    def python2(self, start: int, end: int, written: str, floors: bool) -> Finding:
        """GL004 at the first sign of Python 2; `floors` if `/` between integers is that of Python 2."""
        message = (
            f"`{written}` is Python 2, which Python 3 refuses; gradlint reads it as Python 2"
            + (", where `/` between two integers drops the remainder." if floors else ".")
        )
        return Finding("GL004", "python-2", Severity.NOTE, self.span(start, end), message,
                       confirmed_by=())  # fmt: skip

    def removed(self, found: Removed) -> Finding:
        """GL005 for a name that numpy no longer has."""
        first = found.changes[0]
        message = (
            f"{found.written} was removed in NumPy {found.since}; it is read as {found.instead}."
        )
        edits = tuple(self._edit(change) for change in found.changes)
        fix = Fix(f"write {found.instead}", edits, verified=True, grounds=REPAIRED)
        return Finding("GL005", "removed-name", Severity.NOTE, self.span(first.start, first.end),
                       message, fix=fix, confirmed_by=())  # fmt: skip

    def broken(self, start: int, end: int, message: str) -> Finding:
        """GL006 for a cell that is left out; prose often shows Python that is not whole."""
        what, severity = ("cell", Severity.WARNING) if self.cell else ("block", Severity.NOTE)
        words = f"this {what} is not valid Python and is left out: {message}."
        return Finding("GL006", "unreadable-cell", severity, self.span(start, end), words,
                       confirmed_by=())  # fmt: skip


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column


def _spelt(content: str) -> str:
    return {"": "nothing", " ": "a space", "\n": "a line end", "`": "` ` `"}.get(
        content, f"`{content}`"
    )
