"""Looking through an optimiser: which gradient was fed into momentum, Adagrad, RMSprop or Adam.

State is a tensor that exists before the training loop, is all zeros at the first step, and gets a new
value from its old one. From the parameter's movement one walks down through elementwise operations;
the nodes at which the state is left behind are what was fed in: `g`, and `g * g` made from it.
"""

from __future__ import annotations

import numpy as np

from gradlint import ops
from gradlint.tracing import Trace


def began(trace: Trace) -> int:
    """The time at which the training loop (its outermost round) began; 0 without one."""
    return min((time for _, time in trace.rounds), default=0)


def states(trace: Trace, root: int) -> set[int]:
    """The nodes of optimiser state: zeros from before the loop that are carried on."""
    start = began(trace)
    found: set[int] = set()
    for store in trace.stores:
        old, new = store.old, store.new
        if old is None or new is None or old >= start or old == root or new <= old:
            continue
        if not np.any(trace.value(old)) and trace.depends([new], old):
            found.add(old)
    return found


def is_stateful(trace: Trace, terms: list[tuple[int, int]], root: int) -> bool:
    """Whether the movement depends on optimiser state."""
    nodes = [node for _, node in terms]
    shape = trace.nodes[root].shape
    return any(
        trace.depends(nodes, state)
        for state in states(trace, root)
        if trace.nodes[state].shape == shape
    )


def fed_in(trace: Trace, terms: list[tuple[int, int]], root: int) -> int | None:
    """The node that was fed into the optimiser as the gradient of `root`, or None if unclear."""
    held = states(trace, root)
    shape = trace.nodes[root].shape
    found: set[int] = set()
    stack, seen = [node for _, node in terms], set[int]()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        entry = trace.nodes[node]
        if entry.shape != shape or node in held or entry.is_leaf:
            continue
        if not any(trace.depends([node], state) for state in held):
            found.add(node)
        elif ops.OPS[entry.op].elementwise or entry.op in ("copy", "setitem"):
            stack += entry.inputs
    return _first_made(trace, found, root)


def _first_made(trace: Trace, found: set[int], root: int) -> int | None:
    """The one of which the others are made; a square is taken for what is squared."""
    lowest = {_unscaled(trace, node, root) for node in found}
    roots = {n for n in lowest if not any(m != n and trace.depends([n], m) for m in lowest)}
    return roots.pop() if len(roots) == 1 else None


def _unscaled(trace: Trace, node: int, root: int) -> int:
    shape = trace.nodes[root].shape
    while True:
        entry = trace.nodes[node]
        if entry.op in ("square", "power", "copy", "clip"):
            node = entry.inputs[0]
        elif entry.op == "multiply" and entry.inputs[0] == entry.inputs[1]:
            node = entry.inputs[0]
        elif entry.op in ("multiply", "divide") and (inner := _scaled(trace, node, shape)) is not None:
            node = inner
        else:
            return node


def _scaled(trace: Trace, node: int, shape: tuple[int, ...]) -> int | None:
    left, right = trace.nodes[node].inputs
    scalars = [np.size(trace.value(i)) == 1 and trace.nodes[i].is_leaf for i in (left, right)]
    if scalars[1] and not scalars[0]:
        return left
    if scalars[0] and not scalars[1] and trace.nodes[node].op == "multiply":
        return right
    if not any(scalars) and _number(trace, left) and trace.nodes[node].op == "multiply":
        return right
    return None


def _number(trace: Trace, node: int) -> bool:
    sources = [trace.nodes[n] for n in trace.ancestors([node]) if trace.nodes[n].is_leaf]
    return all(np.size(x.value) == 1 for x in sources) and np.size(trace.value(node)) == 1
