"""Which loss the script descends: written under a name, shown, or to be inferred from its error.

A `LossSpec` says how to find (or build) the loss in any trace of the module; `locate` does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlint.claims.extract import Claim
from gradlint.claims.inferred import INFERRED, inferred, sides
from gradlint.claims.names import says_loss
from gradlint.claims.spec import LossSpec
from gradlint.claims.unfinished import unfinished
from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Trace
from gradlint.tracing.build import Builder
from gradlint.tracing.facts import SiteKey
from gradlint.tracing.trace import Objective


def candidates(
    frozen: Trace, trace: Trace, roots: list[int], claims: list[Claim]
) -> tuple[list[LossSpec], list[LossSpec]]:
    """The written losses, best first, and the inferred ones.

    Looked for in the `frozen` trace, where the parameters are the nodes `roots`; `claims` and `trace`
    are those of the walk in which they move.
    """
    if frozen.objective is not None:
        return [_given(frozen, frozen.objective)], []
    influenced = _Influence(frozen, roots)
    consumed = _consumed(trace, claims)
    sites = {trace.keys[node] for node in consumed if node in trace.keys}
    partial = {key for n in unfinished(frozen, trace, influenced) if (key := frozen.keys.get(n))}
    written = list(_written(frozen, influenced, sites | partial))
    return written, list(_inferred(frozen, influenced, sites))


def _given(trace: Trace, objective: Objective) -> LossSpec:
    """The objective of the gradients that a function hands out: it is known, not looked for."""
    key = trace.keys[objective.node]
    return LossSpec("written", (key,), objective.name, objective.statement.span, named=True)


class _Influence:
    """Which nodes were computed from a parameter as it stood before its step."""

    def __init__(self, trace: Trace, roots: list[int]) -> None:
        self.reached = [False] * len(trace.nodes)
        for root in roots:
            self.reached[root] = True
        for node in trace.nodes:
            if any(self.reached[i] for i in node.inputs):
                self.reached[node.id] = True

    def __call__(self, node: int) -> bool:
        return self.reached[node]


def _written(trace: Trace, influenced: _Influence, consumed: set[SiteKey]) -> Iterator[LossSpec]:
    yield from _itemised(trace, influenced, consumed)
    seen, terms = set[int](), _terms_of_unknown(trace)
    for named in (True, False):
        for node, name, span in _places(trace, named):
            key = trace.keys.get(node)
            if (
                name in terms
                or node in seen
                or key is None
                or not influenced(node)
                or key in consumed
            ):
                continue
            if np.asarray(trace.value(node)).dtype.kind != "f":
                continue
            seen.add(node)
            if np.size(trace.value(node)) == 1:
                yield LossSpec("written", (key,), name, span, named)
            elif named and _like_loss(trace, node) and not _is_spread(trace, node, influenced):
                yield LossSpec("mean of", (key,), name, span, named)
                yield LossSpec("sum of", (key,), name, span, named)


def _terms_of_unknown(trace: Trace) -> set[str]:
    """The names of terms of a loss that could not be read: `cost = cross_entropy + penalty` of half known."""
    found: set[str] = set()
    for store in trace.stores:
        value = store.statement.value if isinstance(store.statement, s.Assign) else None
        if store.new is None and says_loss(store.place) and isinstance(value, s.BinOp):
            found |= {node.id for node in descend(value) if isinstance(node, s.Name)}
    return found


def _itemised(trace: Trace, influenced: _Influence, consumed: set[SiteKey]) -> Iterator[LossSpec]:
    """The sums of losses that are the items of a list, all made by one expression: `error[i] = ...`."""
    lists: dict[tuple[str, int], dict[str, tuple[SiteKey, Span]]] = {}
    for store in trace.stores:
        if store.new is None or not store.place.endswith("]") or not says_loss(store.place):
            continue
        key, value = trace.keys.get(store.new), np.asarray(trace.value(store.new))
        if key is None or key in consumed or not influenced(store.new):
            continue
        if value.size == 1 and value.dtype.kind == "f":
            items = lists.setdefault((store.place.rpartition("[")[0], key[0]), {})
            items[store.place] = key, store.statement.span
    for (name, _), items in lists.items():
        if len(items) > 1:
            keys = tuple(key for key, _ in items.values())
            yield LossSpec("sum of", keys, name, next(iter(items.values()))[1], named=True)


def _places(trace: Trace, named: bool) -> Iterator[tuple[int, str, Span]]:
    if named:
        for store in reversed(trace.stores):
            if store.new is not None and says_loss(store.place):
                yield store.new, store.place, store.statement.span
        for shown in reversed(trace.shown):
            if says_loss(shown.name):
                yield shown.node, shown.name, shown.expr.span
        return
    for shown in reversed(trace.shown):
        name = shown.name if shown.name not in ("print", "append") else "loss"
        yield shown.node, name, shown.expr.span


def _like_loss(trace: Trace, node: int) -> bool:
    """Whether an array is an elementwise loss: a square or a logarithm rather than a difference."""
    ops_above = {trace.nodes[n].op for n in _near(trace, node)}
    return bool(ops_above & {"power", "square", "log", "logaddexp", "log1p"})


def _is_spread(trace: Trace, node: int, influenced: _Influence) -> bool:
    """Whether terms of different sizes were added, so that their weights in it are an accident."""
    stack, seen = [node], set[int]()
    while stack:
        one = stack.pop()
        if one in seen:
            continue
        seen.add(one)
        entry = trace.nodes[one]
        inputs = [i for i in entry.inputs if influenced(i)]
        sizes = {np.size(trace.value(i)) for i in inputs}
        if entry.op in ("add", "subtract"):
            if len(sizes) > 1:
                return True
            stack += inputs
        elif entry.op in ("multiply", "divide", "negative") and len(inputs) == 1:
            stack += inputs
    return False


def _near(trace: Trace, node: int) -> Iterator[int]:
    level = {node}
    for _ in range(8):
        yield from level
        level = {i for n in level for i in trace.nodes[n].inputs}


def _inferred(trace: Trace, influenced: _Influence, consumed: set[SiteKey]) -> Iterator[LossSpec]:
    """Losses behind the differences of something predicted and something given."""
    sites: dict[tuple[int, bool], list[SiteKey]] = {}
    for node in trace.nodes:
        key = trace.keys.get(node.id)
        if node.op != "subtract" or key is None or key not in consumed:
            continue
        left, right = node.inputs
        target = right if influenced(left) else left
        written = _is_number(trace, target) and not _is_named(node.expr, target == left)
        given = not written and not _is_alone(trace, target, node.id)
        given = given and not _is_scaled(node.expr, predicted_first=influenced(left))
        if influenced(left) != influenced(right) and given:
            sites.setdefault((key[0], influenced(left)), []).append(key)
    for (_, positive), keys in sites.items():
        yield from _families(trace, tuple(keys), positive)
    yield from _divided(trace, influenced, consumed)
    yield from _picked(trace, influenced, consumed)


def _divided(trace: Trace, influenced: _Influence, consumed: set[SiteKey]) -> Iterator[LossSpec]:
    """The cross-entropies whose derivative is written as a quotient: `-y / p + (1 - y) / (1 - p)`."""
    for node in trace.nodes:
        key = trace.keys.get(node.id)
        if node.op != "divide" or key is None or key not in consumed:
            continue
        target, output = node.inputs
        shapes = {np.shape(trace.value(n)) for n in node.inputs}
        given = (
            not influenced(target) and influenced(output) and trace.nodes[target].op != "subtract"
        )
        if given and len(shapes) == 1 and not _is_number(trace, target):
            yield from (one for one in _families(trace, (key,), False) if one.family != "squared")


def _consumed(trace: Trace, claims: list[Claim]) -> set[int]:
    """The nodes that some step was computed from."""
    moved = [
        node for claim in claims for update in claim.updates
        for node in ([n for _, n in update.change] or [update.new])
    ]  # fmt: skip
    return set(trace.ancestors(moved))


def _is_alone(trace: Trace, target: int, difference: int) -> bool:
    """Whether one number would be the target of many outputs: that is no error but something else."""
    return np.size(trace.value(target)) == 1 < np.size(trace.value(difference))


def _is_scaled(difference: s.Expr | None, predicted_first: bool) -> bool:
    """Whether a number stands before what is predicted alone, `2 * p - y`: no error, but lost brackets."""
    if not isinstance(difference, s.BinOp):
        return False
    sides = (difference.left, difference.right)
    predicted, target = (_factor(side) for side in (sides if predicted_first else sides[::-1]))
    return predicted not in (None, 1, target)


def _factor(node: s.Expr) -> float | None:
    """The number that an expression starts with, `2` of `2 * p`."""
    match node:
        case s.BinOp(op="*", left=s.Constant(value=int() | float() as value)):
            return value
        case s.BinOp(op="*" | "/" | "@", left=left):
            return _factor(left)
    return None


def _is_named(difference: s.Expr | None, left: bool) -> bool:
    """Whether a side of a difference is no literal there: a label that is the number 1 in a list."""
    if not isinstance(difference, s.BinOp):
        return False
    side = difference.left if left else difference.right
    return isinstance(side, s.Name | s.Subscript | s.Attribute)


def _is_number(trace: Trace, node: int) -> bool:
    """Whether a node is a literal of the text: the 1 of `1 - a`."""
    return trace.nodes[node].op == "constant"


def _families(trace: Trace, keys: tuple[SiteKey, ...], positive: bool) -> Iterator[LossSpec]:
    first = trace.at(keys[0])
    assert first is not None
    node = trace.nodes[first]
    expr = node.expr
    span = expr.span if expr is not None else Span(1, 1, 1, 1)
    output = np.asarray(trace.value(node.inputs[0 if positive else 1]))
    yield LossSpec("squared", keys, INFERRED["squared"], span)
    if output.size and _are_probabilities(output):
        if any(np.allclose(np.sum(output, axis=axis), 1) for axis in range(output.ndim)):
            yield LossSpec("softmax", keys, INFERRED["softmax"], span)
        yield LossSpec("binary", keys, INFERRED["binary"], span)


def _are_probabilities(output: np.ndarray[Any, Any]) -> bool:
    """Whether all lies between 0 and 1, or is a 1 to the last digit: a sigmoid of something large."""
    within = bool(np.all(output > 0) and np.all(output < 1))
    return within or bool(np.all(output >= 0) and np.max(output) == 1.0)


def _picked(trace: Trace, influenced: _Influence, consumed: set[SiteKey]) -> Iterator[LossSpec]:
    """`p[range(n), y] -= 1`: the cross-entropy with integer labels."""
    for node in trace.nodes:
        if node.op != "setitem":
            continue
        base, item = node.inputs
        moved = trace.nodes[item]
        if moved.op != "subtract" or not influenced(base) or not _is_number(trace, moved.inputs[1]):
            continue
        key = trace.keys.get(item)
        if key in consumed and key is not None and np.all(np.asarray(trace.value(base)) >= 0):
            expr = moved.expr
            yield LossSpec(
                "picked", (key,), INFERRED["picked"], expr.span if expr else Span(1, 1, 1, 1)
            )


def locate(trace: Trace, spec: LossSpec, roots: list[int]) -> int | None:
    """The node of the loss in `trace` (appended to it where it is inferred), or None.

    `roots` are the nodes of the parameters in this trace.
    """
    sites = [trace.at(key) for key in spec.sites]
    nodes = [node for node in sites if node is not None]
    if len(nodes) != len(sites) or not nodes:
        return None
    build = Builder(trace)
    if spec.family == "written":
        return nodes[0]
    if spec.family == "mean of":
        return build("mean", nodes[0])
    if spec.family == "sum of":
        return _added(build, [build("sum", node) for node in nodes])
    influenced = _Influence(trace, roots)
    return _added(build, [inferred(build, spec, node, influenced) for node in nodes])


def is_of_probabilities(trace: Trace, spec: LossSpec, roots: list[int]) -> bool:
    """Whether an inferred cross-entropy is one of numbers between 0 and 1, or of ones to the last digit."""
    nodes = [trace.at(key) for key in spec.sites]
    if spec.family not in ("binary", "softmax") or None in nodes:
        return False
    influenced = _Influence(trace, roots)
    outputs = (sides(trace, node, influenced)[0] for node in nodes if node is not None)
    return all(_are_probabilities(np.asarray(trace.value(output))) for output in outputs)


def _added(build: Builder, parts: list[int]) -> int:
    total = parts[0]
    for part in parts[1:]:
        total = build("add", total, part)
    return total
