"""The regularisation terms that a loss is written with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlint.judging.case import Case
from gradlint.judging.judge import Judgement
from gradlint.judging.truth import truth
from gradlint.tracing import Trace

_EXACT = 1e-9


def stated_decay(case: Case, judgement: Judgement, i: int) -> float:
    """The factor `c` of the loss's own term with the gradient `c * P` in claim `i`'s parameter, or 0."""
    point = case.points[0]
    trace, root = point.frozen, point.roots[i]
    if root is None:
        return 0.0
    total = 0.0
    value = np.asarray(trace.value(root), dtype=float)
    for sign, term in _addends(trace, judgement.truths[0].loss, 1.0):
        if not _is_penalty(trace, term, root, case):
            continue
        gradient = sign * np.asarray(truth(trace, term, [root]).gradient(trace, root))
        total += float(np.sum(gradient * value) / np.sum(value**2))
    return total


def is_penalised_other(case: Case, judgement: Judgement, other: Judgement) -> bool:
    """Whether a written loss is that of `other`, up to a positive constant, and a penalty beside it."""
    point = case.points[0]
    trace, roots = point.frozen, point.known
    terms = list(_addends(trace, judgement.truths[0].loss, 1.0))
    own = [any(_is_penalty(trace, term, root, case) for root in roots) for _, term in terms]
    if not any(own) or all(own):
        return False
    left = [one for one, is_own in zip(terms, own, strict=True) if not is_own]
    truths = [(sign, truth(trace, term, roots)) for sign, term in left]
    pairs = [
        (
            sum(sign * np.ravel(true.gradient(trace, root)) for sign, true in truths),
            np.ravel(other.truths[0].gradient(trace, root)),
        )
        for root in roots
    ]
    return bool(pairs) and all(are_along(one, two) for one, two in pairs)


def are_along(one: Any, two: Any) -> bool:
    """Whether one flat gradient is a positive multiple of the other."""
    sizes = float(np.linalg.norm(one) * np.linalg.norm(two))
    return bool(sizes) and float(np.dot(one, two)) > sizes * (1 - _EXACT)


def _addends(trace: Trace, node: int, factor: float) -> Iterator[tuple[float, int]]:
    """The terms of a loss with their factors; a number times a sum is distributed."""
    entry = trace.nodes[node]
    if entry.op == "copy":
        yield from _addends(trace, entry.inputs[0], factor)
    elif entry.op in ("add", "subtract"):
        yield from _addends(trace, entry.inputs[0], factor)
        yield from _addends(trace, entry.inputs[1], factor if entry.op == "add" else -factor)
    elif (scaled := _scaled(trace, node)) is not None:
        yield from _addends(trace, scaled[1], factor * scaled[0])
    else:
        yield factor, node


def _scaled(trace: Trace, node: int) -> tuple[float, int] | None:
    """A number and what it multiplies, where a node is that."""
    entry = trace.nodes[node]
    if entry.op not in ("multiply", "divide"):
        return None
    left, right = entry.inputs
    if _is_plain_number(trace, right):
        value = float(np.asarray(trace.value(right)).item())
        return (value if entry.op == "multiply" else 1.0 / value if value else 0.0), left
    if entry.op == "multiply" and _is_plain_number(trace, left):
        return float(np.asarray(trace.value(left)).item()), right
    return None


def _is_plain_number(trace: Trace, node: int) -> bool:
    return all(np.size(trace.value(n)) == 1 for n in trace.ancestors([node]))


def _is_penalty(trace: Trace, term: int, root: int, case: Case) -> bool:
    """Whether a term of the loss is made of parameters and numbers alone."""
    parameters = set(case.points[0].roots)
    behind = {n for p in parameters if p is not None for n in trace.ancestors([p])}
    for node in trace.ancestors([term]):
        entry = trace.nodes[node]
        if entry.is_leaf and np.size(entry.value) > 1 and node not in behind:
            return False
    return trace.depends([term], root)
