"""Tabs in indentation, as Python 2 took them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradlint.reading.rewriting import Change
from gradlint.reading.scanning import logical_lines

_INDENT = re.compile(r"[ \t]*")


def spaces_for_tabs(text: str, width: int) -> Iterator[Change]:
    """Spaces for the tabs that begin logical lines: a tab goes on to the next multiple of `width`."""
    for line in logical_lines(text):
        match = _INDENT.match(text, line.start)
        indent = match.group() if match is not None else ""
        if "\t" in indent:
            yield Change(line.start, line.start + len(indent), indent.expandtabs(width))
