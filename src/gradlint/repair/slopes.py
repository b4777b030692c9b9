"""The slopes of the activations of the forward pass, as formulas in the user's names.

Which formula it is is found by value: the derivative of a named tensor `a` in what it was made from,
elementwise, is compared with `a * (1 - a)`, `1 - a ** 2` and `a > 0`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.judging.truth import push
from gradlint.reading import syntax as s
from gradlint.repair.building import name
from gradlint.tracing import Trace


@dataclass(frozen=True, slots=True, eq=False)
class Slope:
    """The slope of an activation: `expr` in terms of the tensor `place` (its output `node`).

    `before` is the node that the activation was applied to, `told` the formula in words.
    """

    place: str
    node: int
    before: int
    kind: str
    expr: s.Expr
    told: str
    shape: tuple[int, ...]
    cost: float = 0.0


_ONE = s.Constant(1)


def _sigmoid(a: s.Expr) -> s.Expr:
    return s.BinOp("*", a, s.BinOp("-", _ONE, a))


def _tanh(a: s.Expr) -> s.Expr:
    return s.BinOp("-", _ONE, s.BinOp("**", a, s.Constant(2)))


def _relu(a: s.Expr) -> s.Expr:
    return s.Compare(a, (">",), (s.Constant(0),))


_KINDS: dict[str, tuple[Callable[[s.Expr], s.Expr], Callable[[Any], Any]]] = {
    "sigmoid": (_sigmoid, lambda a: a * (1 - a)),
    "tanh": (_tanh, lambda a: 1 - a**2),
    "relu": (_relu, lambda a: (a > 0) * 1.0),
}


def formulas(argument: s.Expr) -> list[s.Expr]:
    """The usual slopes, in terms of `argument`."""
    return [build(argument) for build, _ in _KINDS.values()]


def find_slopes(
    trace: Trace, reached: set[int], items: Iterable[tuple[str, int]] = ()
) -> list[Slope]:
    """The slopes of all named tensors among `reached` (those that depend on a parameter).

    `items` are tensors that have no name of their own, as statements write them: `activations[-1]`.
    """
    stored: dict[int, str] = {}
    for store in trace.stores:
        if store.new is not None and store.new in reached:
            stored.setdefault(store.new, store.place)
    places = [(place, node) for node, place in stored.items()]
    places += [(place, node) for place, node in items if stored.get(node) != place]
    found = (
        _slope(trace, place, node, reached) for place, node in places if trace.nodes[node].inputs
    )
    return [slope for slope in found if slope is not None]


def _slope(trace: Trace, place: str, node: int, reached: set[int]) -> Slope | None:
    value = np.asarray(trace.value(node))
    if value.dtype.kind != "f" or not value.size:
        return None
    chain = list(_chain(trace, node, reached))
    derivatives = _derivatives(trace, node, chain)
    known = [(kind, build, formula(value)) for kind, (build, formula) in _KINDS.items()]
    for before in chain:
        derivative = derivatives.get(before)
        if derivative is None or _is_close(derivative, 1.0):
            continue
        for kind, build, expected in known:
            if _is_close(derivative, expected):
                expr = build(name(place))
                return Slope(place, node, before, kind, expr, _told(kind, place), value.shape)
    return None


def _derivatives(trace: Trace, node: int, chain: list[int]) -> dict[int, Any]:
    """The derivatives of `node` in the nodes of `chain`, entry by entry."""
    of: dict[int, Any] = {node: np.ones(trace.nodes[node].shape)}
    reached = {node, *chain}
    for one in sorted(reached, reverse=True):
        if one in of:
            push(trace, one, of, reached, [])
    return of


def _is_close(found: Any, expected: Any) -> bool:
    """Whether two arrays are equal; most differ in their first entry already."""
    first, other = np.asarray(found).flat[0], np.asarray(expected).flat[0]
    if abs(first - other) > 1e-9 * abs(other) + 1e-12:
        return False
    return bool(np.all(np.abs(found - expected) <= 1e-9 * np.abs(expected) + 1e-12))


def _told(kind: str, place: str) -> str:
    words = {
        "sigmoid": f"{place} * (1 - {place})",
        "tanh": f"1 - {place} ** 2",
        "relu": f"{place} > 0",
    }
    return words[kind]


def _chain(trace: Trace, node: int, reached: set[int]) -> Iterator[int]:
    """The nodes of the same shape that `node` was made from entry by entry, nearest first."""
    level, seen = [node], set[int]()
    for _ in range(12):
        after: list[int] = []
        for current in level:
            entry = trace.nodes[current]
            if not entry.inputs or not _is_elementwise(entry.op):
                continue
            after += [
                i for i in entry.inputs if i in reached and trace.nodes[i].shape == entry.shape
            ]
        level = [n for n in dict.fromkeys(after) if n not in seen]
        seen |= set(level)
        yield from level


def _is_elementwise(op: str) -> bool:
    entry: Any = ops.OPS.get(op)
    return entry is not None and (entry.elementwise or op == "copy")
