"""How a place in a file is written."""

from __future__ import annotations

from gradlint.model import FileReport, Span


def place_of(report: FileReport, span: Span) -> str:
    """`script.py:3:9`, or `notebook.ipynb:cell 7:3:9`."""
    return f"{line_of(report, span)}:{span.column}"


def line_of(report: FileReport, span: Span) -> str:
    """`script.py:3`, or `notebook.ipynb:cell 7:3`."""
    cell = "" if span.cell is None else f"cell {span.cell}:"
    return f"{report.path_of(span)}:{cell}{span.line}"
