"""Recognising a parameter's update: `P` became `P` plus something that was computed from `P`.

Accumulators (`dW += ...`, `total += loss`) add something that does not depend on themselves, and
optimiser state (`v = 0.9 * v + g`) is scaled; neither is an update.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.tracing.trace import Trace

Terms = tuple[tuple[int, int], ...]
_THROUGH = {"copy", "detach", "reshape", "clip"}


def movement(trace: Trace, old: int, new: int) -> Terms | None:
    """The signed terms that were added to `old` to give `new`, or None where `new` is not that.

    Empty where items of an array moved, so that only the values tell by how much.
    """
    if new <= old:
        return None
    terms = list(_terms(trace, new, old, 1))
    own = [sign for sign, node in terms if node == old]
    if own != [1]:
        return () if _items_moved(trace, old, new) else None
    return tuple((sign, node) for sign, node in terms if node != old)


def _terms(trace: Trace, node: int, stop: int, sign: int) -> Iterator[tuple[int, int]]:
    entry = trace.nodes[node]
    if node <= stop:
        yield sign, node
    elif entry.op == "add":
        for part in entry.inputs:
            yield from _terms(trace, part, stop, sign)
    elif entry.op == "subtract":
        yield from _terms(trace, entry.inputs[0], stop, sign)
        yield from _terms(trace, entry.inputs[1], stop, -sign)
    elif entry.op == "negative":
        yield from _terms(trace, entry.inputs[0], stop, -sign)
    elif (scaled := _decayed(trace, node, stop)) is not None:
        yield sign, stop
        yield sign, scaled
    elif entry.op in _THROUGH and trace.depends(entry.inputs, stop) and _wraps(trace, node, stop):
        yield from _terms(trace, entry.inputs[0], stop, sign)
    else:
        yield sign, node


def _wraps(trace: Trace, node: int, stop: int) -> bool:
    """Whether `node` is `stop` (or a sum with it) seen through copies."""
    entry = trace.nodes[node]
    while entry.op in _THROUGH and entry.inputs:
        node = entry.inputs[0]
        entry = trace.nodes[node]
    return node == stop or entry.op in ("add", "subtract")


def _decayed(trace: Trace, node: int, stop: int) -> int | None:
    """For `c * P` with a number `c`: a node of value `(c - 1) * P`, so that weight decay is a term."""
    entry = trace.nodes[node]
    if entry.op != "multiply" or stop not in entry.inputs:
        return None
    other = next((i for i in entry.inputs if i != stop), None)
    if other is None or np.size(trace.value(other)) != 1 or trace.depends([other], stop):
        return None
    factor = float(np.asarray(trace.value(other)).item())
    if not 0.5 < factor < 1.0:
        return None
    params = {"factor": factor - 1.0}
    value = (factor - 1.0) * np.asarray(trace.value(stop))
    return trace.add("decay", (stop,), params, value, entry.expr)


def _items_moved(trace: Trace, old: int, new: int) -> bool:
    """Whether `new` is `old` with some items moved by something computed from `old`."""
    node = trace.nodes[new]
    if node.op != "setitem" or old not in (node.inputs[0], _root(trace, new)):
        return False
    moved = node.inputs[1]
    item = trace.nodes[moved]
    if item.op not in ("add", "subtract"):
        return False
    own = [i for i in item.inputs if trace.nodes[i].op == "getitem" and node.inputs[0] in trace.nodes[i].inputs]
    rest = [i for i in item.inputs if i not in own]
    return bool(own) and trace.depends(rest, old)


def _root(trace: Trace, node: int) -> int:
    while trace.nodes[node].op == "setitem":
        node = trace.nodes[node].inputs[0]
    return node
