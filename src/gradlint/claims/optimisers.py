"""Looking through an optimiser: which gradient was fed into momentum, Adagrad, RMSprop or Adam.

State is a tensor that exists before the training loop (or is made in it at the first step alone), is
all zeros then (or an array of one number throughout, at which Adagrad may start), and gets a new value
from its old one. From the parameter's movement one walks down through elementwise operations; the nodes
at which the state is left behind are what was fed in: `g`, and `g * g` made from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from gradlint import ops
from gradlint.claims.phases import Stretch, stretches
from gradlint.claims.rates import is_named, strip
from gradlint.claims.replay import ENTRIES, evaluated
from gradlint.tracing import Store, Trace


def began(trace: Trace) -> int:
    """The time at which the training loop (its outermost round) began; 0 without one."""
    return min((time for _, time in trace.rounds), default=0)


def states(trace: Trace, root: int) -> frozenset[int]:
    """The nodes of optimiser state other than `root`: zeros from before the loop, carried on.

    Before the first training loop, or before that in which `root` is stepped; before the backward pass of
    a layer that steps by itself.
    """
    shape, count = trace.nodes[root].shape, len(trace.stores)
    start = began(trace) or trace.handed_back or 0
    held = _carried(trace, count, start) | _carried(trace, count, _own_loop(trace, root))
    return frozenset(old for old, becomes in held.items() if becomes == shape and old != root)


def _own_loop(trace: Trace, root: int) -> int:
    """The time at which the training loop began in which `root` is stepped first."""
    moved = next((update.new for update in trace.updates if update.old == root), 0)
    loops = stretches(trace)
    starts = [start for start, end in loops if start <= moved < end] or _again(trace, loops, moved)
    return starts[0] if starts else began(trace)


def _again(trace: Trace, loops: list[Stretch], time: int) -> list[int]:
    """When a training loop that had been left before began for the last time until `time`."""
    first = {start for start, _ in loops}
    outermost = {id(loop) for loop, start in trace.rounds if start in first}
    found = [start for loop, start in trace.rounds if id(loop) in outermost and start <= time]
    return sorted(found, reverse=True)


@lru_cache(maxsize=4)
def _carried(trace: Trace, stores: int, start: int) -> dict[int, tuple[int, ...]]:
    """All that is carried on from `start`, with the shape that it gets; `stores` is how many there are,
    as a trace may still grow.
    """
    lazy = [node for node in trace.lazy if _decays(trace, node) and _is_only_stepped(trace, node)]
    found = {node: trace.nodes[node].shape for node in lazy}
    found |= {node: shape for node in found for shape in _grown(trace, node)}
    later = {(x.place, x.old): x.new for x in trace.stores}
    for store in trace.stores:
        old, new = store.old, store.new
        if old is None or new is None or old >= start or new < start:
            continue
        if _starts_alike(trace, old) and _is_kept(trace, old, _last(store, later)):
            found[old] = trace.nodes[new].shape
    return found


def _starts_alike(trace: Trace, old: int) -> bool:
    """Whether a state starts at zero, or, as an accumulator may, as an array of one number throughout."""
    value = np.asarray(trace.value(old))
    if not np.any(value):
        return True
    if not value.shape or any(update.old == old for update in trace.updates):
        return False
    made = not any(node in trace.inputs for node in trace.ancestors([old]))
    return made and bool(np.all(value == value.flat[0]))


def _last(store: Store, later: dict[tuple[str, int | None], int | None]) -> int:
    """What the place of a store holds at last, of all that came after it."""
    new = store.new or 0
    while (after := later.get((store.place, new))) is not None and after > new:
        new = after
    return new


def _is_kept(trace: Trace, old: int, last: int) -> bool:
    """Whether something of `old` is left: it was neither replaced, as by zeros, nor set in all its items."""
    return trace.depends([last], old) and not _is_overwritten(trace, old, last)


def _is_overwritten(trace: Trace, old: int, new: int) -> bool:
    """Whether every entry of the array `old` was set to something else, one after another."""
    entries = np.zeros(trace.nodes[old].shape, dtype=bool)
    while new != old and trace.nodes[new].op == "setitem":
        entry = trace.nodes[new]
        if trace.depends([entry.inputs[1]], old):
            return False
        entries[entry.params["index"]] = True
        new = entry.inputs[0]
    return new == old and bool(entries.all())


def _decays(trace: Trace, state: int) -> bool:
    """Whether a value that starts at zero is more than the sum of what is added to it."""
    users = [n for n in trace.nodes[state:] if state in n.inputs]
    sums = [
        n for n in users if n.op == "add" and not any(_is_own_square(trace, i) for i in n.inputs)
    ]
    return len(users) > len(sums)


def _is_only_stepped(trace: Trace, state: int) -> bool:
    """Whether a value goes into steps entry by entry: a hidden state goes into matrix products."""
    last = max((update.new for update in trace.updates), default=state)
    reached = {state}
    for node in trace.nodes[state : last + 1]:
        if reached & set(node.inputs):
            reached.add(node.id)
            if not (ops.OPS[node.op].elementwise or node.op in ("copy", "setitem", "getitem")):
                return False
    return True


def _grown(trace: Trace, state: int) -> Iterator[tuple[int, ...]]:
    """The shape of what a single zero becomes when an array is added to it."""
    if trace.nodes[state].shape == ():
        reached = {state}
        for node in trace.nodes[state:]:
            if reached & set(node.inputs):
                reached.add(node.id)
                if node.shape:
                    yield node.shape
                    return


def is_stateful(trace: Trace, terms: list[tuple[float, int]], root: int) -> bool:
    """Whether the movement is made, entry by entry, from optimiser state.

    What a matrix product lies before is no state of an optimiser but the hidden state that a recurrent
    network carries on.
    """
    held = states(trace, root)
    return any(node in held for node in _steps_down(trace, terms, root, held))


def fed_in(trace: Trace, terms: list[tuple[float, int]], root: int) -> int | None:
    """The node that was fed into the optimiser as the gradient of `root`, or None if unclear."""
    held = states(trace, root)
    found = {
        node for node in _steps_down(trace, terms, root, held)
        if node not in trace.made_from(held)
        and _unscaled(trace, node) != root
    }  # fmt: skip
    return _first_made(trace, found)


def direction(trace: Trace, root: int, terms: list[tuple[float, int]], fed: int) -> float | None:
    """1 or -1: along what was fed in or against it goes the descent from zero state at a parameter of zero.

    That leaves weight decay out. None where it is neither.
    """
    g = np.random.default_rng(root).uniform(0.1, 1.0, ENTRIES)
    zero = np.zeros(ENTRIES)
    moved, given = zero, {**dict.fromkeys(states(trace, root), zero), root: zero, fed: g}
    for factor, node in terms:
        value = evaluated(trace, node, given)
        if value is None:
            return None
        moved = moved - factor * value
    along = np.sign(moved)
    return float(along[0]) if along[0] and np.all(along == along[0]) else None


def _steps_down(
    trace: Trace, terms: list[tuple[float, int]], root: int, held: frozenset[int]
) -> Iterator[int]:
    """The nodes that the movement is made of entry by entry, down to state and to what is fed in."""
    shape = trace.nodes[root].shape
    stack, seen = [node for _, node in terms], set[int]()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        entry = trace.nodes[node]
        if node in held:
            yield node
        if entry.shape != shape or node in held or entry.is_leaf:
            continue
        yield node
        elementwise = not entry.is_leaf and ops.OPS[entry.op].elementwise
        if (elementwise or entry.op in ("copy", "setitem")) and node in trace.made_from(held):
            stack += entry.inputs


def _first_made(trace: Trace, found: set[int]) -> int | None:
    """The one of which the others are made; a square is taken for what is squared."""
    lowest = {_unscaled(trace, node) for node in found}
    first = {n for n in lowest if not any(m != n and trace.depends([n], m) for m in lowest)}
    return first.pop() if len(first) == 1 else None


def _is_own_square(trace: Trace, node: int) -> bool:
    entry = trace.nodes[node]
    return entry.op == "multiply" and entry.inputs[0] == entry.inputs[1]


def _unscaled(trace: Trace, node: int) -> int:
    """`node` without the numbers of the optimiser, its squares and copies; a name ends the search."""
    while not is_named(trace, node):
        entry = trace.nodes[node]
        inner = strip(trace, node).node
        if inner != node:
            node = inner
        elif entry.op in ("square", "power") or _is_own_square(trace, node):
            node = entry.inputs[0]
        else:
            break
    return node
