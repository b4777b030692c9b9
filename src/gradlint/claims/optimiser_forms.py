"""The formula of an optimiser, read off the trace by value: how it averages and what it divides by.

The statements between the old state and the step are evaluated again at random states and gradients, so
that a re-arranged formula is the same as the textbook's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradlint.claims.extract import Claim
from gradlint.claims.optimisers import states
from gradlint.claims.replay import ENTRIES, evaluated
from gradlint.reading import syntax as s
from gradlint.tracing import Store, Trace

_EXACT = 1e-9
_FAR = (1e8, 1e12)
"""Where a second moment is so large that neither an epsilon nor a maximum beside it counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """A state that becomes `kept * state + added * g ** degree`; `store` is where it does."""

    store: Store
    kept: float
    added: float
    degree: int

    @property
    def new(self) -> int:
        assert self.store.new is not None
        return self.store.new


def averages(trace: Trace, claim: Claim) -> list[Average]:
    """The states behind the step of a parameter that are averages of its gradient or of its square."""
    if not claim.through_optimiser or claim.gradient is None:
        return []
    held = states(trace, claim.root)
    behind = set(trace.ancestors(update.new for update in claim.updates))
    found: dict[int, Average] = {}
    for store in trace.stores:
        if store.old in held and store.new is not None and store.new in behind:
            average = _average(trace, store, claim.gradient)
            if average is not None and store.old not in found:
                found[store.old or 0] = average
    return list(found.values())


def _average(
    trace: Trace, store: Store, gradient: int, given: Mapping[int, float] | None = None
) -> Average | None:
    draw = np.random.default_rng(store.new)
    state, g = draw.uniform(0.5, 2.0, ENTRIES), draw.uniform(0.5, 2.0, ENTRIES)
    g[::2] *= -1
    assert store.old is not None
    assert store.new is not None
    value = evaluated(trace, store.new, {store.old: state, gradient: g, **(given or {})})
    if value is None:
        return None
    for degree in (1, 2):
        basis = np.stack([state, g**degree], axis=1)
        (kept, added), *_ = np.linalg.lstsq(basis, value, rcond=None)
        if np.allclose(basis @ (kept, added), value, rtol=_EXACT, atol=_EXACT) and kept and added:
            return Average(store, float(kept), float(added), degree)
    return None


@dataclass(frozen=True, slots=True)
class Response:
    """How the two rates of an average change with a number that has a `name`, each per its change."""

    name: str
    value: float
    kept: float
    added: float


def responses(trace: Trace, claim: Claim, average: Average) -> Iterator[Response]:
    """The named numbers that an average is made with: `beta * m + (1 - beta) * g` responds with 1 and -1."""
    assert claim.gradient is not None
    for leaf in trace.ancestors([average.new]):
        value = trace.value(leaf)
        if not trace.nodes[leaf].is_leaf or np.size(value) != 1 or not trace.stores_of(leaf):
            continue
        size = float(np.asarray(value).item())
        change = 1e-3 * size
        other = _average(trace, average.store, claim.gradient, {leaf: size - change})
        if change and other is not None and other.degree == average.degree:
            kept = (average.kept - other.kept) / change
            added = (average.added - other.added) / change
            yield Response(trace.stores_of(leaf)[0].place, size, kept, added)


def power(trace: Trace, claim: Claim, average: Average) -> float | None:
    """The power of a second moment by which the step is multiplied where it is large: -0.5 for a root."""
    assert claim.gradient is not None
    draw = np.random.default_rng(claim.root)
    g = draw.uniform(0.5, 2.0, ENTRIES)
    others = {s: draw.uniform(0.5, 2.0, ENTRIES) for s in states(trace, claim.root)}
    sizes = []
    for far in _FAR:
        total = np.zeros(ENTRIES)
        for update in claim.updates:
            for factor, node in update.change:
                given = {**others, claim.gradient: g, average.new: np.full(ENTRIES, far)}
                value = evaluated(trace, node, given)
                if value is None:
                    return None
                total = total + factor * value
        sizes.append(float(np.linalg.norm(total)))
    if not all(sizes) or not all(np.isfinite(sizes)):
        return None
    return float(np.log(sizes[1] / sizes[0]) / np.log(_FAR[1] / _FAR[0]))


def correction(trace: Trace, average: Average) -> Iterator[tuple[int, s.Stmt]]:
    """The numbers that a state is divided by, right after it was renewed, and where."""
    for node in trace.nodes[average.new :]:
        divides = node.op == "divide" and node.inputs[0] == average.new
        if divides and node.statement is not None and np.size(trace.value(node.inputs[1])) == 1:
            yield node.inputs[1], node.statement


def is_without_power(trace: Trace, number: int) -> bool:
    """Whether a number is written as `1 - beta`, with nothing that counts the steps."""
    node = trace.nodes[number]
    if node.op != "subtract" or not all(trace.nodes[i].is_leaf for i in node.inputs):
        return False
    return any(trace.stores_of(i) for i in node.inputs)


def is_product(trace: Trace, number: int, kept: float) -> bool:
    """Whether a number is `1 - beta * t`, where `1 - beta ** t` would count the steps."""
    node = trace.nodes[number]
    taken = trace.nodes[node.inputs[1]] if node.op == "subtract" else node
    if taken.op != "multiply" or not all(trace.nodes[i].is_leaf for i in taken.inputs):
        return False
    values = [np.asarray(trace.value(i)) for i in taken.inputs]
    rates = [abs(float(v.item()) - kept) < _EXACT for v in values if v.size == 1]
    return len(rates) == 2 and any(rates)
