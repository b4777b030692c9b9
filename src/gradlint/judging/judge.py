"""Judging the claims of a module against a loss, and choosing the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradlint.claims import Claim, LossSpec, candidates, claims_of, locate
from gradlint.judging.compare import UNKNOWN, Comparison, compare
from gradlint.judging.truth import Truth, truth
from gradlint.model import Agreement
from gradlint.reading import syntax as s
from gradlint.tracing import Facts, Trace, retrace

POINTS = 3
"""Random points at which every claim is judged. Two different expressions that agree at one random
point by accident do so with probability zero in exact arithmetic; the others guard against a point
at which a gradient vanishes or a mask is all ones."""


@dataclass(eq=False)
class Case:
    """A module walked at several random points, with the claims found at each."""

    traces: list[Trace]
    claims: list[list[Claim]]

    @cached_property
    def complete(self) -> bool:
        """Whether every point gives the same claims."""
        places = [[c.place for c in claims] for claims in self.claims]
        return all(found == places[0] for found in places)


def walk_case(
    module: s.Module, facts: Facts, overrides: Mapping[int, Any] | None = None, points: int = POINTS
) -> Case:
    """Walk `module` at `points` random points."""
    traces = [retrace(module, facts, seed, overrides).trace for seed in range(points)]
    return Case(traces, [claims_of(trace) for trace in traces])


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """The claims of a case against one loss: a comparison for each claim, and the true gradients.

    `truths` and `losses` are there for each point; `spec` says which loss it is.
    """

    spec: LossSpec
    comparisons: tuple[Comparison, ...]
    truths: tuple[Truth, ...]

    @property
    def right(self) -> int:
        """How many claims are right up to a positive constant of their own."""
        return sum(c.is_right for c in self.comparisons)

    @property
    def consistent(self) -> bool:
        """Whether all claims are right up to one common positive constant."""
        return bool(self.comparisons) and all(c.is_right for c in self.comparisons) and not self.uneven

    @property
    def scales(self) -> list[float]:
        return [c.scale or 1.0 for c in self.comparisons if c.is_right]

    @property
    def uneven(self) -> bool:
        """Whether the right claims differ in their constants."""
        scales = [c.scale or 1.0 for c in self.comparisons if c.is_right and c.steady]
        return bool(scales) and max(scales) > min(scales) * (1 + 1e-5)

    @property
    def blocked(self) -> bool:
        """Whether an operation without a derivative lies between a parameter and the loss."""
        return any(t.blocked for t in self.truths)


def judge(case: Case, spec: LossSpec) -> Judgement | None:
    """Compare every claim of `case` with the gradient of the loss `spec`; None if it is not found."""
    truths: list[Truth] = []
    for trace, claims in zip(case.traces, case.claims, strict=True):
        node = locate(trace, spec, claims)
        if node is None or not _is_number(trace, node):
            return None
        truths.append(truth(trace, node, [c.root for c in claims]))
    count = len(case.claims[0])
    comparisons = tuple(_compare_claim(case, truths, i) for i in range(count))
    return Judgement(spec, comparisons, tuple(truths))


def _is_number(trace: Trace, node: int) -> bool:
    return np.size(trace.value(node)) == 1 and bool(np.all(np.isfinite(trace.value(node))))


def _compare_claim(case: Case, truths: Sequence[Truth], i: int) -> Comparison:
    pairs = []
    for trace, claims, true in zip(case.traces, case.claims, truths, strict=True):
        if i >= len(claims):
            return UNKNOWN
        claim = claims[i]
        pairs.append((claim.value, true.gradient(trace, claim.root)))
    return compare(pairs)


def choose(case: Case) -> tuple[Judgement | None, list[Judgement]]:
    """The loss that the script descends, judged, and all that were considered.

    A written loss that all claims fit wins; then an inferred one that all fit; then the written one
    that most claims fit. Without a written loss the inferred one that most claims fit is taken.
    """
    written, inferred = candidates(case.traces[0], case.claims[0])
    judged = [j for spec in (*written, *inferred) if (j := judge(case, spec)) is not None]
    live = [j for j in judged if _touches(j)]
    for good in (lambda j: j.consistent, lambda j: j.right == len(j.comparisons)):
        for judgement in live:
            if judgement.spec.is_written and good(judgement):
                return judgement, live
    named = [j for j in live if j.spec.is_written and j.spec.named]
    pool = named or [j for j in live if not j.spec.is_written] or live
    best = max(pool, key=_promise, default=None)
    return best, live


def _touches(judgement: Judgement) -> bool:
    """Whether the loss depends on some parameter at all."""
    return any(c.agreement is not Agreement.UNKNOWN and c.error != 1.0 for c in judgement.comparisons)


def _promise(judgement: Judgement) -> tuple[int, int, float]:
    """How well a loss explains the claims: right ones, opposite ones, then the cosine."""
    opposite = sum(c.agreement is Agreement.OPPOSITE for c in judgement.comparisons)
    cosines = [c.cosine or 0.0 for c in judgement.comparisons]
    return judgement.right, opposite, float(np.mean(np.abs(cosines))) if cosines else 0.0
