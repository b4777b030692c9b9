"""The slopes of activations by what they made: `a * (1 - a)`, `1 - a ** 2`, `a > 0`; a softmax's Jacobian.

Found by value: an activation may be one operation or several, and have any name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.judging import Truth
from gradlint.ops import Text, Writer, write_vjp
from gradlint.tracing import Trace

Formula = Callable[[Any], Any]
"""A slope in terms of the activation: of an array, or of its text."""

_KINDS: dict[str, Formula] = {
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: a > 0,
}
SOFTMAX = "softmax"
_LONGEST = 8
"""Operations that an activation is made of at most: a sigmoid has four."""


@dataclass(frozen=True, slots=True)
class Slope:
    """The slope of an activation of `kind` in terms of the node that it `made`; of a softmax over `axis`."""

    kind: str
    made: int
    axis: int | None = None

    def written(self, writer: Writer, g: Text, activation: Text, shape: tuple[int, ...]) -> Text:
        """The cotangent `g` of what was made, of `shape`, taken through the activation.

        Raises:
            OpError: there is no short expression.
        """
        if self.kind != SOFTMAX:
            product: Text = g * _KINDS[self.kind](activation)
            return product
        op, params = ops.OPS[SOFTMAX], {"axis": self.axis}
        found: Text | None = write_vjp(
            writer, op, 0, g, activation, [activation], params, shape, [shape]
        )
        if found is None:
            raise ops.OpError("the Jacobian of a softmax could not be written")
        return found


def activations(
    trace: Trace, true: Truth, names: Mapping[int, str], smallest: int = 2
) -> dict[int, Slope]:
    """The slopes by the nodes that the activations were taken of; what they made has a name.

    They are looked for where at least `smallest` numbers can tell.
    """
    found: dict[int, Slope] = {}
    for made in names:
        if made in true.of and trace.nodes[made].inputs and np.size(true.of[made]) >= smallest:
            match = _slope_of(trace, true, made)
            for before, slope in [match] if match is not None else _softmax_of(trace, true, made):
                found.setdefault(before, slope)
    return found


def _slope_of(trace: Trace, true: Truth, made: int) -> tuple[int, Slope] | None:
    value, upstream = np.asarray(trace.value(made)), np.asarray(true.of[made])
    for before in _chain(trace, true, made):
        wanted = np.asarray(true.of[before])
        if np.array_equal(wanted, upstream):
            continue
        for kind, slope in _KINDS.items():
            if np.any(wanted) and np.allclose(wanted, upstream * slope(value), rtol=1e-9, atol=0):
                return before, Slope(kind, made)
    return None


def _softmax_of(trace: Trace, true: Truth, made: int) -> Iterator[tuple[int, Slope]]:
    """What a softmax was taken of, with and without its maximum: a row sums to 1, the Jacobian fits."""
    value, upstream = np.asarray(trace.value(made)), np.asarray(true.of[made])
    axes = [k for k in range(value.ndim) if np.allclose(value.sum(k), 1, rtol=1e-9)]
    if not axes or not np.all(value >= 0) or trace.nodes[made].op == SOFTMAX:
        return
    for before in _alike_in_shape(trace, true, made):
        wanted = np.asarray(true.of[before])
        for axis in axes:
            fitting = value * (upstream - np.sum(upstream * value, axis, keepdims=True))
            small = 1e-12 * float(np.max(np.abs(fitting)))
            if np.any(wanted) and np.allclose(wanted, fitting, rtol=1e-9, atol=small):
                yield before, Slope(SOFTMAX, made, axis)


def _alike_in_shape(trace: Trace, true: Truth, made: int) -> Iterator[int]:
    """The nodes of the same shape among the few that `made` was made from, nearest first."""
    level, seen = [made], set[int]()
    for _ in range(_LONGEST):
        below = (i for node in level for i in trace.nodes[node].inputs if i in true.of)
        level = [i for i in dict.fromkeys(below) if i not in seen]
        seen |= set(level)
        yield from (i for i in level if trace.nodes[i].shape == trace.nodes[made].shape)


def _chain(trace: Trace, true: Truth, made: int) -> Iterator[int]:
    """The nodes of the same shape that `made` was made from entry by entry, nearest first."""
    level, seen = [made], set[int]()
    for _ in range(_LONGEST):
        below = [
            i for node in level if _is_elementwise(trace.nodes[node].op)
            for i in trace.nodes[node].inputs
            if i in true.of and i not in seen and trace.nodes[i].shape == trace.nodes[made].shape
        ]  # fmt: skip
        level = list(dict.fromkeys(below))
        seen |= set(level)
        yield from level


def _is_elementwise(op: str) -> bool:
    entry = ops.OPS.get(op)
    return entry is not None and (entry.elementwise or op == "copy")
