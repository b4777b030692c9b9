"""Each gradient from the ones that the script itself hands to it: which line is wrong by its own doing.

One wrong line makes all that follows from it wrong. Reverse mode that goes on with the script's own
values, wherever it has one, blames only the line where the two part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradlint.deriving.goal import Goal
from gradlint.explaining.written import Written
from gradlint.judging import UNKNOWN, Comparison, compare
from gradlint.judging.truth import push


def local_comparisons(goal: Goal, written: Mapping[int, Written]) -> dict[int, Comparison]:
    """What the script has for each node against what follows from its other gradients."""
    wanted = [_expected(goal, written, k) for k in range(len(goal.traces))]
    return {node: _compared(node, entry, wanted) for node, entry in written.items()}


def _compared(node: int, entry: Written, wanted: list[dict[int, Any]]) -> Comparison:
    pairs = []
    for k, expected in enumerate(wanted):
        value = _value(entry, k)
        if value is None or node not in expected:
            return UNKNOWN
        if np.shape(value) != np.shape(expected[node]):
            return compare([(np.ones(2), np.array([1.0, -1.0]))])
        pairs.append((value, expected[node]))
    return compare(pairs)


def _value(entry: Written, point: int) -> Any:
    """The script's value less the constant that it carries throughout."""
    value = entry.values[point]
    return None if value is None else np.asarray(value) / (entry.ratio or 1.0)


def _expected(goal: Goal, written: Mapping[int, Written], point: int) -> dict[int, Any]:
    """Reverse mode at one point that takes the script's values where it has them."""
    trace, true = goal.traces[point], goal.truths[point]
    tops = {goal.at(max(goal.alike(node)), point): node for node in written}
    of: dict[int, Any] = {true.loss: np.ones(trace.nodes[true.loss].shape)}
    found: dict[int, Any] = {}
    for node in sorted(true.of, reverse=True):
        if node not in of:
            continue
        step = tops.get(node)
        if step is not None:
            found[step] = of[node]
            value = _value(written[step], point)
            if value is not None and np.shape(value) == np.shape(of[node]):
                of[node] = value
        push(trace, node, of, set(true.of), [])
    return found
