"""Shape arithmetic that VJPs share: undoing a broadcast, undoing a reduction, reading a shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gradlint.ops.op import Array

Shape = tuple[int, ...]


def unbroadcast(g: Array, shape: Shape) -> Array:
    """Sum `g` over the axes along which an array of `shape` was broadcast to the shape of `g`."""
    g = np.asarray(g)
    lead, kept = broadcast_axes(g.shape, shape)
    if lead:
        g = g.sum(axis=lead)
    return g.sum(axis=kept, keepdims=True) if kept else g


def broadcast_axes(wide: Shape, narrow: Shape) -> tuple[Shape, Shape]:
    """The axes added in front when `narrow` is broadcast to `wide`, and those stretched from 1.

    The second are counted after the first have been removed.
    """
    extra = len(wide) - len(narrow)
    stretched = tuple(i for i, n in enumerate(narrow) if n == 1 and wide[extra + i] != 1)
    return tuple(range(extra)), stretched


def axes_of(axis: Any, ndim: int) -> Shape:
    """The axes named by `axis` (None, a number or several), as sorted non-negative numbers."""
    if axis is None or (isinstance(axis, (tuple, list)) and not axis):
        return tuple(range(ndim))
    numbers = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(sorted(int(a) % max(ndim, 1) for a in numbers))[:ndim]


def plain_axis(axis: Any) -> Any:
    """`axis` as numpy wants it: None, an int or a tuple of ints (torch users also pass lists)."""
    if axis is None or (isinstance(axis, (tuple, list)) and not axis):
        return None
    return tuple(int(a) for a in axis) if isinstance(axis, (tuple, list)) else int(axis)


def count_of(shape: Shape, axis: Any) -> int:
    """How many entries a reduction over `axis` takes together."""
    return int(np.prod([shape[a] for a in axes_of(axis, len(shape))], dtype=int))


def unreduce(g: Any, axis: Any, keepdims: bool, shape: Shape) -> Array:
    """Put the reduced axes back into `g` with size 1, so that it broadcasts against `shape`."""
    if keepdims or not shape:
        return np.asarray(g)
    reduced = axes_of(axis, len(shape))
    return np.reshape(g, [1 if i in reduced else n for i, n in enumerate(shape)])


def spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Array:
    """The cotangent of a reduction, repeated over the entries that were reduced."""
    return np.broadcast_to(unreduce(g, axis, keepdims, np.shape(x)), np.shape(x))


def dims(shape: Any) -> Shape:
    """A shape given as one number, a sequence, or as separate arguments collected in a tuple."""
    if isinstance(shape, (int, np.integer)):
        return (int(shape),)
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = shape[0]
    return tuple(int(n) for n in shape)


def inverse(permutation: Sequence[int]) -> Shape:
    """The permutation that undoes `permutation`."""
    order = [int(a) % len(permutation) for a in permutation]
    return tuple(int(a) for a in np.argsort(order))


def broadcast_shapes(shapes: Iterable[Shape | None]) -> Shape | None:
    """The common shape, or None where one of them is unknown or they do not fit."""
    known = list(shapes)
    if any(shape is None for shape in known):
        return None
    try:
        return np.broadcast_shapes(*(shape for shape in known if shape is not None))
    except ValueError:
        return None
