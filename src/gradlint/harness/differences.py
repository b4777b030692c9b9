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


def directional(graph: LossGraph, root: int, seed: int) -> list[Slope]:
    """Slopes along random directions at `root`; those at a kink are left out."""
    graph = graph.of(root)
    return slopes(lambda value: graph.loss_at({root: value}), graph.start()[root], seed)


def slopes(
    loss: Callable[[Any], float], start: Any, seed: int, noise: float = EPSILON
) -> list[Slope]:
    """Slopes of `loss` at `start` along random directions; those at a kink are left out.

    `noise` is the relative rounding of `loss`, whose cube root is the step.
    """
    rng = np.random.default_rng(seed)
    wanted = min(DIRECTIONS, start.size)
    rounding = 2 * noise * abs(loss(start)) if noise > EPSILON else 0.0
    found: list[Slope] = []
    for _ in range(wanted + _SPARE):
        direction = rng.normal(size=start.shape)
        direction /= np.linalg.norm(direction)
        slope = slope_along(loss, start, direction, rounding=rounding, epsilon=noise)
        if slope.error <= believed(noise) * abs(slope.slope):
            found.append(slope)
        if len(found) == wanted:
            break
    return found
