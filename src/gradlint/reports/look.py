"""How a report may look on the stream that it goes to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO

_NARROWEST, _WIDEST, _NO_TERMINAL = 60, 120, 100
"""In columns; lines beyond some 120 are hard to read, and a file or a pipe has no width."""

_DRAWING = "─│"


@dataclass(frozen=True, slots=True)
class Look:
    """Width in columns; whether there is colour; whether there is more than ASCII to draw with.

    A `quiet` report shows findings and nothing else.
    """

    width: int = _NO_TERMINAL
    colour: bool = False
    unicode: bool = True
    quiet: bool = False

    @property
    def bar(self) -> str:
        """Between a line's number and its text."""
        return "│" if self.unicode else "|"

    @property
    def dash(self) -> str:
        """What a horizontal line is made of."""
        return "─" if self.unicode else "-"


def look_of(stream: TextIO) -> Look:
    """The look that suits `stream`: colour only on a terminal, none under `NO_COLOR`."""
    terminal = stream.isatty()
    width = _width_of_terminal() if terminal else _piped_width()
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Look(max(_NARROWEST, min(width, _WIDEST)), colour, _can_draw(stream.encoding))


def _width_of_terminal() -> int:
    import shutil

    return shutil.get_terminal_size((_NO_TERMINAL, 24)).columns


def _piped_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdigit() else _NO_TERMINAL


def _can_draw(encoding: str | None) -> bool:
    try:
        _DRAWING.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
