"""Whether the truth of a trace is the slope of what the code computes, where a claim is to be accused.

What the trace knows is the derivative of the steps that were taken. Where numbers are searched for (a root by
bisection, iterations until nothing changes) that is not the derivative of what was found; what is computed
at inputs that are moved a little tells.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from gradlint.claims import candidates
from gradlint.judging.case import Case
from gradlint.judging.compare import UNKNOWN, Comparison
from gradlint.judging.judge import Judgement, judge
from gradlint.model import Agreement
from gradlint.slopes import BELIEVED, Slope, slope_along
from gradlint.tracing import Driven, retrace


def settled(case: Case, judgement: Judgement | None) -> Judgement | None:
    """The judgement, where the slopes confirm the truth of all claims that differ from it.

    Where they confirm a claim instead, it is right; where neither, nothing is known of it.
    """
    if case.trace.objective is None or not isinstance(case.module, Driven) or not case.claims:
        return judgement
    plain = judgement or _of_no_number(case)
    if plain is None or plain.blocked or case.trace.stopped is not None:
        return judgement
    found = tuple(
        _settled(case, plain, i) if one.is_wrong or judgement is None else one
        for i, one in enumerate(plain.comparisons)
    )
    made = replace(plain, comparisons=found)
    return made if judgement is not None or made.consistent else None


def _of_no_number(case: Case) -> Judgement | None:
    """Held against truths that are no numbers: what is infinite on the way and is left out in the end."""
    point = case.points[0]
    spec = candidates(point.frozen, case.trace, point.known, case.claims)[0][0]
    made = judge(case, spec)
    if made is None:
        return None
    true = (made.truths[0].gradient(point.frozen, root) for root in point.known)
    return made if any(not np.all(np.isfinite(one)) for one in true) else None


def _is_of_one_row(case: Case, judgement: Judgement, i: int) -> bool:
    """Whether the gradient of each row was multiplied along the columns, of which there are as many.

    That is right for a single row, as may be meant.
    """
    point, objective = case.points[0], case.points[0].frozen.objective
    root = point.roots[i]
    if root is None or objective is None or len(objective.outputs) != 1:
        return False
    upstream = objective.outputs[0][1]
    g = None if upstream is None else np.asarray(point.frozen.value(upstream))
    claimed, true = (
        np.asarray(case.claims[i].value),
        judgement.truths[0].gradient(point.frozen, root),
    )
    if g is None or g.ndim != 1 or not claimed.shape == np.shape(true) == 2 * g.shape:
        return False
    return bool(np.allclose(claimed * g[:, None], true * g, rtol=1e-9, atol=0.0))


def _settled(case: Case, judgement: Judgement, i: int) -> Comparison:
    """What the first point says at which there is a slope; nothing is known where there is none at any."""
    before = judgement.comparisons[i]
    if _is_of_one_row(case, judgement, i):
        return UNKNOWN
    for seed, (point, true) in enumerate(zip(case.points, judgement.truths, strict=False)):
        root, claim = point.roots[i], point.claims[i] if i < len(point.claims) else None
        key = None if root is None else point.frozen.keys.get(root)
        if root is None or key is None or claim is None:
            return before
        claimed, truth = np.asarray(claim.value), np.asarray(true.gradient(point.frozen, root))
        if claimed.shape != truth.shape:
            return before
        start = np.asarray(point.frozen.value(root), dtype=float)
        direction = _direction(start.shape, i)
        at = partial(_objective, case, seed, key, start)
        found = slope_along(at, start, direction)
        if np.isfinite(found.error):
            along = float(np.sum(truth * direction)), float(np.sum(claimed * direction))
            return _held(before, found, *along)
    return UNKNOWN


def _direction(shape: tuple[int, ...], seed: int) -> Any:
    made = np.random.default_rng(seed).normal(size=shape)
    return made / max(float(np.linalg.norm(made)), 1e-12)


def _held(before: Comparison, found: Slope, true: float, claimed: float) -> Comparison:
    """The comparison with the truth where the slope is that; equal where the slope is that of the claim."""
    room = BELIEVED * max(abs(found.slope), abs(true), abs(claimed)) + found.error
    if abs(true - found.slope) <= room:
        return before
    if abs(claimed - found.slope) > room:
        return UNKNOWN
    return Comparison(
        Agreement.EQUAL, 1.0, BELIEVED, 1.0, (1.0,), exact=before.exact, by_slopes=True
    )


def _objective(case: Case, seed: int, key: tuple[int, int], start: Any, value: Any) -> float:
    """The objective with `value` for `start` at the place `key`; NaN where the walk fails."""
    facts = replace(case.facts.copy(), nudges={key: value - start})
    moves = case.points[seed].frozen is not case.points[seed].trace
    trace = retrace(case.module, facts, seed, frozen=moves).trace
    if trace.stopped is not None or trace.objective is None:
        return float("nan")
    return float(np.sum(trace.value(trace.objective.node)))
