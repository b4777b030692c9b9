"""What IPython reads and Python does not: magics, shell lines, questions for help.

A line magic becomes `pass` (or what it means: `%time f()` is `f()`), an assigned one a call of
`get_ipython()`, of which nothing is known; a cell that is not Python becomes empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradlint.reading.rewriting import Change, Rewriting, rewritten
from gradlint.reading.scanning import logical_lines

_REST = r"[^\r\n]*(?:(?<=\\)(?:\r\n|\r|\n)[^\r\n]*)*"
_CELL_MAGIC = re.compile(rf"(?:[ \t]*(?:\#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t]*%%(\w+){_REST}")
_PYTHON_CELLS = {
    "time",
    "timeit",
    "capture",
    "prun",
    "python",
    "python2",
    "python3",
    "pypy",
    "debug",
}
_TARGET = r"[^\W\d][\w.]*(?:\[[^\]\r\n]*\])*"
_LINE = re.compile(
    rf"""[ \t]*(?:
    (?P<timed>%time[ \t]+)(?=\S)[^\r\n]*
    | (?P<pylab>%pylab\b){_REST}
    | (?P<magic>(?:%\w|!|\?){_REST})
    | (?P<help>[\w.%*]+(?:\[[^\]\r\n]*\][\w.]*)*\?\??[ \t]*;?[ \t]*(?=[\r\n]|\Z))
    | {_TARGET}(?:[ \t]*,[ \t]*{_TARGET})*[ \t]*=[ \t]*(?P<assigned>(?:!|%[A-Za-z]){_REST})
    | (?P<call>get_ipython\(\)\.(?:run_line_magic|run_cell_magic|magic|system|getoutput)\(){_REST}
    )""",
    re.VERBOSE,
)  # fmt: skip
_PYLAB = "import numpy as np; from numpy import *; import matplotlib.pyplot as plt"
UNKNOWN = "get_ipython()"


def without_magics(text: str) -> Rewriting:
    """`text` as the Python that IPython would make of it, line for line."""
    return rewritten(text, _changes(text)) if _MENTIONS.search(text) else Rewriting(text)


_MENTIONS = re.compile(r"[%!?]|get_ipython")


def _changes(text: str) -> Iterator[Change]:
    at = 0
    head = _CELL_MAGIC.match(text)
    if head is not None:
        if head.group(1) not in _PYTHON_CELLS:
            yield from _commented(text)
            return
        sign = text.index("%%", head.start())
        yield Change(sign, head.end(), _lines_of(text[sign : head.end()]))
        at = head.end()
    for line in logical_lines(text, _LINE, at):
        match = _LINE.match(text, line.start)
        if match is not None:
            yield _change(text, match)


def _change(text: str, match: re.Match[str]) -> Change:
    kind = str(match.lastgroup)
    start = match.start(kind)
    if kind == "timed":
        return Change(start, match.end(kind), "")
    content = {"pylab": _PYLAB, "assigned": UNKNOWN}.get(kind, "pass")
    if kind == "call":
        (first, *_) = logical_lines(text, start=start)
        return Change(start, first.end, content + _lines_of(text[start : first.end]))
    return Change(start, match.end(), content + _lines_of(text[start : match.end()]))


def _commented(text: str) -> Iterator[Change]:
    """Every line becomes empty; the line ends stay, so that the lines keep their numbers."""
    for match in re.finditer(r"[^\r\n]+", text):
        yield Change(match.start(), match.end(), "")


def _lines_of(text: str) -> str:
    """The line ends in `text`."""
    return "".join(re.findall(r"\r\n|\r|\n", text))
