"""The derivative of a function along a direction, by central differences in float64.

The step is h = eps^(1/3) times the size of what moves (Press et al., Numerical Recipes, section 5.7), which
leaves a relative error of about eps^(2/3) = 4e-11; two step sizes that disagree tell of a kink. At a
point that lies on a kink the central difference is the mean of two slopes at every step size; there the
difference of the two, which for a smooth function shrinks with the step, does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

EPSILON = float(np.finfo(float).eps)
BELIEVED = 1e-4
"""Relative: the slopes at two step sizes must agree to this, rounding of the loss included."""
_GOOD = 1e-6
"""Relative: slopes that agree to this are taken without trying further step sizes."""
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Slope:
    """The derivative of a function along the unit vector `direction`, off by at most `error`."""

    direction: Any
    slope: float
    error: float


def slope_along(
    at: Callable[[Any], float], start: Any, direction: Any, size: float = 0.0, rounding: float = 0.0,
    epsilon: float = EPSILON,
) -> Slope:  # fmt: skip
    """The derivative of `at` along `direction`, by the two neighbouring step sizes that agree best.

    `size` is that of what moves (the norm of `start` if 0), `epsilon` the relative rounding of one
    evaluation and `rounding` its absolute one, where the values of `at` do not show it.
    """
    best = Slope(direction, 0.0, np.inf)
    before: float | None = None
    here, bend = at(start), np.inf
    unit = float(np.cbrt(epsilon)) * max(size or float(np.linalg.norm(start)), 1.0)
    for attempt in range(_TRIES):
        h = unit * 8.0 ** (1 - attempt)
        up, down = at(start + h * direction), at(start - h * direction)
        slope = (up - down) / (2 * h)
        if not np.isfinite(slope):
            before = None
            continue
        noise = max(epsilon * max(abs(up), abs(down)), rounding) / h
        bent, bend = bend, abs(up - 2 * here + down) / h
        if bend > BELIEVED * abs(slope) + 2 * rounding / h and bend > 0.5 * bent:
            return Slope(direction, slope, np.inf)
        error = abs(slope - (np.inf if before is None else before)) + noise
        if error < best.error:
            best = Slope(direction, slope, error)
        if best.error <= max(_GOOD * abs(slope), 2 * rounding / h):
            break
        before = slope
    return best
