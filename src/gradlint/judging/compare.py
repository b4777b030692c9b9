"""Comparing a written gradient with the true one, by value at several random points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.model import Agreement

TOLERANCE = 1e-6
"""Relative, in the norm. Both sides are float64 (unit roundoff 1.1e-16) and go through at most some
hundred operations, so equal expressions agree to about 1e-13; a rate that was divided out again, or
a difference of parameters before and after a step, costs up to six digits. Wrong derivatives at
random points differ by order one."""

NEGLIGIBLE = 1e-12
"""A gradient whose norm is below this (at parameters of order one) says nothing about a claim."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`scale` is the factor of the claim against the truth where they are proportional.

    `error` is the largest relative error in the norm, `cosine` the smallest cosine between the two;
    `scales` are the factors at each point: a clipped gradient has another one at each.
    """

    agreement: Agreement
    scale: float | None = None
    error: float | None = None
    cosine: float | None = None
    scales: tuple[float, ...] = ()

    @property
    def is_right(self) -> bool:
        """Equal, up to a positive constant."""
        return self.agreement in (Agreement.EQUAL, Agreement.SCALED)


UNKNOWN = Comparison(Agreement.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Point:
    scale: float
    residual: float
    error: float
    cosine: float


def compare(
    points: Sequence[tuple[Any, Any]], tolerance: float = TOLERANCE, negligible: float = NEGLIGIBLE
) -> Comparison:
    """Compare (claimed, true) pairs of arrays of equal shape, one pair a point.

    A single number is proportional to any other, so its factor must be the same at every point.
    Points at which both vanish or a value is not finite tell nothing; without any other point the
    result is UNKNOWN.
    """
    measured = [
        point for claimed, true in points if (point := _measure(claimed, true, negligible)) is not None
    ]
    if not measured:
        return UNKNOWN
    error = max(p.error for p in measured)
    cosine = min(p.cosine for p in measured)
    scales = [p.scale for p in measured]
    if any(p.residual > tolerance for p in measured):
        return Comparison(Agreement.DIFFERENT, None, error, cosine)
    steady = max(scales) - min(scales) <= tolerance * max(abs(x) for x in scales)
    alone = all(np.size(true) == 1 for _, true in points)
    if min(scales) * max(scales) <= 0 or (alone and not steady):
        return Comparison(Agreement.DIFFERENT, None, error, cosine)
    agreement = Agreement.OPPOSITE if max(scales) < 0 else Agreement.SCALED
    if error <= tolerance:
        agreement = Agreement.EQUAL
    scale = 1.0 if error <= tolerance else float(np.mean(scales))
    return Comparison(agreement, scale, error, cosine, tuple(p.scale for p in measured))


def _measure(claimed: Any, true: Any, negligible: float) -> _Point | None:
    a, b = np.asarray(claimed, dtype=float), np.asarray(true, dtype=float)
    if a.shape != b.shape or not (np.all(np.isfinite(a)) and np.all(np.isfinite(b))):
        return None if a.shape == b.shape else _Point(0.0, 1.0, 1.0, 0.0)
    size_a, size_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if size_a <= negligible and size_b <= negligible:
        return None
    if size_b <= negligible or size_a <= negligible * 1e-6:
        return _Point(0.0, 1.0, 1.0, 0.0)
    product = float(np.sum(a * b))
    scale = product / size_b**2
    residual = float(np.linalg.norm(a - scale * b)) / max(size_a, abs(scale) * size_b)
    error = float(np.linalg.norm(a - b)) / size_b
    return _Point(scale, residual, error, product / (size_a * size_b))
