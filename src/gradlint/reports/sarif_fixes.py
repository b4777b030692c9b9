"""Places and fixes as SARIF writes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from gradlint.model import Edit, FileReport, Fix
from gradlint.patching import mended_texts
from gradlint.reading.lines import Lines
from gradlint.reports.locations import Location, location_of, shown_path, text_on_disk, utf16

Object = dict[str, Any]
BASE = "%SRCROOT%"
"""What relative paths are relative to: where gradlint was called."""


def artifact(path: str) -> Object:
    """The artifactLocation of a path; one outside of the current folder has no base."""
    from urllib.parse import quote

    if os.path.isabs(path):
        return {"uri": "file://" + quote(path if path.startswith("/") else f"/{path}")}
    return {"uri": quote(path), "uriBaseId": BASE}


def region(at: Location) -> Object:
    """The region of a location whose columns are UTF-16 code units."""
    return {
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    }


def fix_of(report: FileReport, fix: Fix) -> Object | None:
    """The fix with the changes of each file; None where its edits do not fit the text."""
    try:
        mended_texts(report, fix.edits)
    except ValueError:
        return None
    files: dict[str, list[Object]] = {}
    for path, replacement in _replacements(report, fix):
        files.setdefault(path, []).append(replacement)
    changes = [
        {"artifactLocation": artifact(shown_path(path)), "replacements": replacements}
        for path, replacements in files.items()
    ]
    return {"description": {"text": fix.message}, "artifactChanges": changes}


def _replacements(report: FileReport, fix: Fix) -> Iterator[tuple[str, Object]]:
    for edit in fix.edits:
        if edit.span.cell is None:
            at = location_of(report, edit.span)
            yield at.path, _replacement(text_on_disk(report, edit.span), at, edit.content)
    in_cells = [edit for edit in fix.edits if edit.span.cell is not None]
    if in_cells:
        yield shown_path(report.path), _in_notebook(report, in_cells)


def _in_notebook(report: FileReport, edits: list[Edit]) -> Object:
    """What changes in the file between the first and the last sign that does, as JSON has it."""
    before, after = report.text, mended_texts(report, edits)[report.path]
    start = _alike(before, after)
    room = min(len(before), len(after)) - start
    end = _alike(before[::-1][:room], after[::-1][:room])
    lines = Lines(before)
    at = Location("", *lines.place(start), *lines.place(len(before) - end))
    return _replacement(before, at, after[start : len(after) - end])


def _alike(one: str, other: str) -> int:
    """How many signs at the start of both are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _replacement(text: str, at: Location, content: str) -> Object:
    return {
        "deletedRegion": region(utf16(text, at)),
        "insertedContent": {"text": content},
    }
