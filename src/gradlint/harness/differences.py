"""The second witness: central differences of the loss along random directions, in float64.

Independent of every derivative that anybody wrote down: only the loss is evaluated. `gradlint.slopes` says
which steps are taken and when a slope is believed.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from gradlint.harness.graph import LossGraph
from gradlint.slopes import BELIEVED as BELIEVED
from gradlint.slopes import Slope, slope_along

DIRECTIONS = 2
_SPARE = 4


def directional(graph: LossGraph, root: int, seed: int) -> list[Slope]:
    """Slopes along random directions at `root`; those at a kink are left out."""
    graph = graph.of(root)
    start = graph.start()[root]
    rng = np.random.default_rng(seed)
    wanted = min(DIRECTIONS, start.size)
    found: list[Slope] = []
    for _ in range(wanted + _SPARE):
        direction = rng.normal(size=start.shape)
        slope = slope_along(
            partial(_loss_at, graph, root), start, direction / np.linalg.norm(direction)
        )
        if slope.error <= BELIEVED * abs(slope.slope):
            found.append(slope)
        if len(found) == wanted:
            break
    return found


def _loss_at(graph: LossGraph, root: int, value: Any) -> float:
    return graph.loss_at({root: value})
