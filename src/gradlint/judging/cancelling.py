"""Gradients that are nothing: parameters whose contributions to the loss cancel out.

A bias before a batch normalisation, or one number added to all logits of a softmax, moves no loss. That its
gradient vanishes is then a property of the function, and not of the point at which it was tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.judging.compare import NEGLIGIBLE
from gradlint.judging.truth import Truth
from gradlint.tracing import Trace

SUBSTANTIAL = 1e-4
"""Cotangents of this size, at parameters of order one, that add up to less than `NEGLIGIBLE` cancel: rounding
leaves 1e-16 of each. A slope that is small by itself, as that of a saturated sigmoid, is no cancellation."""


def is_nothing(value: Any) -> bool:
    """Whether a gradient vanishes but for rounding."""
    return bool(np.linalg.norm(np.asarray(value, dtype=float)) <= NEGLIGIBLE)


def cancels(trace: Trace, true: Truth, root: int) -> bool:
    """Whether what reaches the first uses of `root` from the loss is substantial, but adds up to nothing."""
    if not is_nothing(true.gradient(trace, root)):
        return False
    arriving = [float(np.linalg.norm(true.of[node])) for node in _uses(trace, true, root)]
    return bool(arriving) and bool(np.isfinite(arriving).all()) and max(arriving) > SUBSTANTIAL


def _uses(trace: Trace, true: Truth, root: int) -> Iterator[int]:
    """The operations above `root` that the loss was made from; before them it is only turned or reshaped."""
    same = {root}
    for node in sorted(true.of):
        entry = trace.nodes[node]
        if node <= root or same.isdisjoint(entry.inputs):
            continue
        if _is_turned(trace, node):
            same.add(node)
        else:
            yield node


def _is_turned(trace: Trace, node: int) -> bool:
    """Whether a node has the entries of the one that it was made from, in another shape or order."""
    entry = trace.nodes[node]
    same = len(entry.inputs) == 1 and np.size(entry.value) == np.size(trace.value(entry.inputs[0]))
    return same and ops.OPS[entry.op].linear
