"""Binary files that are not there: the header that `struct.unpack` reads, the numbers behind it.

The header is that of the IDX files that data sets of small images come in: what kind of file it is, how many
samples it holds, their height and width.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradlint.reading import syntax as s
from gradlint.tracing import data
from gradlint.tracing.leaves import makes
from gradlint.tracing.sizes import own_sizes

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls

_WHOLE = re.compile(r"(\d*)([iIlLqQhHbB])")
_HEIGHT = re.compile(r"row|height|^h$", re.IGNORECASE)
_KIND = 2051
_SAMPLES = 12
_SIDE = 28
_COUNTED = "header:0"
"""Where it is kept that a header was read."""


@makes("struct.unpack")
def _header(m: Calls, form: Any, read: Any = None, *args: Any, **kw: Any) -> Any:
    """The whole numbers at the head of a file of images; a number read alone may be any of them."""
    fields = _WHOLE.findall(form) if isinstance(form, str) else []
    count = sum(int(times or 1) for times, _ in fields)
    if not isinstance(read, str) or not 2 <= count <= 4:
        return data.unknown(m, data.key_here(m))
    m.facts.inputs.pin(_COUNTED, _SAMPLES)
    sides = _height_and_width(m)
    return sides if _asks_for_sides(m.statement) else (_KIND, _SAMPLES, *sides)[:count]


def _asks_for_sides(statement: s.Stmt | None) -> bool:
    """Whether the first half of the header was read before: `rows, cols = unpack(">II", f.read(8))`."""
    match statement:
        case s.Assign(targets=(s.Sequence(elements=(s.Name(id=first), s.Name())),)):
            return _HEIGHT.search(first) is not None
    return False


def _height_and_width(m: Calls) -> tuple[int, int]:
    """28 by 28, or as many pixels as the script has where small sizes stand for its own."""
    small = {own: size for size, own in own_sizes(m.module, m.facts.sizes).items()}
    if _SIDE in small:
        return small[_SIDE], small[_SIDE]
    return (small[_SIDE**2], 1) if _SIDE**2 in small else (_SIDE, _SIDE)


@makes("numpy.fromfile")
def _numbers(m: Calls, *args: Any, **kw: Any) -> Any:
    """The numbers behind the header, for as many samples as that says."""
    key, inputs = data.key_here(m), m.facts.inputs
    if _COUNTED in inputs.pinned:
        inputs.pin(f"{key}:0", _SAMPLES)
    return data.unknown(m, key)


@makes("numpy.frombuffer", "array.array")
def _of_bytes(m: Calls, *args: Any, **kw: Any) -> Any:
    """The same, from what a file gave that was read as a whole."""
    read = any(isinstance(value, data.File) or value == data.whole_text(m) for value in args)
    return _numbers(m) if read else m.opaque("what these bytes hold is not known")
