"""A gradient that is right at some elements and wrong at others."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from gradlint.gradcheck.hypotheses.clues import Clues


def nothing(c: Clues) -> str | None:
    return None if np.any(c.got) else "it is zero everywhere: it is never computed, or overwritten"


def not_finite(c: Clues) -> str | None:
    bad = int((~np.isfinite(c.got)).sum())
    return f"{bad} of {c.got.size} elements are NaN or infinite" if bad else None


def mask(c: Clues) -> str | None:
    known = np.isfinite(c.true)
    got, true = c.got[known], c.true[known]
    scale = float(np.max(np.abs(true), initial=0.0))
    off, zero = np.abs(true) <= 1e-9 * scale, got == 0
    if not scale or not np.any(off):
        return _too_much_masked(c, known, scale)
    if np.any(~zero & off) and c.same(np.where(np.abs(c.true) > 1e-9 * scale, c.got, 0)):
        number = int((~zero & off).sum())
        return (
            f"the mask is missing: {number} of {true.size} elements should be zero, because the forward pass "
            "does not let them through"
        )
    if np.array_equal(zero, ~off):
        return "the mask is inverted: it is zero where something should pass, and not where nothing should"
    return None


def _too_much_masked(c: Clues, known: Any, scale: float) -> str | None:
    lost = known & (c.got == 0) & (np.abs(np.where(known, c.true, 0)) > 1e-9 * scale)
    if np.any(lost) and not np.all(lost) and c.same(np.where(lost, c.true, c.got)):
        number = f"{int(lost.sum())} of {int(known.sum())}"
        return f"{number} elements are zero and should not be; the others are right"
    return None


def flipped(c: Clues) -> str | None:
    for number in range(1, c.got.ndim + 1):
        for axes in combinations(range(c.got.ndim), number):
            if c.same(np.flip(c.got, axes)) and not c.same(c.got):
                told = f"axis {axes[0]}" if number == 1 else f"axes {axes}"
                return f"flipped along {told}"
    return None


def repeated_index(c: Clues) -> str | None:
    """Only rows that an index picks more than once are wrong: `dE[ids] += g` counts each once."""
    wrong = np.abs(c.got - c.true) > 1e-4 * np.nanmax(np.abs(c.true), initial=1e-300)
    if c.true.ndim < 1 or not np.any(wrong):
        return None
    rows = set(np.unique(np.nonzero(wrong)[0]).tolist())
    for name, array in c.inputs.items():
        if array.dtype.kind in "iu" and array.size:
            values, counts = np.unique(array, return_counts=True)
            if rows <= set(values[counts > 1].tolist()):
                return (
                    f"only rows that {name} names more than once are wrong: `d[{name}] += g` counts each "
                    f"once, np.add.at(d, {name}, g) all of them"
                )
    return None


def one_wrong_line(c: Clues) -> str | None:
    """All is right but for some places along one axis: the first, the last, a remainder."""
    wrong = np.abs(c.got - c.true) > 1e-4 * np.nanmax(np.abs(c.true), initial=1e-300)
    for axis in range(c.true.ndim):
        others = tuple(a for a in range(c.true.ndim) if a != axis)
        bad = np.flatnonzero(wrong.any(axis=others))
        if 0 < len(bad) < c.true.shape[axis] and len(bad) <= max(2, c.true.shape[axis] // 2):
            return (
                f"only index {', '.join(map(str, bad))} of axis {axis} is wrong, the rest is right"
            )
    return None
