"""From the text as it was analysed to the file as the user has it, and nothing else."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from gradlint.model import Edit, Span
from gradlint.reading.lines import Lines
from gradlint.reading.rewriting import Rewriting


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell in the analysed text, which begins there at `start`.

    `chain` are the rewritings from the user's text to the analysed one, first to last; the user's
    begins at `offset` in the text of cell `number`, or of the file.
    """

    start: int
    chain: tuple[Rewriting, ...]
    offset: int = 0
    number: int | None = None


def back(chain: tuple[Rewriting, ...], offset: int, is_end: bool = False) -> int:
    """The offset before all rewritings of one after them."""
    for rewriting in reversed(chain):
        offset = rewriting.back(offset, is_end)
    return offset


@dataclass(frozen=True)
class SourceMap:
    """Where the analysed text comes from; without pieces the two texts are the same."""

    text: str = ""
    pieces: tuple[Piece, ...] = ()
    sources: Mapping[int | None, str] = field(default_factory=dict)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    @cached_property
    def _source_lines(self) -> Mapping[int | None, Lines]:
        return {number: Lines(text) for number, text in self.sources.items()}

    def _piece(self, offset: int) -> Piece:
        starts = [piece.start for piece in self.pieces]
        return self.pieces[max(bisect_right(starts, offset) - 1, 0)]

    def span(self, span: Span) -> Span:
        """The user's span; one that runs over several cells ends with its first."""
        if not self.pieces:
            return span
        start = self._lines.offset(span.line, span.column)
        end = max(self._lines.offset(span.end_line, span.end_column), start)
        piece = self._piece(start)
        first = back(piece.chain, start - piece.start) + piece.offset
        last = back(piece.chain, max(end - piece.start, 0), is_end=True) + piece.offset
        lines = self._source_lines[piece.number]
        last = min(last, lines.length)
        return lines.span(min(first, last), last, piece.number)

    def line(self, line: int) -> tuple[int | None, int]:
        """The user's cell and line of an analysed line."""
        if not self.pieces:
            return None, line
        at = self.span(Span(line, 1, line, 1))
        return at.cell, at.line

    def edit(self, edit: Edit) -> Edit | None:
        """The edit in the user's file; None where it would take what was changed there apart."""
        if not self.pieces:
            return edit
        start = self._lines.offset(edit.span.line, edit.span.column)
        end = self._lines.offset(edit.span.end_line, edit.span.end_column)
        piece = self._piece(start)
        if self._piece(max(end - 1, start)) is not piece or self._splits(piece, start, end):
            return None
        if "\n" in edit.content and self._is_indented(piece):
            return None
        return replace(edit, span=self.span(edit.span))

    def _splits(self, piece: Piece, start: int, end: int) -> bool:
        places = [(start - piece.start, False), (end - piece.start, True)]
        for rewriting in reversed(piece.chain):
            if any(rewriting.splits(at) for at, _ in places):
                return True
            places = [(rewriting.back(at, is_end), is_end) for at, is_end in places]
        return False

    def _is_indented(self, piece: Piece) -> bool:
        """Whether the user's lines begin with what is no Python: a prompt, a Markdown list."""
        first = piece.chain[0] if piece.chain else None
        if first is None or not first.changes:
            return False
        begun = first.changes[0]
        return begun.content == "" and first.old[: begun.start].strip() == ""
