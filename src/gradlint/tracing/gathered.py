"""Parameters of several objects that are put together for one step, and handed back one by one.

    weights = np.array([unit.weights for unit in units]) - rate * gradient
    for k, unit in enumerate(units):
        unit.weights = weights[k]

What an object gets back is moved by its part of what was taken off all.
"""

from __future__ import annotations

import numpy as np

from gradlint.ops.indexing import plain_index
from gradlint.tracing.trace import Trace

Terms = list[tuple[float, int]]
_VIEWS = frozenset({"transpose", "swapaxes", "reshape", "copy"})
_JOINS = frozenset({"stack", "concatenate"})


def step_of_all(trace: Trace, old: int, new: int) -> int | None:
    """The sum that `new` is a part of, where `new` may be what a step of many makes of `old`."""
    node = trace.nodes[new]
    if node.op != "getitem" or new <= old or node.shape != trace.nodes[old].shape:
        return None
    return node.inputs[0] if node.inputs[0] > old else None


def put_together(trace: Trace, old: int, new: int, terms: Terms) -> int | None:
    """Which of the terms of a step of all holds `old` beside others; None where none does.

    By value: the entries of that term which `new` has are those of `old`.
    """
    index, value = plain_index(trace.nodes[new].params["index"]), np.asarray(trace.value(old))
    for k, (factor, node) in enumerate(terms):
        if factor == 1.0 and _holds(trace, node, old):
            entries = np.asarray(trace.value(node))[index]
            if entries.shape == value.shape and np.array_equal(entries, value):
                return k
    return None


def _holds(trace: Trace, node: int, old: int) -> bool:
    """Whether an array is made of `old` and others by putting them together, and by nothing else."""
    while trace.nodes[node].op in _VIEWS:
        node = trace.nodes[node].inputs[0]
    return trace.nodes[node].op in _JOINS and old in trace.nodes[node].inputs
