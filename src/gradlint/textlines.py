"""Lines as Python counts them, line ends kept: `str.splitlines` splits at form feeds and more."""

from __future__ import annotations

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def split_lines(text: str) -> list[str]:
    """The lines of `text` with their line ends; joined they give `text` back."""
    return _LINE.findall(text)


def line_end(text: str) -> str:
    """The line end that `text` uses, by its first line; a newline where there is none."""
    first = _LINE.match(text)
    line = first.group() if first else ""
    return line[len(line.rstrip("\r\n")) :] or "\n"


def source_line(lines: list[str], number: int) -> str:
    """The 1-based line `number` without its line end, empty beyond the end of the text."""
    return lines[number - 1].rstrip("\r\n") if 0 < number <= len(lines) else ""
