"""Points at which a function has two slopes: a ReLU at 0, a tie of a maximum, the bound of a clip.

Which slope a script takes there is its own choice (`z > 0` or `z >= 0`), and autograd makes another. So
the truth is computed twice, with every such value moved a hair to either side: the items of a gradient in
which the two differ are left out of the comparison, and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradlint.harness.graph import LossGraph
from gradlint.tracing import Trace
from gradlint.tracing.trace import TraceNode

HAIR = 1e-12
"""How far a value on a kink is moved, relative to its size: far above its rounding, far below a tolerance."""
APART = 1e-9
"""Two truths differ in an item where they differ by more than this, relative to the largest item."""
_AT_ZERO = frozenset({"relu", "relu6", "leaky_relu", "prelu", "abs"})
_PAIRS = frozenset({"maximum", "minimum", "greater", "greater_equal", "less", "less_equal"})
_BOUNDS = {"clip": ("low", "high"), "hardtanh": ("min_val", "max_val")}
_OVER_AXES = frozenset({"max", "min", "max_pool1d", "max_pool2d"})

Move = Callable[[Any, TraceNode, list[Any]], list[Any]]
"""Given torch, a node and its inputs: the inputs moved off the kink."""


def on_kinks(graph: LossGraph) -> dict[int, Any]:
    """For each node of the graph with values on a kink: by how much of a hair each item is to be moved."""
    found = {}
    for node in graph.nodes:
        moves = _moves(graph.trace, graph.trace.nodes[node])
        if moves is not None and np.any(moves):
            found[node] = moves
    return found


def _moves(trace: Trace, node: TraceNode) -> Any:
    if node.op not in _AT_ZERO | _PAIRS | _OVER_AXES | _BOUNDS.keys():
        return None
    values = [np.asarray(trace.value(i)) for i in node.inputs]
    x = values[0]
    if x.dtype.kind != "f":
        return None
    if node.op in _AT_ZERO:
        return (x == 0) * 1.0
    if node.op in _PAIRS:
        return (x == values[1]) * 1.0
    if node.op in _BOUNDS:
        bounds = [node.params.get(name) for name in _BOUNDS[node.op]]
        return sum((x == b) * 1.0 for b in bounds if b is not None)
    ramp = np.arange(1.0, x.size + 1).reshape(x.shape) / max(x.size, 1)
    return ramp if _has_ties(x, np.asarray(node.value)) else None


def _has_ties(x: Any, out: Any) -> bool:
    """Whether a largest item stands there more than once; what is taken of an array that has none is not."""
    values, counts = np.unique(x, return_counts=True)
    return bool(np.any(np.isin(values[counts > 1], out)))


def mover(moves: dict[int, Any], side: float) -> Move:
    """Moves the first input of each node in `moves` to one side of its kinks."""

    def move(torch: Any, node: TraceNode, inputs: list[Any]) -> list[Any]:
        if node.id not in moves:
            return inputs
        first = inputs[0]
        size = max(1.0, float(first.detach().abs().max()))
        hair = torch.as_tensor(moves[node.id] * side * HAIR * size, dtype=first.dtype)
        return [first + hair.to(first.device), *inputs[1:]]

    return move


def apart(one: Any, other: Any) -> Any:
    """Where two truths differ."""
    size = max(float(np.max(np.abs(one), initial=0.0)), float(np.max(np.abs(other), initial=0.0)))
    return np.abs(one - other) > APART * size
