"""From a place in a cell of a notebook to the place in the file, where the cell is written as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradlint.reading.lines import Lines
from gradlint.reading.notebooks import CodeCell, code_cells
from gradlint.textlines import split_lines

_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\"\\]"
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def place_in_file(text: str, number: int, line: int, column: int) -> tuple[int, int]:
    """Line and column in the file of a place in the cell `number`; (1, 1) if it has no such cell."""
    cell = next((cell for cell in code_cells(text) if cell.number == number), None)
    if cell is None:
        return 1, 1
    before = split_lines(cell.source)[: line - 1]
    return Lines(text).place(_offset(text, cell, sum(map(len, before)) + column - 1))


def _offset(text: str, cell: CodeCell, index: int) -> int:
    """Where the character `index` of the cell's source stands in the file; its end if it has fewer."""
    places = list(_characters(text, cell))
    if index < len(places):
        return places[index][0]
    return places[-1][1] if places else cell.start


def _characters(text: str, cell: CodeCell) -> Iterator[tuple[int, int]]:
    """Start and end in the file of each character of the source, as it is escaped there."""
    for string in _STRING.finditer(text, cell.start, cell.end):
        for character in _CHARACTER.finditer(text, *string.span(1)):
            yield character.span()
