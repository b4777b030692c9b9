"""Where the nodes of Python's own `ast` stand in the user's text."""

from __future__ import annotations

import ast
from typing import Any

from gradlint.model import Span
from gradlint.textlines import split_lines


class Places:
    """Where the nodes of an `ast` stand; `ast` counts columns in bytes of UTF-8, a user in signs."""

    def __init__(self, text: str) -> None:
        self.lines = split_lines(text)

    def column(self, line: int, offset: int) -> int:
        """The 1-based column of a byte offset."""
        text = self.lines[line - 1]
        if not text.isascii():
            offset = len(text.encode()[:offset].decode(errors="replace"))
        return offset + 1

    def span(self, node: Any, last: Any = None) -> Span:
        """From the start of `node` to the end of it, or of `last`."""
        end = node if last is None else last
        return Span(
            node.lineno, self.column(node.lineno, node.col_offset),
            end.end_lineno, self.column(end.end_lineno, end.end_col_offset),
        )  # fmt: skip

    def between(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text from one 1-based line and column to another."""
        lines = self.lines[start[0] - 1 : end[0]]
        lines[-1] = lines[-1][: end[1] - 1]
        lines[0] = lines[0][start[1] - 1 :]
        return "".join(lines)

    def inside(self, node: ast.Tuple) -> Span:
        """The span of a tuple without its own parentheses, which `ast` counts in."""
        around = self.span(node)
        text = self.between((around.line, around.column), (around.end_line, around.end_column))
        if not text.startswith("(") or (node.elts and not self._encloses(around, node.elts[0])):
            return around
        inner = text[1:-1].strip()
        start = _moved((around.line, around.column), text[: text.index(inner, 1)])
        return Span(*start, *_moved(start, inner))

    def _encloses(self, around: Span, first: ast.expr) -> bool:
        """Whether the parenthesis that a tuple starts with is its own, not its first element's."""
        part = self.span(first)
        before = self.between((around.line, around.column), (part.line, part.column))
        after = self.between((part.end_line, part.end_column), (around.end_line, around.end_column))
        return before.count("(") > after.partition(",")[0].count(")")


def _moved(start: tuple[int, int], text: str) -> tuple[int, int]:
    """The line and column that `text` ends at if it begins at `start`."""
    lines = split_lines(text) or [""]
    if text.endswith(("\n", "\r")):
        return start[0] + len(lines), 1
    ahead = start[1] if len(lines) == 1 else 1
    return start[0] + len(lines) - 1, ahead + len(lines[-1])
