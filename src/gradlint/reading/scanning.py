"""Code, strings and comments told apart without a parser, in text that no parser may accept.

Unlike `tokenize` this goes on where the text is not Python: a curly quote is a character of the
code, and a string that is not closed ends with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CODE, STRING, COMMENT, OPEN = "code", "string", "comment", "open"

_PREFIX = r"(?:[rR][bBfFuU]?|[bBfFuU][rR]?)?"
_TOKEN = re.compile(
    rf"""(?P<comment>\#[^\r\n]*)
    |(?<![\w]){_PREFIX}(?P<long>\"\"\"|''')
    |(?<![\w]){_PREFIX}(?P<short>["'])
    |(?P<late>\"\"\"|'''|["'])""",
    re.VERBOSE,
)
_ENDS = {
    quote: re.compile(rf"(?:[^\\]|\\.|\\\Z)*?(?:{quote}|(?P<open>\Z))", re.DOTALL)
    for quote in ('"""', "'''")
} | {
    quote: re.compile(rf"(?:[^\\\r\n{quote}]|\\\r\n|\\.|\\\Z)*(?:{quote}|(?P<open>(?=[\r\n]|\Z)))", re.DOTALL)
    for quote in ('"', "'")
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of one kind; `open` is a string on one line that nothing closes."""

    kind: str
    start: int
    end: int


def scan(text: str) -> Iterator[Stretch]:
    """The stretches of `text` in order; joined they give it back."""
    at = 0
    while at < len(text):
        found = next_literal(text, at)
        if found is None:
            yield Stretch(CODE, at, len(text))
            return
        if found.start > at:
            yield Stretch(CODE, at, found.start)
        yield found
        at = found.end


def next_literal(text: str, at: int) -> Stretch | None:
    """The first string or comment that begins at or after `at`."""
    match = _TOKEN.search(text, at)
    if match is None:
        return None
    if match["comment"] is not None:
        return Stretch(COMMENT, match.start(), match.end())
    quote = match["long"] or match["short"] or match["late"]
    end = _ENDS[quote].match(text, match.end())
    if end is None:
        return Stretch(OPEN, match.start(), len(text))
    return Stretch(STRING if end["open"] is None else OPEN, match.start(), end.end())


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """A statement with the lines that it goes on over: offsets, the last without its line end."""

    start: int
    end: int


def logical_lines(
    text: str, whole: re.Pattern[str] | None = None, start: int = 0
) -> Iterator[LogicalLine]:
    """The logical lines of `text`: brackets, strings and backslashes join physical ones.

    What `whole` matches at the start of a line is a line of its own, whatever stands in it.
    """
    at = start
    while at < len(text):
        match = whole.match(text, at) if whole is not None else None
        end = match.end() if match is not None and match.end() > at else _end(text, at)
        yield LogicalLine(at, end)
        line_end = _LINE_END.match(text, end)
        at = line_end.end() if line_end is not None else end + 1


def _end(text: str, at: int) -> int:
    """Where the logical line that begins at `at` ends."""
    depth = 0
    while (match := _SIGN.search(text, at)) is not None:
        sign, at = match.group(), match.end()
        if sign[0] in "([{":
            depth += 1
        elif sign[0] in ")]}":
            depth = max(depth - 1, 0)
        elif sign[0] in "\r\n":
            if not depth:
                return match.start()
        elif sign[0] in "\"'#":
            literal = next_literal(text, match.start())
            at = literal.end if literal is not None else at
    return len(text)


_LINE_END = re.compile(r"\r\n|\r|\n")
_SIGN = re.compile(r"[(\[{)\]}\"'#]|\\(?:\r\n|\r|\n)|\r\n|\r|\n")
