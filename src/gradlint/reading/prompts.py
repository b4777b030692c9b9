"""Sessions pasted with their prompts: `>>> x = 1`, `In [3]: x`; what was printed is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradlint.reading.rewriting import Change, Rewriting, rewritten
from gradlint.textlines import split_lines

_FIRST = re.compile(r"\s*(?:>>>|In \[\d+\]:)(?: |$|\r|\n)")
_PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.|In \[\d+\]:|\.{3,}:)(?: |(?=[\r\n]|\Z))")


def without_prompts(text: str) -> Rewriting:
    """The statements of a session; `text` as it is where it does not begin with a prompt."""
    return rewritten(text, _changes(text)) if _FIRST.match(text) else Rewriting(text)


def _changes(text: str) -> Iterator[Change]:
    start = 0
    for line in split_lines(text):
        prompt = _PROMPT.match(line)
        length = prompt.end() if prompt is not None else len(line.rstrip("\r\n"))
        yield Change(start, start + length, "")
        start += len(line)
