"""Characters that word processors, chats and web pages put in the place of those that Python knows.

Only in code: in strings and comments they are what the user wrote. A curly quote in code begins a
string, which ends at the next quote of its kind on the line, curly to either side or straight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradlint.reading.rewriting import Change
from gradlint.reading.scanning import COMMENT, OPEN, next_literal

_SINGLE, _DOUBLE = (
    "\u2018\u2019\u201a\u201b\u2032\u00b4\uff07",
    "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02",
)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\u2061\u2062\u2063\ufeff\u00ad"
_FULL_WIDTH = {
    chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if not chr(code).isalpha()
}
_OTHERS = {
    "\u3001": ",", "\u3002": ".", "\u3010": "[", "\u3011": "]", "\u2026": "...", "\u00d7": "*",
    "\u00f7": "/", "\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\u2217": "*", "\u2215": "/",
    "\u2044": "/", "\u2192": "->", "\u2236": ":", "\u2028": "\n", "\u2029": "\n",
}  # fmt: skip
_MEANT = {
    **_FULL_WIDTH,
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_BLANKS, " "),
    **dict.fromkeys(_INVISIBLE, ""),
    **dict.fromkeys(_SINGLE, "'"),
    **dict.fromkeys(_DOUBLE, '"'),
    **_OTHERS,
}
_ODD = re.compile("[" + "".join(map(re.escape, _MEANT)) + "]")
_QUOTES = {"'": _SINGLE, '"': _DOUBLE}


@dataclass(frozen=True, slots=True)
class Oddity:
    """What stands for a character that Python knows; `change` puts that in its place."""

    name: str
    change: Change


def oddities(text: str) -> Iterator[Oddity]:
    """The characters in the code of `text` that Python does not know, in order."""
    if _ODD.search(text) is None:
        return
    at = 0
    while (odd := _next_odd(text, at)) is not None:
        at, found = odd
        yield from found


def _next_odd(text: str, at: int) -> tuple[int, list[Oddity]] | None:
    """Where to go on, and what was found in the next piece that may be odd."""
    literal = next_literal(text, at)
    odd = _ODD.search(text, at)
    if literal is not None and (odd is None or literal.start < odd.start()):
        if literal.kind == OPEN:
            return _closed(text, literal.start, literal.end)
        return literal.end, []
    if odd is None:
        return None
    start, sign = odd.start(), odd.group()
    meant = _MEANT[sign]
    if meant == "#":
        comment = next_literal(text[:start] + "#" + text[start + 1 :], start)
        end = comment.end if comment is not None and comment.kind == COMMENT else odd.end()
        return end, [_oddity(text, start, meant)]
    if meant in _QUOTES:
        return _curly_string(text, start, meant)
    if sign.isdigit() and text[:start][-1:].isidentifier():
        return odd.end(), []
    return odd.end(), [_oddity(text, start, meant)]


def _oddity(text: str, at: int, meant: str) -> Oddity:
    return Oddity(name_of(text[at]), Change(at, at + 1, meant))


def _curly_string(text: str, start: int, quote: str) -> tuple[int, list[Oddity]]:
    """A string that begins with the curly quote at `start`."""
    family = _QUOTES[quote] + quote
    if start + 2 < len(text) and text[start + 1] in family and text[start + 2] in family:
        return _long_string(text, start, quote)
    close = _closing(text, start, quote)
    if close is None:
        return start + 1, [_oddity(text, start, quote)]
    inner = text[start + 1 : close]
    other = "'" if quote == '"' else '"'
    chosen = other if quote in inner and other not in inner else quote
    found = [_oddity(text, i, chosen) for i in (start, close) if text[i] != chosen]
    if chosen in inner:
        marks = (i for i in range(start + 1, close) if text[i] == chosen and text[i - 1] != "\\")
        found += [Oddity("curly quote", Change(i, i, "\\")) for i in marks]
    return close + 1, sorted(found, key=lambda one: one.change)


def _closing(text: str, start: int, quote: str) -> int | None:
    """Where the string that begins with the curly quote at `start` ends, on its line.

    Straight quotes in pairs belong to the string, and so does an apostrophe within a word.
    """
    family = _QUOTES[quote]
    marks = [
        i
        for i in range(start + 1, _line_end(text, start))
        if text[i] in family + quote
        and not (text[i - 1].isalpha() and text[i + 1 : i + 2].isalnum() and i - 1 > start)
    ]
    curly = next((i for i in marks if text[i] in family), None)
    before = [i for i in marks if text[i] == quote and (curly is None or i < curly)]
    return curly if len(before) % 2 == 0 and curly is not None else next(iter(before), None)


def _long_string(text: str, start: int, quote: str) -> tuple[int, list[Oddity]]:
    """A string in three curly quotes at each end, over any number of lines."""
    family = re.escape(_QUOTES[quote] + quote)
    close = re.compile(f"[{family}]{{3}}").search(text, start + 3)
    marks = [start, *([close.start()] if close is not None else [])]
    places = [i + k for i in marks for k in range(3)]
    end = start + 3 if close is None else close.end()
    return end, [_oddity(text, i, quote) for i in places if text[i] != quote]


def _closed(text: str, start: int, end: int) -> tuple[int, list[Oddity]]:
    """A string that begins with a straight quote and can only end with a curly one."""
    match = re.compile("[\"']").search(text, start, end)
    if match is None:
        return end, []
    quote = match.group()
    close = next((i for i in range(match.end(), end) if text[i] in _QUOTES[quote]), None)
    return (end, []) if close is None else (close + 1, [_oddity(text, close, quote)])


def _line_end(text: str, at: int) -> int:
    found = re.compile(r"[\r\n]").search(text, at)
    return len(text) if found is None else found.start()


def name_of(sign: str) -> str:
    """What to call a character, for example `curly quote`."""
    for signs, name in _NAMES:
        if sign in signs:
            return name
    if sign in _FULL_WIDTH:
        return "full-width " + _WIDE_NAMES.get(_FULL_WIDTH[sign], f"`{_FULL_WIDTH[sign]}`")
    return f"character U+{ord(sign):04X}"


_NAMES = (
    ("\uff07\uff02", "full-width quote"),
    (_SINGLE + _DOUBLE, "curly quote"),
    ("\u2212", "typographic minus sign"),
    (_DASHES, "typographic dash"),
    ("\u00a0\u202f", "non-breaking space"),
    ("\u3000", "full-width space"),
    (_BLANKS, "typographic space"),
    (_INVISIBLE, "invisible character"),
    ("\u2026", "ellipsis character"),
    ("\u3001", "full-width comma"),
    ("\u3002", "full-width full stop"),
    ("\u3010\u3011", "full-width bracket"),
    ("\u2028\u2029", "line separator character"),
)  # fmt: skip
_WIDE_NAMES = {
    **dict.fromkeys("()[]{}", "bracket"), ",": "comma", ":": "colon", ";": "semicolon",
    "=": "equals sign", "+": "plus sign", "*": "asterisk", ".": "full stop", "#": "number sign",
    **dict.fromkeys("0123456789", "digit"),
}  # fmt: skip
