"""Offsets of a text as lines and columns (1-based), and back."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from gradlint.model import Span
from gradlint.textlines import split_lines


class Lines:
    """The lines of `text` as Python counts them, or, with `end`, as only that ends them."""

    def __init__(self, text: str, end: str | None = None) -> None:
        lines = split_lines(text) if end is None else text.split(end)
        extra = 0 if end is None else len(end)
        self.starts = [0, *accumulate(len(line) + extra for line in lines)]
        if len(self.starts) > 1 and not text.endswith(("\n", "\r")):
            self.starts.pop()
        self.length = len(text)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, at most the end of the text."""
        start = self.starts[min(max(line, 1), len(self.starts)) - 1]
        return min(start + column - 1, self.length)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int, cell: int | None = None) -> Span:
        """The span between two offsets."""
        return Span(*self.place(start), *self.place(end), cell=cell)
