"""The second witness: central differences of the loss along random directions, in float64.

Independent of every derivative that anybody wrote down: only the loss is evaluated. The step is
h = eps^(1/3) times the size of the parameter (Press et al., Numerical Recipes, section 5.7), which
leaves a relative error of about eps^(2/3) = 4e-11; two step sizes that disagree tell of a kink. At a
point that lies on a kink the central difference is the mean of two slopes at every step size; there the
difference of the two, which for a smooth loss shrinks with the step, does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.harness.graph import LossGraph

DIRECTIONS = 2
_STEP = float(np.cbrt(np.finfo(float).eps))
BELIEVED = 1e-4
"""Relative: the slopes at two step sizes must agree to this, rounding of the loss included."""
_GOOD = 1e-6
"""Relative: slopes that agree to this are taken without trying further step sizes."""
_TRIES = 5
_SPARE = 4


@dataclass(frozen=True, slots=True)
class Slope:
    """The derivative of the loss along the unit vector `direction`, off by at most `error`."""

    direction: Any
    slope: float
    error: float


def directional(graph: LossGraph, root: int, seed: int) -> list[Slope]:
    """Slopes along random directions at `root`; those at a kink are left out."""
    graph = graph.of(root)
    start = graph.start()[root]
    rng = np.random.default_rng(seed)
    wanted = min(DIRECTIONS, start.size)
    found: list[Slope] = []
    for _ in range(wanted + _SPARE):
        direction = rng.normal(size=start.shape)
        slope = _slope(graph, root, start, direction / np.linalg.norm(direction))
        if slope.error <= BELIEVED * abs(slope.slope):
            found.append(slope)
        if len(found) == wanted:
            break
    return found


def _slope(graph: LossGraph, root: int, start: Any, direction: Any) -> Slope:
    """The derivative along `direction`, by the two neighbouring step sizes that agree best."""
    best = Slope(direction, 0.0, np.inf)
    before: float | None = None
    here, bend = graph.loss_at({root: start}), np.inf
    for attempt in range(_TRIES):
        h = _STEP * max(float(np.linalg.norm(start)), 1.0) * 8.0 ** (1 - attempt)
        up = graph.loss_at({root: start + h * direction})
        down = graph.loss_at({root: start - h * direction})
        slope = (up - down) / (2 * h)
        if not np.isfinite(slope):
            before = None
            continue
        bent, bend = bend, abs(up - 2 * here + down) / h
        if bend > BELIEVED * abs(slope) and bend > 0.5 * bent:
            return Slope(direction, slope, np.inf)
        error = abs(slope - (np.inf if before is None else before))
        error += np.finfo(float).eps * max(abs(up), abs(down)) / h
        if error < best.error:
            best = Slope(direction, slope, error)
        if best.error <= _GOOD * abs(slope):
            break
        before = slope
    return best
