"""The slopes of activations by what they made: `a * (1 - a)`, `1 - a ** 2`, `a > 0`.

Found by value: an activation may be one operation or several, and have any name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.judging import Truth
from gradlint.tracing import Trace

Formula = Callable[[Any], Any]
"""A slope in terms of the activation: of an array, or of its text."""

_KINDS: dict[str, Formula] = {
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: a > 0,
}
_LONGEST = 8
"""Operations that an activation is made of at most: a sigmoid has four."""


@dataclass(frozen=True, slots=True)
class Slope:
    """The slope of an activation of `kind` in terms of the node that it `made`."""

    kind: str
    made: int

    def __call__(self, activation: Any) -> Any:
        """The slope, of an array or as text."""
        return _KINDS[self.kind](activation)


def activations(trace: Trace, true: Truth, names: Mapping[int, str]) -> dict[int, Slope]:
    """The slopes by the nodes that the activations were taken of; what they made has a name."""
    found: dict[int, Slope] = {}
    for made in names:
        if made in true.of and trace.nodes[made].inputs and np.size(true.of[made]) > 1:
            match = _slope_of(trace, true, made)
            if match is not None:
                found.setdefault(*match)
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
