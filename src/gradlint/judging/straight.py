"""Straight-through estimators: the gradient of a function with a step in it, taken for something smooth.

A step has no slope, so what its backward pass hands on is a choice. The usual one takes the step for the
identity, or for the identity between -1 and 1 (Bengio et al. 2013; Courbariaux et al. 2016); who makes that
choice can be checked like anybody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.claims import LossSpec, candidates
from gradlint.judging.case import Case, Point
from gradlint.judging.judge import Judgement, compare_claims, judge
from gradlint.judging.truth import Truth, between, is_drawn, push
from gradlint.model import Agreement
from gradlint.tracing import Driven, Trace

_KINDS = {
    "round": "rounding", "floor": "rounding", "ceil": "rounding", "trunc": "rounding",
    "sign": "sign", "heaviside": "sign",
    "greater": "sign", "greater_equal": "sign", "less": "sign", "less_equal": "sign",
}  # fmt: skip
"""What the operations without a slope are that a surrogate may stand for."""
_COMPARED = {"greater": 1.0, "greater_equal": 1.0, "less": -1.0, "less_equal": -1.0}

Slopes = Mapping[str, str]


def straight_through(case: Case, judgement: Judgement | None) -> Judgement | None:
    """The judgement with the steps taken for something smooth, where that makes every claim right."""
    if case.trace.objective is None or not isinstance(case.module, Driven) or not case.claims:
        return judgement
    if case.trace.stopped is not None or case.trace.unread or _is_settled(judgement):
        return judgement
    spec = candidates(case.points[0].frozen, case.trace, case.points[0].known, case.claims)[0][0]
    plain = judgement or judge(case, spec)
    if plain is None or _is_chance(case, plain):
        return judgement
    return next(_smooth(case, spec, plain), judgement)


def _is_settled(judgement: Judgement | None) -> bool:
    return judgement is not None and (judgement.explained or not judgement.blocked)


def _is_chance(case: Case, judgement: Judgement) -> bool:
    return any(
        is_drawn(point.frozen, node)
        for point, true in zip(case.points, judgement.truths, strict=False)
        for node in true.blocked
    )


def _smooth(case: Case, spec: LossSpec, plain: Judgement) -> Iterator[Judgement]:
    for slopes, told in _SURROGATES:
        truths = tuple(
            _truth(point, true.loss, slopes)
            for point, true in zip(case.points, plain.truths, strict=False)
        )
        found = compare_claims(case, [point.claims for point in case.points], truths)
        if all(c.agreement is Agreement.EQUAL for c in found) and not all(
            c.cancelled for c in found
        ):
            named = replace(spec, name=f"{spec.name}, with {told}")
            yield Judgement(named, tuple(replace(c, straight=True) for c in found), truths)


_SURROGATES: tuple[tuple[Slopes, str], ...] = (
    ({"rounding": "identity"}, "rounding taken for the identity"),
    ({"sign": "identity"}, "the step taken for the identity"),
    ({"sign": "clipped"}, "the step taken for the identity between -1 and 1"),
    ({"rounding": "identity", "sign": "identity"}, "steps taken for the identity"),
)


def _truth(point: Point, loss: int, slopes: Slopes) -> Truth:
    trace = point.frozen
    reached = between(trace, loss, set(point.known))
    of: dict[int, Any] = {loss: np.ones(trace.nodes[loss].shape)}
    for node in sorted(reached, reverse=True):
        if node in of and not _through(trace, node, of, reached, slopes):
            push(trace, node, of, reached, [])
    return Truth(loss, of, ())


def _through(
    trace: Trace, node: int, of: dict[int, Any], reached: set[int], slopes: Slopes
) -> bool:
    """Hand the cotangent of a step, or of a mask that becomes numbers, on to what it was made from."""
    entry = trace.nodes[node]
    kind = slopes.get(_KINDS.get(entry.op, ""))
    if kind is not None:
        for argnum, source in enumerate(entry.inputs[: 2 if entry.op in _COMPARED else 1]):
            if source in reached:
                _add(of, source, _part(trace, node, of[node], argnum, kind))
        return True
    if len(entry.inputs) == 1 and np.asarray(trace.value(entry.inputs[0])).dtype.kind == "b":
        if entry.inputs[0] in reached and np.shape(of[node]) == trace.nodes[entry.inputs[0]].shape:
            _add(of, entry.inputs[0], of[node])
        return True
    return False


def _part(trace: Trace, node: int, upstream: Any, argnum: int, kind: str) -> Any:
    entry = trace.nodes[node]
    values = tuple(trace.value(i) for i in entry.inputs)
    compared = entry.op in _COMPARED
    inner = np.subtract(*values, dtype=float) if compared else np.asarray(values[0], dtype=float)
    slope = (np.abs(inner) <= 1).astype(float) if kind == "clipped" else np.ones(inner.shape)
    if not compared:
        return upstream * slope
    part = upstream * slope * _COMPARED[entry.op]
    return ops.vjp(ops.OPS["subtract"], argnum, part, inner, values, {})


def _add(of: dict[int, Any], node: int, part: Any) -> None:
    of[node] = of[node] + part if node in of else part
