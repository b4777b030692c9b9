"""Text files that are not there: lines of numbers between separators, whatever the script takes for one.

The numbers of a file are a made input of rank 2; a line is a text that can be split, a field a text that can
be made a number. As texts, and as whole numbers, fields are classes: "0" or "1".
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from gradlint.tracing.values import Traced

if TYPE_CHECKING:
    from gradlint.tracing.machine import Machine

_CLASSES = 2


class Unsplit(str):
    """A text that stays what it is however it is trimmed or decoded."""

    def _itself(self, *args: Any, **kwargs: Any) -> Any:
        return self

    strip = rstrip = lstrip = replace = lower = upper = encode = decode = _itself


class Field(Unsplit):
    """An entry of a line: the number `column` of the traced `row`."""

    row: Traced
    column: int

    @staticmethod
    def of(row: Traced, column: int) -> Field:
        kind = zlib.crc32(f"{row.id} {column}".encode()) >> 8
        made = Field(kind % _CLASSES)
        made.row, made.column = row, column
        return made


class Fields(list[Any]):
    """The entries of a line. A list, since people change them one by one."""

    row: Traced

    @staticmethod
    def of(row: Traced) -> Fields:
        made = Fields(Field.of(row, i) for i in range(row.shape[0]))
        made.row = row
        return made


class Line(Unsplit):
    """A line of a file."""

    row: Traced

    @staticmethod
    def of(row: Traced) -> Line:
        made = Line(",".join(Fields.of(row)) + "\n")
        made.row = row
        return made

    def split(self, *args: Any, **kwargs: Any) -> Any:
        return Fields.of(self.row)


def number(m: Machine, field: Field) -> Any:
    """The number that a field is."""
    return _part(m, field.row, field.column)


def as_numbers(m: Machine, value: Any) -> Any:
    """`value` with numbers in the place of fields; neighbours in a row are a part of that row."""
    if isinstance(value, Line):
        return value.row
    if isinstance(value, Field):
        return number(m, value)
    if not isinstance(value, list | tuple):
        return value
    row = getattr(value[0], "row", None) if value else None
    if row is not None and _are_neighbours(value, row):
        return _part(m, row, slice(value[0].column, value[-1].column + 1))
    return [as_numbers(m, part) for part in value]


def _part(m: Machine, row: Traced, index: int | slice) -> Any:
    return m.apply("getitem", [row], {"index": index}, row.library)


def _are_neighbours(value: Any, row: Traced) -> bool:
    if not all(isinstance(part, Field) and part.row is row for part in value):
        return False
    first = value[0].column
    return all(part.column == first + i for i, part in enumerate(value))
