"""A gradient that is transposed, or was summed over too few or too many axes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from gradlint.gradcheck.hypotheses.clues import Clues
from gradlint.gradcheck.hypotheses.scale import and_


def transposed(c: Clues) -> str | None:
    if c.got.ndim < 2:
        return None
    for axes in combinations(range(c.got.ndim), 2):
        turned = np.swapaxes(c.got, *axes)
        if turned.shape != c.true.shape:
            continue
        factor = c.factor(turned)
        if factor is not None:
            where = "" if c.got.ndim == 2 else f" in axes {axes[0]} and {axes[1]}"
            return f"transposed{where}{and_(factor, c)}"
    return None


def not_summed(c: Clues) -> str | None:
    """Axes along which the input was broadcast, or which it does not have, were not summed over."""
    for axes in _broadcast_axes(c.got.shape, c.true.shape):
        summed = c.got.sum(axis=axes).reshape(c.true.shape)
        factor = c.factor(summed)
        if factor is not None or c.same(summed):
            told = f"axis {axes[0]}" if len(axes) == 1 else f"axes {axes}"
            return f"broadcast: not summed over {told}{and_(factor or 1.0, c)}"
    return None


def _broadcast_axes(got: tuple[int, ...], true: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    size = int(np.prod(true))
    for number in range(1, len(got) + 1):
        for axes in combinations(range(len(got)), number):
            rest = [n for axis, n in enumerate(got) if axis not in axes]
            if int(np.prod(rest)) == size and [n for n in rest if n > 1] == [
                n for n in true if n > 1
            ]:
                yield axes


def reshaped(c: Clues) -> str | None:
    if c.got.size == c.true.size and c.same(c.got.reshape(c.true.shape)):
        return f"the numbers are right, the shape is not: {c.got.shape}, and {c.name} has {c.true.shape}"
    return None


def summed_too_much(c: Clues) -> str | None:
    true = c.true
    if not np.all(np.isfinite(true)):
        return None
    for number in range(1, true.ndim + 1):
        for axes in combinations(range(true.ndim), number):
            for keep in (False, True):
                for done, called in ((np.sum, "summed"), (np.mean, "averaged")):
                    less = np.asarray(done(true, axis=axes, keepdims=keep))
                    if less.shape == c.got.shape and c.same(c.got, less):
                        told = f"axis {axes[0]}" if len(axes) == 1 else f"axes {axes}"
                        return f"{called} over {told}, which belongs to {c.name}"
    return None
