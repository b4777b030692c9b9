"""Source text that knows how tightly it binds, so that a formula is written with few parentheses.

`Text` has Python's operators: the lambda `g * (1 - out**2)` computes a cotangent when it is given
arrays, and writes it when it is given texts. Identities (`1 * x`, `x + 0`, `- -x`) are simplified
on the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradlint.ops.shapes import Shape, broadcast_shapes

# As in Python's grammar, but with the chains that hold an @ below those of * and / alone.
COMPARISON, SUM, PRODUCT, TERM, UNARY, POWER, ATOM = range(7)

_NUMBER = re.compile(r"-?\d+(\.\d*)?(e[-+]?\d+)?$")


class Unwritable(Exception):
    """A cotangent for which there is no short expression."""


@dataclass(frozen=True)
class Text:
    """An expression; `shape` is that of its value, None where unknown.

    The shape may be narrower than that of the tensor it stands for: it has to broadcast to it.
    """

    text: str
    precedence: int = ATOM
    shape: Shape | None = None

    def __str__(self) -> str:
        return self.text

    @property
    def is_number(self) -> bool:
        """Whether it is a literal number."""
        return _NUMBER.match(self.text) is not None

    def at_least(self, precedence: int) -> str:
        """The text, in parentheses if it binds less tightly than `precedence`."""
        return self.text if self.precedence >= precedence else f"({self.text})"

    def with_shape(self, shape: Shape | None) -> Text:
        """The same text, said to have `shape`."""
        return replace(self, shape=shape)

    def __neg__(self) -> Text:
        if self.text.startswith("-") and self.precedence in (PRODUCT, TERM, UNARY):
            return Text(self.text[1:], _positive_level(self), self.shape)
        level = self.precedence if self.precedence in (PRODUCT, TERM) else UNARY
        return Text(f"-{self.at_least(PRODUCT)}", level, self.shape)

    def __add__(self, other: Any) -> Text:
        return _add(self, as_text(other))

    def __radd__(self, other: Any) -> Text:
        return _add(as_text(other), self)

    def __sub__(self, other: Any) -> Text:
        return _subtract(self, as_text(other))

    def __rsub__(self, other: Any) -> Text:
        return _subtract(as_text(other), self)

    def __mul__(self, other: Any) -> Text:
        return _multiply(self, as_text(other))

    def __rmul__(self, other: Any) -> Text:
        return _multiply(as_text(other), self)

    def __truediv__(self, other: Any) -> Text:
        return _divide(self, as_text(other))

    def __rtruediv__(self, other: Any) -> Text:
        return _divide(as_text(other), self)

    def __pow__(self, other: Any) -> Text:
        return _power(self, as_text(other))

    def __rpow__(self, other: Any) -> Text:
        return _power(as_text(other), self)

    def __gt__(self, other: Any) -> Text:
        return compare(self, ">", other)

    def __lt__(self, other: Any) -> Text:
        return compare(self, "<", other)

    def __ge__(self, other: Any) -> Text:
        return compare(self, ">=", other)

    def __le__(self, other: Any) -> Text:
        return compare(self, "<=", other)


def as_text(value: Any) -> Text:
    """A text as it is, a number written out; raises Unwritable for anything else."""
    if isinstance(value, Text):
        return value
    if isinstance(value, (bool, int, float, np.number)) or (np.ndim(value) == 0 and np.size(value)):
        number = float(value)
        text = f"{int(number)}" if number.is_integer() else f"{number:.12g}"
        return Text(text, UNARY if text.startswith("-") else ATOM, ())
    raise Unwritable("an array has no short expression")


def compare(x: Text, symbol: str, other: Any) -> Text:
    """The comparison `x symbol other`."""
    y = as_text(other)
    return Text(f"{x.at_least(SUM)} {symbol} {y.at_least(SUM)}", COMPARISON, _shape(x, y))


def _shape(x: Text, y: Text) -> Shape | None:
    return broadcast_shapes((x.shape, y.shape))


def _positive_level(x: Text) -> int:
    return ATOM if re.fullmatch(r"-[\w.]+", x.text) else max(x.precedence, PRODUCT)


def _add(x: Text, y: Text) -> Text:
    if x.text == "0":
        return y
    if y.text == "0":
        return x
    if y.text.startswith("-") and y.precedence >= PRODUCT:
        return Text(f"{x.at_least(SUM)} - {y.text[1:]}", SUM, _shape(x, y))
    return Text(f"{x.at_least(SUM)} + {y.at_least(SUM)}", SUM, _shape(x, y))


def _subtract(x: Text, y: Text) -> Text:
    if y.text == "0":
        return x
    if x.text == "0":
        return -y
    if y.text.startswith("-") and y.precedence >= PRODUCT:
        return _add(x, -y)
    return Text(f"{x.at_least(SUM)} - {y.at_least(PRODUCT)}", SUM, _shape(x, y))


def _multiply(x: Text, y: Text) -> Text:
    for one, other in ((x, y), (y, x)):
        if one.text in ("1", "-1") and one.shape == ():
            return other if one.text == "1" else -other
    if y.text.startswith("-") and y.precedence >= PRODUCT:
        return -_multiply(x, -y)
    level = PRODUCT if x.precedence == PRODUCT else TERM
    # a * (b / c) and a * b / c are the same number, so the right factor needs no parentheses.
    return Text(f"{x.at_least(PRODUCT)} * {y.at_least(TERM)}", level, _shape(x, y))


def _divide(x: Text, y: Text) -> Text:
    if y.text in ("1", "-1"):
        return x if y.text == "1" else -x
    level = PRODUCT if x.precedence == PRODUCT else TERM
    return Text(f"{x.at_least(PRODUCT)} / {y.at_least(UNARY)}", level, _shape(x, y))


def _power(x: Text, y: Text) -> Text:
    if y.text == "1":
        return x
    return Text(f"{x.at_least(ATOM)} ** {y.at_least(UNARY)}", POWER, _shape(x, y))
