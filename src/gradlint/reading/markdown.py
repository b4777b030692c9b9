"""The Python in a Markdown file: its fenced blocks that say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradlint.reading.rewriting import Change, Rewriting, rewritten
from gradlint.textlines import split_lines

_FENCE = re.compile(
    r"(?P<indent>(?:[ \t]|>[ \t]?)*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n`]*)"
)
_PYTHON = re.compile(r"\{?\s*\.?(?:python[23]?|py[23]?|pycon|ipython[23]?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of Python: offsets of its lines in the file, and what the fence is indented by."""

    start: int
    end: int
    indent: str

    def dedented(self, text: str) -> Rewriting:
        """The block without the indentation of its fence."""
        block = text[self.start : self.end]
        return rewritten(block, self._changes(block)) if self.indent else Rewriting(block)

    def _changes(self, block: str) -> Iterator[Change]:
        at = 0
        for line in split_lines(block):
            common = 0
            while common < min(len(line), len(self.indent)) and line[common] == self.indent[common]:
                common += 1
            yield Change(at, at + common, "")
            at += len(line)


def python_blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of Python in order; one that is not closed goes to the end of the file."""
    at, opened = 0, None
    for line in split_lines(text):
        match = _FENCE.match(line)
        if match is not None and opened is None:
            opened = (match, at + len(line))
        elif match is not None and opened is not None and _closes(match, opened[0]):
            yield from _block(opened, at)
            opened = None
        at += len(line)
    if opened is not None:
        yield from _block(opened, at)


def _closes(match: re.Match[str], opened: re.Match[str]) -> bool:
    return match["fence"].startswith(opened["fence"]) and not match["info"].strip()


def _block(opened: tuple[re.Match[str], int], end: int) -> Iterator[Block]:
    match, start = opened
    if _PYTHON.match(match["info"].strip()):
        yield Block(start, end, match["indent"])
