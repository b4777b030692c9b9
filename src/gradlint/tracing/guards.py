"""Refusing what would take too much memory or time before it is calculated."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from gradlint import ops

MOST_BITS = 100_000
"""Bits of the largest Python integer that is calculated: beyond it a power takes longer than a walk."""


def too_large(op: str, left: object, right: object, most: int) -> bool:
    """Whether Python's `left op right` gives a huge integer or a sequence of more than `most` items."""
    if op == "*":
        return any(
            isinstance(part, str | bytes | list | tuple)
            and isinstance(count, int)
            and len(part) * count > most
            for part, count in ((left, right), (right, left))
        )
    if not isinstance(left, int) or not isinstance(right, int):
        return False
    if op == "**":
        return left.bit_length() * right > MOST_BITS and abs(left) > 1
    return op == "<<" and right > MOST_BITS


def result_size(op: str, values: Sequence[Any], most: int) -> int:
    """A bound for the elements of what an op makes of more than its inputs; 0 where that is below `most`."""
    size = 1
    for value in values:
        size *= getattr(value, "size", 1)
    if size <= most:
        return 0
    shapes = [np.shape(value) for value in values]
    if op in ("outer", "kron"):
        return prod(prod(shape) for shape in shapes)
    largest = max(shapes, key=prod)
    if all(shape in ((), largest) for shape in shapes):
        return 0
    if ops.OPS[op].elementwise:
        try:
            return prod(np.broadcast_shapes(*shapes))
        except ValueError:
            return 0
    return 0
