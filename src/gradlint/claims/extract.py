"""The gradients that updates consume: for each parameter, what it was moved by.

A parameter `P` that becomes `P - rate * G` claims that `G` is the gradient of the loss in `P`. What
is a rate and what is part of the gradient: numbers and names that say so are a rate, sizes (the
`m` of `1 / m`) are not. Optimiser state (momentum, Adam) is looked through to the gradient fed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.claims.optimisers import direction, fed_in, is_stateful
from gradlint.claims.phases import later_steps, turned_back
from gradlint.claims.rates import strip
from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.tracing import Claimed, Trace, Update
from gradlint.tracing.updates import added_to_items


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """One claim: `value` (the shape of the parameter) is a positive multiple of d loss / d `place`.

    `root` is the parameter's node before the step; `gradient` the node that the user would call the
    gradient, with its `name` if it has one; `value` the direction of descent with the rate taken
    out. `rate` is that number. `through_optimiser`: consumed by way of optimiser state. `is_named`:
    the gradient or the rate has a name, so that it is clear which number belongs to which. `line` is
    where the gradient is made, in `file` if that is another one than the script. `exact`: it is handed out
    as the gradient itself, so that a constant factor is a mistake. `handed`: a function handed it out, and no
    step consumes it. `clipped` is the value as it is handed out, where it was clipped at the end. `shrunk` is
    the weight decay beside the gradient that a statement of its own takes, per unit of the rate.
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
    is_named: bool = True
    file: str = ""
    exact: bool = False
    handed: bool = False
    clipped: Any = None
    shrunk: float = 0.0


def claims_of(trace: Trace) -> list[Claim]:
    """The claims that the updates of a trace make, in the order of the updates."""
    by_root: dict[int, list[Update]] = {}
    roots: dict[int, int] = {}
    later = {id(update) for update in later_steps(trace)}
    turned = turned_back(trace) if later else set[int]()
    for update in trace.updates:
        if id(update) in later:
            continue
        root = roots.get(update.old, update.old)
        roots[update.new] = root
        by_root.setdefault(root, []).append(update)
    handed = [_handed_out(trace, claimed) for claimed in trace.claimed]
    moved = [_claim(trace, root, ups) for root, ups in by_root.items() if root not in turned]
    return moved + handed


def _handed_out(trace: Trace, claimed: Claimed) -> Claim:
    """The claim of a function that hands out a gradient: it is the gradient itself, with no rate."""
    step = Update(
        claimed.place, claimed.of, claimed.value, ((-1.0, claimed.value),), claimed.statement
    )
    name, made_at = describe(trace, claimed.value, [step])
    shape, whole = trace.nodes[claimed.of].shape, _unclipped(trace, claimed.value)
    value, given = (_alike(trace.value(node), shape) for node in (whole, claimed.value))
    return Claim(
        claimed.place, claimed.of, claimed.value, name or claimed.name, value, 1.0, claimed.statement,
        (step,), line=made_at.line, file=made_at.file, exact=not claimed.loose, handed=True,
        clipped=None if whole == claimed.value else given,
    )  # fmt: skip


def _claim(trace: Trace, root: int, updates: list[Update]) -> Claim:
    last, place = updates[-1], place_of(trace, root, updates)
    terms: list[tuple[float, int]] = [term for update in updates for term in update.change]
    moved = np.asarray(trace.value(root)) - np.asarray(trace.value(last.new))
    statement = updates[0].statement
    if any(not update.change for update in updates) or not terms:
        rate = _item_rate(trace, updates)
        return Claim(
            place, root, None, _of(place), moved / rate, rate, statement,
            tuple(updates), line=statement.span.line, file=statement.span.file,
        )  # fmt: skip
    if is_stateful(trace, terms, root):
        return _stateful_claim(trace, root, updates, terms, moved)
    return _plain_claim(trace, root, updates, terms)


def _plain_claim(
    trace: Trace, root: int, updates: list[Update], terms: list[tuple[float, int]]
) -> Claim:
    made = [(factor, node) for factor, node in terms if node != root]
    first_factor, first_node = made[0]
    inner = strip(trace, first_node)
    outer = inner.with_inner_rates(trace)
    rate = outer.rate(trace)
    value: Any
    if len(terms) == 1:
        value = -first_factor * inner.factor(trace) * np.asarray(trace.value(inner.node)) / rate
    else:
        value = -sum(factor * np.asarray(trace.value(node)) for factor, node in terms) / rate
    gradient = inner.node if len(terms) == 1 else None
    name, made_at = describe(trace, gradient, updates)
    place = place_of(trace, root, updates)
    return Claim(
        place, root, gradient, name or _of(place),
        _fitted(value, trace.nodes[root].shape), rate, updates[0].statement, tuple(updates),
        line=made_at.line, is_named=bool(name) or outer.has_named_rate(trace), file=made_at.file,
        shrunk=trace.shrinks[root][0] / rate if root in trace.shrinks else 0.0,
    )  # fmt: skip


def _stateful_claim(
    trace: Trace, root: int, updates: list[Update], terms: list[tuple[float, int]], moved: Any
) -> Claim:
    fed = fed_in(trace, terms, root)
    moved = -sum(factor * np.asarray(trace.value(node)) for factor, node in terms)
    value, gradient = moved, None
    if fed is not None:
        along = np.sign(moved) * np.sign(np.asarray(trace.value(fed), dtype=float))
        if np.all(along >= 0) or np.all(along <= 0):
            gradient = fed
            value = (1.0 if np.any(along > 0) else -1.0) * np.asarray(trace.value(fed))
        elif (sign := direction(trace, root, terms, fed)) is not None:
            gradient, value = fed, sign * np.asarray(trace.value(fed))
    name, made_at = describe(trace, gradient, updates)
    place = place_of(trace, root, updates)
    return Claim(
        place, root, gradient, name or _of(place), value, 1.0,
        updates[0].statement, tuple(updates), fed is not None, made_at.line, file=made_at.file,
    )  # fmt: skip


def _unclipped(trace: Trace, node: int) -> int:
    """A gradient before it was clipped."""
    while trace.nodes[node].op in ("clip", "copy"):
        node = trace.nodes[node].inputs[0]
    return node


def _alike(value: Any, shape: tuple[int, ...]) -> Any:
    """`value` in the shape of what it is the gradient of, where they differ by axes of size one."""
    array = np.asarray(value)
    same = [n for n in array.shape if n != 1] == [n for n in shape if n != 1]
    return array.reshape(shape) if same else array


def _item_rate(trace: Trace, updates: list[Update]) -> float:
    for update in updates:
        added = added_to_items(trace, update.new)
        if added is not None:
            return _rate_of(trace, added)
    return 1.0


def _rate_of(trace: Trace, node: int) -> float:
    return strip(trace, node).with_inner_rates(trace).rate(trace)


def _fitted(value: Any, shape: tuple[int, ...]) -> Any:
    """`value` as it is added to a parameter of `shape`: broadcast, if it fits."""
    try:
        return np.broadcast_to(np.asarray(value), shape)
    except ValueError:
        return np.asarray(value)


def place_of(trace: Trace, root: int, updates: list[Update]) -> str:
    """The name of a parameter: as it is updated, unless that is a loop variable."""
    places = [
        store.place for store in trace.stores_of(root) if not isinstance(store.statement, s.For)
    ]
    updated = updates[-1].place
    return updated if updated in places or not places else places[0]


def describe(trace: Trace, gradient: int | None, updates: list[Update]) -> tuple[str, Span]:
    """The name of a gradient and the place that made it; the update's where it has no name."""
    span = updates[0].statement.span
    if gradient is None:
        return "", span
    stores = trace.stores_of(gradient)
    if stores:
        return stores[0].place, stores[0].statement.span
    return "", span


def _of(place: str) -> str:
    return f"step of {place}"
