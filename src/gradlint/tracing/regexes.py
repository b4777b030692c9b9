"""`re` over texts that are known: sentences are cleaned and cut into words before anything is learnt.

Patterns that could take for ever are not tried, and lines of a file that is not there stay what they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlint.tracing.leaves import makes
from gradlint.tracing.text_files import Line, Unsplit
from gradlint.tracing.values import Foreign, Opaque, plain

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls

_LONGEST = 4096
_NESTED = re.compile(r"[*+}]\)*[*+{]|\([^)]*[*+|][^)]*\)[*+{]")
"""What repeats a repetition or a choice."""
_FLAGS = {
    f"re.{letter}": int(getattr(re, letter))
    for letter in ("I", "IGNORECASE", "M", "MULTILINE", "S", "DOTALL", "U", "UNICODE")
}


def _flag(m: Calls, value: Any) -> Any:
    """The number of a flag, which is opaque where it is none that is known; 0 for none at all."""
    found = 0 if value is None else _FLAGS.get(getattr(value, "path", ""))
    return m.opaque("what these flags are, is not known") if found is None else found


def _cut(m: Calls, name: str, pattern: Any, args: list[Any], flags: Any) -> Any:
    """`re.name(pattern, *args)`: `sub(to, text)`, `split(text)`, `findall(text)`."""
    if isinstance(flags, Opaque):
        return flags
    most = 2 if name == "sub" else 1
    given = [pattern, *(plain(value) for value in args)]
    text = given[-1]
    if isinstance(text, Line):
        return text.split() if name == "split" else text
    if isinstance(text, Unsplit) and name == "sub":
        return text
    known = len(given) == most + 1 and all(isinstance(value, str) for value in given)
    if not known or len(text) > _LONGEST or _NESTED.search(pattern):
        return m.opaque(f"what re.{name}() gives is not known")
    try:
        return getattr(re, name)(*given, flags=flags)
    except (re.error, IndexError) as error:
        return m.opaque(f"re.{name}(): {error}")


@dataclass(frozen=True, slots=True, eq=False)
class Pattern(Foreign):
    """A compiled regular expression."""

    text: str
    flags: Any

    def method(self, m: Calls, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if name not in _FUNCTIONS or kwargs:
            return m.opaque(f".{name}() of a regular expression is not followed")
        return _cut(m, name, self.text, args, self.flags)


@makes("re.compile")
def _compiled(m: Calls, pattern: Any = None, flags: Any = None) -> Any:
    if not isinstance(pattern, str):
        return m.opaque("what this regular expression is, is not known")
    return Pattern(pattern, _flag(m, flags))


def _function(name: str) -> None:
    def call(m: Calls, pattern: Any = None, *args: Any, flags: Any = None, **kw: Any) -> Any:
        if isinstance(pattern, Pattern):
            return pattern.method(m, name, list(args), kw)
        if kw:
            return m.opaque(f"re.{name}() is not followed here")
        return _cut(m, name, pattern, list(args), _flag(m, flags))

    makes(f"re.{name}")(call)


_FUNCTIONS = ("sub", "split", "findall")
for _name in _FUNCTIONS:
    _function(_name)


@makes("re.escape")
def _escaped(m: Calls, text: Any = None) -> Any:
    return re.escape(text) if isinstance(text, str) else m.opaque("what this text is, is not known")
