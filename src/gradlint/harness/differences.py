"""The second witness: central differences of the loss along random directions, in float64.

Independent of every derivative that anybody wrote down: only the loss is evaluated. `gradlint.slopes` says
which steps are taken and when a slope is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradlint.harness.graph import LossGraph
from gradlint.slopes import BELIEVED, EPSILON, Slope, slope_along

DIRECTIONS = 2
_SPARE = 4


def believed(noise: float) -> float:
    """How far apart, relatively, slopes may be that are believed, where the loss is off by `noise`."""
    return max(BELIEVED, 100 * float(np.cbrt(noise)) ** 2)


def directional(graph: LossGraph, root: int, seed: int, kinked: Any = None) -> list[Slope]:
    """Slopes along random directions at `root` that leave out the items `kinked`; none at a kink."""
    graph = graph.of(root)
    start = graph.start()[root]
    return slopes(lambda value: graph.loss_at({root: value}), start, seed, kinked=kinked)


def slopes(
    loss: Callable[[Any], float], start: Any, seed: int, noise: float = EPSILON, kinked: Any = None
) -> list[Slope]:
    """Slopes of `loss` at `start` along random directions that leave out the items `kinked`.

    Slopes at a kink are left out. `noise` is the relative rounding of `loss`, whose cube root is the step.
    """
    rng = np.random.default_rng(seed)
    wanted = min(DIRECTIONS, start.size)
    rounding = 2 * noise * abs(loss(start)) if noise > EPSILON else 0.0
    found: list[Slope] = []
    for _ in range(wanted + _SPARE):
        direction = rng.normal(size=start.shape)
        direction = direction if kinked is None else np.where(kinked, 0.0, direction)
        direction = direction / (float(np.linalg.norm(direction)) or 1.0)
        slope = slope_along(loss, start, direction, rounding=rounding, epsilon=noise)
        if slope.error <= believed(noise) * abs(slope.slope):
            found.append(slope)
        if len(found) == wanted:
            break
    return found
