"""Element by element: what was handed out, against the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.gradcheck.result import Worst
from gradlint.gradcheck.truth import Truth
from gradlint.judging.compare import compare
from gradlint.model import Agreement

TOLERANCE = 1e-5
"""Relative, for each element. Central differences in float64 at the steps of `gradlint.slopes` are right to
some 1e-9; a formula that is right differs from them by rounding. Course notes and torch.autograd.gradcheck
take 1e-5 to 1e-3 as the border; a missing epsilon or a biased variance shows above 1e-5."""
FLOOR = 1e-6
"""Relative to the largest element: what is this much smaller than the rest is lost in its rounding."""
GROWTH = 2000
"""Unit roundoffs that a computed gradient may be off by: gamma_n = n u / (1 - n u) for the longest usual sums
(Higham, Accuracy and Stability of Numerical Algorithms, section 3.1). It counts in single precision only."""
CAUTION = 10
"""How many times its own estimate of error a difference is allowed."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How a gradient of the right shape compares with the truth at the elements that are known."""

    agreement: Agreement
    number: int
    scale: float | None = None
    cosine: float | None = None
    error: float | None = None
    worst: Worst | None = None


def compared(got: Any, truth: Truth, tolerance: float, epsilon: float) -> Compared:
    """Compare `got` with the truth; both have one shape."""
    known = truth.known
    number = int(known.sum())
    if not number:
        return Compared(Agreement.UNKNOWN, 0)
    tolerance = max(tolerance, GROWTH * epsilon)
    true = np.where(known, truth.values, 0.0)
    errors = np.where(known, truth.errors, 0.0)
    sizes = np.maximum(np.abs(true), np.abs(np.where(np.isfinite(got), got, 0.0)))
    allowed = tolerance * sizes + FLOOR * tolerance / TOLERANCE * truth.scale + CAUTION * errors
    allowed = np.maximum(allowed, 1e-300)
    with np.errstate(all="ignore"):
        off = np.where(known, np.abs(got - true) / allowed, 0.0)
    off = np.where(known & ~np.isfinite(got), np.inf, off)
    if not np.any(off > 1):
        return Compared(_along(got, truth), number)
    place = np.unravel_index(int(np.argmax(off)), off.shape)
    worst = Worst(tuple(map(int, place)), float(got[place]), float(true[place]))
    relative = abs(worst.got - worst.expected) / max(abs(worst.got), abs(worst.expected))
    found = compare([(got[known], true[known])], 10 * tolerance)
    agreement = found.agreement
    if agreement in (Agreement.EQUAL, Agreement.UNKNOWN):
        agreement = Agreement.DIFFERENT
    scale = found.scale if agreement is not Agreement.DIFFERENT else None
    return Compared(agreement, number, scale, found.cosine, relative, worst)


def _along(got: Any, truth: Truth) -> Agreement:
    """What the slopes along random directions say of the elements that were not sampled."""
    for one in truth.along:
        slope = float(np.sum(got * one.direction))
        if abs(slope - one.slope) > 1e-3 * max(abs(slope), abs(one.slope)) + CAUTION * one.error:
            return Agreement.DIFFERENT
    return Agreement.EQUAL
