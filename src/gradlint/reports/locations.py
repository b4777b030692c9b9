"""Where a finding stands in the file as it lies on the disk, as other programs count."""

from __future__ import annotations

import os
from dataclasses import dataclass

from gradlint.model import FileReport, Span
from gradlint.textlines import source_line, split_lines


@dataclass(frozen=True, slots=True)
class Location:
    """A stretch of a file: lines and columns are 1-based, the end column is exclusive.

    Columns count code points; `utf16` counts UTF-16 code units. In a notebook it is the stretch of
    the JSON that holds the code.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


def location_of(report: FileReport, span: Span) -> Location:
    """The location of `span`; its path is relative and has forward slashes."""
    path = shown_path(report.path_of(span))
    if span.cell is None:
        return Location(path, span.line, span.column, span.end_line, span.end_column)
    from gradlint.reading.notebook_places import place_in_file

    start = place_in_file(report.text, span.cell, span.line, span.column)
    end = place_in_file(report.text, span.cell, span.end_line, span.end_column)
    return Location(path, *start, *end)


def shown_path(path: str) -> str:
    """`path` from the current folder if it lies below it, with forward slashes."""
    if os.path.isabs(path):
        try:
            relative = os.path.relpath(path)
        except ValueError:
            relative = path
        path = path if relative.startswith(os.pardir) else relative
    elif not path.startswith("<"):
        path = os.path.normpath(path)
    return path.replace(os.sep, "/")


def utf16(text: str, location: Location) -> Location:
    """`location` in `text`, the whole file, with its columns in UTF-16 code units."""
    if text.isascii():
        return location
    lines = split_lines(text)
    return Location(
        location.path,
        location.line,
        _units(source_line(lines, location.line), location.column),
        location.end_line,
        _units(source_line(lines, location.end_line), location.end_column),
    )


def _units(line: str, column: int) -> int:
    return column + sum(ord(character) > 0xFFFF for character in line[: column - 1])


def text_on_disk(report: FileReport, span: Span) -> str:
    """The whole text of the file that `span` stands in."""
    return report.others.get(span.file, "") if span.file else report.text
