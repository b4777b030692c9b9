"""The gradients that updates consume: for each parameter, what it was moved by.

A parameter `P` that becomes `P - rate * G` claims that `G` is the gradient of the loss in `P`. What
is a rate and what is part of the gradient: numbers and names that say so are a rate, sizes (the
`m` of `1 / m`) are not. Optimiser state (momentum, Adam) is looked through to the gradient fed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.claims.names import gradient_of, says_rate
from gradlint.claims.optimisers import fed_in, is_stateful
from gradlint.reading import syntax as s
from gradlint.tracing import CONSTANT, LEAF, Store, Trace, Update


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """One claim: `value` (the shape of the parameter) is a positive multiple of d loss / d `place`.

    `root` is the parameter's node before the step; `gradient` the node that the user would call the
    gradient, with its `name` if it has one; `value` the direction of descent with the rate taken
    out. `rate` is that number. `through_optimiser`: consumed by way of optimiser state.
    """

    place: str
    root: int
    gradient: int | None
    name: str
    value: Any
    rate: float
    statement: s.Stmt
    updates: tuple[Update, ...]
    through_optimiser: bool = False
    line: int = 0


@dataclass(slots=True)
class _Stripped:
    node: int
    rate: float = 1.0
    sign: int = 1


def claims_of(trace: Trace) -> list[Claim]:
    """The claims that the updates of a trace make, in the order of the updates."""
    by_root: dict[int, list[Update]] = {}
    roots: dict[int, int] = {}
    for update in trace.updates:
        root = roots.get(update.old, update.old)
        roots[update.new] = root
        by_root.setdefault(root, []).append(update)
    return [_claim(trace, root, updates) for root, updates in by_root.items()]


def _claim(trace: Trace, root: int, updates: list[Update]) -> Claim:
    last = updates[-1]
    terms = [term for update in updates for term in update.change]
    moved = np.asarray(trace.value(root)) - np.asarray(trace.value(last.new))
    statement = updates[0].statement
    if any(not update.change for update in updates) or not terms:
        rate = _item_rate(trace, updates)
        return Claim(
            last.place, root, None, _of(last.place), moved / rate, rate, statement,
            tuple(updates), line=statement.span.line,
        )  # fmt: skip
    if is_stateful(trace, terms, root):
        return _stateful_claim(trace, root, updates, terms, moved)
    return _plain_claim(trace, root, updates, terms)


def _plain_claim(
    trace: Trace, root: int, updates: list[Update], terms: list[tuple[int, int]]
) -> Claim:
    stripped = [strip(trace, node) for _, node in terms]
    rate = next((p.rate for p in stripped if not _is_decay(trace, p.node)), 1.0)
    value = sum(
        -sign * np.asarray(trace.value(node)) for sign, node in terms
    ) / abs(rate)  # fmt: skip
    main = stripped[0]
    gradient = main.node if len(terms) == 1 else None
    name, line = describe(trace, gradient, updates)
    return Claim(
        updates[-1].place, root, gradient, name or _of(updates[-1].place), value, abs(rate),
        updates[0].statement, tuple(updates), line=line,
    )  # fmt: skip


def _stateful_claim(
    trace: Trace, root: int, updates: list[Update], terms: list[tuple[int, int]], moved: Any
) -> Claim:
    fed = fed_in(trace, terms, root)
    moved = sum(-sign * np.asarray(trace.value(node)) for sign, node in terms)
    value, gradient = moved, None
    if fed is not None:
        inner = strip(trace, fed)
        gradient = inner.node
        along = np.sum(np.sign(moved) * np.sign(np.asarray(trace.value(fed))))
        value = (1.0 if along >= 0 else -1.0) * np.asarray(trace.value(fed)) / abs(inner.rate)
    name, line = describe(trace, gradient, updates)
    return Claim(
        updates[-1].place, root, gradient, name or _of(updates[-1].place), value, 1.0,
        updates[0].statement, tuple(updates), fed is not None, line,
    )  # fmt: skip


def _is_decay(trace: Trace, node: int) -> bool:
    return trace.nodes[node].op == "decay"


def _item_rate(trace: Trace, updates: list[Update]) -> float:
    for update in updates:
        node = trace.nodes[update.new]
        if node.op == "setitem":
            item = trace.nodes[node.inputs[1]]
            rates = [strip(trace, i).rate for i in item.inputs[-1:]] if item.inputs else []
            if rates:
                return abs(rates[0])
    return 1.0


def strip(trace: Trace, node: int) -> _Stripped:
    """`node` without the rates that multiply it.

    Inside a named gradient only what is named like a rate is taken out: the 2 of `dW = 2 * x * e` is
    part of the gradient, the `lr` of `step = lr * dW` is not.
    """
    found = _Stripped(node)
    inside_name = False
    while True:
        entry = trace.nodes[found.node]
        if entry.op in ("copy", "clip") and _same_size(trace, found.node, entry.inputs[0]):
            found.node = entry.inputs[0]
            continue
        if entry.op == "negative":
            found.node, found.sign = entry.inputs[0], -found.sign
            continue
        split = _rate_factor(trace, found.node, inside_name)
        if split is None:
            return found
        inside_name = inside_name or bool(names_of(trace, found.node))
        found.node, factor = split
        found.rate *= factor


def _same_size(trace: Trace, node: int, other: int) -> bool:
    return trace.nodes[node].shape == trace.nodes[other].shape


def _rate_factor(trace: Trace, node: int, inside_name: bool) -> tuple[int, float] | None:
    entry = trace.nodes[node]
    if entry.op not in ("multiply", "divide"):
        return None
    left, right = entry.inputs
    named = inside_name or any(_says_gradient(n) for n in names_of(trace, node))
    if _is_rate(trace, right, named) and not (entry.op == "divide" and named):
        factor = float(np.asarray(trace.value(right)).item())
        return left, (factor if entry.op == "multiply" else 1.0 / factor) or 1.0
    if entry.op == "multiply" and _is_rate(trace, left, named):
        return right, float(np.asarray(trace.value(left)).item()) or 1.0
    return None


def _says_gradient(name: str) -> bool:
    return gradient_of(name) is not None


def _is_rate(trace: Trace, node: int, inside_name: bool) -> bool:
    """Whether a scalar is a learning rate: a number that is no size and, inside a name, says so."""
    entry = trace.nodes[node]
    if np.size(entry.value) != 1 or np.asarray(entry.value).dtype.kind not in "fiu":
        return False
    sources = [trace.nodes[n] for n in trace.ancestors([node]) if trace.nodes[n].is_leaf]
    if any(np.size(x.value) != 1 for x in sources):
        return False
    named_rate = any(says_rate(name) for x in sources for name in names_of(trace, x.id))
    if inside_name:
        return named_rate
    return named_rate or not any(_is_size(trace, x.id) for x in sources)


def _is_size(trace: Trace, node: int) -> bool:
    """Whether a number is the size of something: an integer of at least 3 that is no plain rate."""
    value = trace.value(node)
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and int(value) >= 3


def names_of(trace: Trace, node: int) -> list[str]:
    """The places in which the value of `node` was stored, in order."""
    return [store.place for store in trace.stores if store.new == node]


def describe(trace: Trace, gradient: int | None, updates: list[Update]) -> tuple[str, int]:
    """The name of a gradient and the line that made it; the update's line where it has no name."""
    line = updates[0].statement.span.line
    if gradient is None:
        return "", line
    stores: list[Store] = [x for x in trace.stores if x.new == gradient]
    if stores:
        return stores[0].place, stores[0].statement.span.line
    return "", line


def _of(place: str) -> str:
    return f"step of {place}"


__all__ = ["CONSTANT", "LEAF", "Claim", "claims_of", "describe", "names_of", "strip"]
