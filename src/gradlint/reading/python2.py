"""Python 2 as Python 3: fissix rewrites it, and every token that it keeps says where it stood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from gradlint.reading.lines import Lines
from gradlint.reading.rewriting import Change, Rewriting, rewritten
from gradlint.reading.scanning import CODE, scan

_FIXERS = (
    "apply", "basestring", "dict", "except", "exec", "filter", "has_key", "imports", "itertools",
    "itertools_imports", "long", "map", "ne", "next", "nonzero", "numliterals", "paren", "print",
    "raise", "raw_input", "repr", "standarderror", "tuple_params", "unicode", "xrange", "zip",
)  # fmt: skip
_NAMES = re.compile(
    r"\b(?:xrange|raw_input|cPickle|iteritems|itervalues|iterkeys|has_key|izip|imap|basestring|unichr)\b"
)
_BOTH = re.compile(
    r"except\s+\(?(?:Name|Import|ModuleNotFound)Error|\bsys\.version|\bPY[23]\b|\bsix\b"
)
_DIVISION = re.compile(
    r"^[ \t]*from[ \t]+__future__[ \t]+import\b[^\r\n]*\bdivision\b", re.MULTILINE
)


class NotPython2(Exception):
    """The text is not Python 2 either; `line` and `column` (1-based) say where that shows."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


def sign_of_python2(text: str) -> int | None:
    """Where a name stands that only Python 2 knows, in a script that is not made for both."""
    first = next(_NAMES.finditer(text), None)
    if first is None or _BOTH.search(text):
        return None
    code = [part for part in scan(text) if part.kind == CODE]
    found = (m for part in code for m in _NAMES.finditer(text, part.start, part.end))
    return next((m.start() for m in found if not _is_bound(text, m.group())), None)


def _is_bound(text: str, name: str) -> bool:
    """Whether `text` makes the name itself."""
    made = rf"\b{name}\b[ \t]*=[^=]|\b(?:def|class)[ \t]+{name}\b|\bimport\b[^\r\n]*\b{name}\b"
    return name != "cPickle" and re.search(made, text) is not None


def divides_truly(text: str) -> bool:
    """Whether `text` asks for the division of Python 3."""
    return _DIVISION.search(text) is not None


def modernised(text: str) -> Rewriting:
    """`text`, which is Python 2, as Python 3 that means the same, division of integers apart.

    Raises:
        NotPython2: it does not parse as Python 2.
    """
    whole = text if text.endswith("\n") else text + "\n"
    tree = _refactored(whole)
    return rewritten(text, _changes(text, tree.leaves()))


@cache
def _tool(print_function: bool) -> Any:
    from fissix.refactor import RefactoringTool

    options = {"print_function": True} if print_function else None
    return RefactoringTool([f"fissix.fixes.fix_{name}" for name in _FIXERS], options)


def _refactored(text: str) -> Any:
    """The tree after all fixers; where `print` is called as a function is, it is taken for one."""
    from fissix.pgen2.parse import ParseError

    failed: Exception | None = None
    for print_function in (False, True):
        try:
            return _tool(print_function).refactor_string(text, "<script>")
        except ParseError as error:
            failed = failed or error
        except Exception as error:  # a fixer of the library's fails on odd text
            failed = failed or error
    raise _explained(failed)


def _explained(error: Exception | None) -> NotPython2:
    """The place in an error of fissix's parser (`context`) or tokenizer (its second argument)."""
    _, place = getattr(error, "context", None) or ("", (1, 0))
    args = error.args if error is not None else ()
    if len(args) == 2 and isinstance(args[1], tuple):
        place = args[1][1:3] if isinstance(args[1][0], str) else args[1]  # of an IndentationError
    line, column = (place[0] or 1), (place[1] or 0)
    return NotPython2("invalid syntax", int(line), int(column) + 1)


def _changes(text: str, leaves: Iterable[Any]) -> Iterator[Change]:
    """What stands between two tokens that were kept is a change where it is not what stood there."""
    lines, behind, gap = Lines(text, "\n"), 0, ""
    for leaf in leaves:
        gap += leaf.prefix
        start = lines.offset(leaf.lineno, leaf.column + 1) if leaf.lineno else -1
        kept = start >= behind and leaf.value != "" and text.startswith(leaf.value, start)
        if kept:
            yield from _between(text, behind, start, gap)
            behind, gap = start + len(leaf.value), ""
        else:
            gap += leaf.value
    end = gap.removesuffix("\n") if not text.endswith("\n") else gap
    yield from _between(text, behind, len(text), end)


def _between(text: str, start: int, end: int, content: str) -> Iterator[Change]:
    """The change of a stretch to `content`, without what the two begin and end with alike."""
    old = text[start:end]
    if old == content:
        return
    head = _alike(old, content)
    tail = _alike(old[head:][::-1], content[head:][::-1])
    yield Change(start + head, end - tail, content[head : len(content) - tail])


def _alike(a: str, b: str) -> int:
    """How many characters the two begin with alike, no word of either cut in two."""
    most = min(len(a), len(b))
    count = next((i for i in range(most) if a[i] != b[i]), most)
    while count and any(_in_word(text, count) for text in (a, b)):
        count -= 1
    return count


def _in_word(text: str, at: int) -> bool:
    return (
        at < len(text)
        and _WORD.match(text[at]) is not None
        and _WORD.match(text[at - 1]) is not None
    )


_WORD = re.compile(r"\w")
