"""The user's own line with a caret line under the part in question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from gradlint.model import Span
from gradlint.textlines import source_line, split_lines

_TAB = 4
_MOST_LINES = 6
_CUT = "..."


@dataclass(frozen=True, slots=True)
class Marked:
    """One source line as it is shown, tabs expanded, and the caret line under it."""

    number: int
    text: str
    carets: str


def excerpt(text: str, span: Span, room: int) -> list[Marked]:
    """The lines of `span`, at most six, each cut to `room` columns around what is marked."""
    lines = split_lines(text)
    last = min(max(span.end_line, span.line), len(lines), span.line + _MOST_LINES - 1)
    shown = range(span.line, last + 1)
    return [_marked(n, source_line(lines, n), span, room) for n in shown]


def _marked(number: int, line: str, span: Span, room: int) -> Marked:
    indent = len(line) - len(line.lstrip())
    start = span.column - 1 if number == span.line else indent
    end = span.end_column - 1 if number == span.end_line else len(line.rstrip())
    start, end = max(start, 0), min(max(end, start + 1), max(len(line), start + 1))
    before, inside = _columns(line[:start]), _columns(line[start:end], line[:start])
    rest = _columns(line[end:], line[:end])
    before, inside, rest = _fitted(before, inside, rest, room)
    carets = " " * cell_len(before) + "^" * max(cell_len(inside), 1)
    return Marked(number, (before + inside + rest).rstrip(), carets)


def _columns(part: str, before: str = "") -> str:
    """`part` with tabs expanded as they fall behind `before`; control characters become `?`."""
    head = before.expandtabs(_TAB)
    expanded = (before + part).expandtabs(_TAB)[len(head) :]
    return "".join(_visible(expanded))


def _visible(text: str) -> Iterator[str]:
    return (c if c.isprintable() else "?" for c in text)


def _fitted(before: str, inside: str, rest: str, room: int) -> tuple[str, str, str]:
    """The parts cut so that they fit: first what follows, then what precedes, then the middle."""
    spare = room - cell_len(before) - cell_len(inside)
    if spare >= cell_len(rest):
        return before, inside, rest
    if spare < len(_CUT) and len(before) > room // 3:
        before = _CUT + before[-(room // 3 - len(_CUT)) :]
    inside = inside[: room - len(before) - len(_CUT)]
    spare = max(room - cell_len(before) - cell_len(inside) - len(_CUT), 0)
    return before, inside, rest[:spare] + _CUT
