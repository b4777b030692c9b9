"""Judging the claims of a module against a loss, and choosing the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradlint.claims import (
    Claim,
    LossSpec,
    candidates,
    claims_of,
    in_scale,
    is_of_probabilities,
    locate,
)
from gradlint.claims.phases import phase
from gradlint.driving import is_layer
from gradlint.judging.cancelling import cancels, is_nothing
from gradlint.judging.compare import CANCELLED, UNKNOWN, Comparison, compare_decayed
from gradlint.judging.held_out import takes_other_rows
from gradlint.judging.truth import Truth, truth
from gradlint.model import Agreement
from gradlint.reading import syntax as s
from gradlint.tracing import Driven, Facts, Trace, retrace

EVEN = 1e-5
"""Constants of two claims count as the same within this: ten times the tolerance of a comparison."""

POINTS = 3
"""Random points at which every claim is judged. Two different expressions that agree at one random
point by accident do so with probability zero in exact arithmetic; the others guard against a point
at which a gradient vanishes or a mask is all ones."""


HEAVY = 3_000
"""Nodes of a walk (a convolution by loops) beyond which two points have to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A module walked at one random point.

    `claims` are read off a walk in which the parameters move; the loss and its gradients come from
    the `frozen` one, where they stay, so that a loss that is computed after the step is the same
    function as one computed before it. `roots` are the claims' parameters in the frozen trace.
    """

    trace: Trace
    frozen: Trace
    claims: list[Claim]
    roots: list[int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A module walked at several random points."""

    module: s.Module
    facts: Facts
    points: list[Point]

    @property
    def claims(self) -> list[Claim]:
        """The claims, with their values at the first point."""
        return self.points[0].claims

    @property
    def trace(self) -> Trace:
        return self.points[0].trace


def walk_case(
    module: s.Module,
    facts: Facts,
    points: int = POINTS,
    overrides: Mapping[int, Any] | None = None,
) -> Case:
    """Walk `module` at `points` random points, with `overrides` in place."""
    walked = [_walk_point(module, facts, 0, overrides)]
    enough = min(points, 2) if len(walked[0].trace.nodes) > HEAVY else points
    enough = 1 if walked[0].trace.stopped is not None else enough
    walked += [_walk_point(module, facts, seed, overrides) for seed in range(1, enough)]
    return Case(module, facts, walked)


def _walk_point(
    module: s.Module, facts: Facts, seed: int, overrides: Mapping[int, Any] | None
) -> Point:
    trace = retrace(module, facts, seed, overrides).trace
    moves = bool(trace.updates) or trace.objective is None
    frozen = retrace(module, facts, seed, overrides, frozen=True).trace if moves else trace
    claims = [c for c in claims_of(trace) if c.root in trace.keys]
    return Point(trace, frozen, claims, [frozen.at(trace.keys[c.root]) for c in claims])


def split(case: Case) -> list[Case]:
    """One case for each training loop with claims of its own: each may have a loss of its own."""
    found = sorted({_phase(case.points[0], claim) for claim in case.claims})
    return [_only(case, one) for one in found] if len(found) > 1 else [case]


def _phase(point: Point, claim: Claim) -> int:
    return phase(point.trace, claim.updates[0])


def _only(case: Case, wanted: int) -> Case:
    """The case with the claims of the training `wanted` alone."""
    points = []
    for point in case.points:
        pairs = [
            (claim, root)
            for claim, root in zip(point.claims, point.roots, strict=True)
            if _phase(point, claim) == wanted
        ]
        claims, roots = [claim for claim, _ in pairs], [root for _, root in pairs]
        points.append(Point(point.trace, point.frozen, claims, roots))
    return Case(case.module, case.facts, points)


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
        """Whether all claims are right up to one common positive constant, with no weight decay."""
        right = all(c.is_right and not c.is_penalised for c in self.comparisons)
        return self._tells and right and not self.uneven

    @property
    def explained(self) -> bool:
        """Whether nothing speaks against a claim: right, vanishing, or with weight decay beside a loss
        that nobody wrote."""
        wrong = any(
            c.is_wrong or (c.is_penalised and self.spec.is_written) for c in self.comparisons
        )
        return self._tells and not wrong and not self.uneven

    @property
    def _tells(self) -> bool:
        """Whether there is a gradient at all: what cancels out everywhere fits any claim that is nothing."""
        return any(not c.cancelled for c in self.comparisons)

    @property
    def uneven(self) -> bool:
        """Whether the right claims differ in their constants."""
        right = [c.scales for c in self.comparisons if c.is_right and not c.cancelled]
        shared = list(zip(*right, strict=False))
        return any(max(point) > min(point) * (1 + EVEN) for point in shared)

    @property
    def blocked(self) -> bool:
        """Whether an operation without a derivative lies between a parameter and the loss."""
        return any(t.blocked for t in self.truths)


def judge(case: Case, spec: LossSpec) -> Judgement | None:
    """Compare every claim of `case` with the gradient of the loss `spec`; None if it is not found.

    An inferred loss is held against the points before the first at which it is not finite since a sigmoid is
    1 to the last digit, if these are two at least: at one point any two numbers are multiples.
    """
    truths: list[Truth] = []
    for point in case.points:
        roots = [root for root in point.roots if root is not None]
        node = locate(point.frozen, spec, roots)
        if node is None or not _is_number(point.frozen, node):
            if len(truths) > 1 and is_of_probabilities(point.frozen, spec, roots):
                break
            return None
        truths.append(truth(point.frozen, node, roots))
    claims = [point.claims for point in case.points]
    return Judgement(spec, compare_claims(case, claims, truths), tuple(truths))


def _is_number(trace: Trace, node: int) -> bool:
    return np.size(trace.value(node)) == 1 and bool(np.all(np.isfinite(trace.value(node))))


def compare_claims(
    case: Case, claims: Sequence[list[Claim]], truths: Sequence[Truth]
) -> tuple[Comparison, ...]:
    """Each claim of the case, as `claims` has it at each point, against the truths."""
    return tuple(_compare_claim(case, claims, truths, i) for i in range(len(case.claims)))


def _compare_claim(
    case: Case, claims: Sequence[list[Claim]], truths: Sequence[Truth], i: int
) -> Comparison:
    triples, as_clipped = [], []
    for point, found, true in zip(case.points, claims, truths, strict=False):
        claim = counterpart(case.claims[i], found)
        root = _root(point, case.claims[i])
        if claim is None or root is None:
            return UNKNOWN
        rest = true.gradient(point.frozen, root), point.frozen.value(root)
        triples.append((claim.value, *rest))
        if claim.clipped is not None:
            as_clipped.append((claim.clipped, *rest))
    made = compare_decayed(triples, steady=not _has_own_rates(case))
    if made.is_wrong and len(as_clipped) == len(triples):
        other = compare_decayed(as_clipped)  # the derivative of a Huber loss is a clipped error
        made = other if other.is_right else made
    if made.agreement is Agreement.UNKNOWN and _cancels(case, claims, truths, i):
        return CANCELLED
    return replace(made, exact=case.claims[i].exact)


def _has_own_rates(case: Case) -> bool:
    """Whether rates are made inputs, with another value at each point: in a layer or a training."""
    driven = isinstance(case.module, Driven)
    return is_layer(case.module) or (driven and bool(case.trace.updates))


def _cancels(case: Case, claims: Sequence[list[Claim]], truths: Sequence[Truth], i: int) -> bool:
    """Whether a claim and what it is held against are nothing at every point, and not by chance."""
    for point, found, true in zip(case.points, claims, truths, strict=False):
        claim, root = counterpart(case.claims[i], found), _root(point, case.claims[i])
        if claim is None or root is None or not is_nothing(claim.value):
            return False
        if not cancels(point.frozen, true, root):
            return False
    return True


def _root(point: Point, claim: Claim) -> int | None:
    """The parameter of `claim` at another point, where other samples may leave out some steps."""
    same = counterpart(claim, point.claims)
    return None if same is None else point.roots[point.claims.index(same)]


def counterpart(claim: Claim, found: list[Claim]) -> Claim | None:
    """The claim about the same parameter in another walk: made at the same place of the script."""
    named = [c for c in found if c.place == claim.place]
    stated = [c for c in named if c.statement is claim.statement]
    by_root = (c for c in stated or found if c.root == claim.root)
    return next(by_root, next(iter(stated or named), None))


def choose(case: Case) -> tuple[Judgement | None, list[Judgement]]:
    """The loss that the script descends, judged, and all that were considered.

    A written loss that all claims fit wins, then an inferred one that all fit. Else the named loss
    that most claims fit; without one, the inferred loss that most claims fit.
    """
    first = case.points[0]
    roots = [root for root in first.roots if root is not None]
    written, inferred = candidates(first.frozen, first.trace, roots, case.claims)
    judged = [(spec, judge(case, spec)) for spec in (*written, *inferred)]
    found = [j for _, j in judged if j is not None and (_touches(j) or _is_moved(case, j))]
    live = [j for j in found if not _is_held_out(case, j)] or found
    chosen = _chosen(live)
    guessed = chosen is not None and not chosen.spec.is_written and not chosen.explained
    if guessed and any(j is None and _is_saturated(case, spec) for spec, j in judged):
        return None, live  # it may well be the loss that is not finite here that is descended
    told = _in_its_scale(case, chosen)
    return told, [told if told is not None and one is chosen else one for one in live]


def _in_its_scale(case: Case, judgement: Judgement | None) -> Judgement | None:
    """Judged against the mean, where all gradients are those of the mean of a loss that nobody wrote."""
    if judgement is None or judgement.spec.is_written or not judgement.consistent:
        return judgement
    scales = next((c.scales for c in judgement.comparisons if not c.cancelled), ())
    spec = in_scale(judgement.spec, [point.frozen for point in case.points], scales)
    again = None if spec is None or spec == judgement.spec else judge(case, spec)
    return judgement if again is None or not _exact(again) else again


def _is_held_out(case: Case, judgement: Judgement) -> bool:
    """Whether a written loss is one to look at, of samples that no step is made from."""
    point = case.points[0]
    return (
        judgement.spec.is_written
        and judgement.right == 0
        and case.trace.objective is None
        and takes_other_rows(point.trace, point.claims, point.frozen, judgement.truths[0].loss)
    )


def is_saturated(case: Case) -> bool:
    """Whether a cross-entropy may be meant that is not finite at the points tried."""
    first = case.points[0]
    roots = [root for root in first.roots if root is not None]
    _, inferred = candidates(first.frozen, first.trace, roots, case.claims)
    return any(judge(case, spec) is None and _is_saturated(case, spec) for spec in inferred)


def _is_saturated(case: Case, spec: LossSpec) -> bool:
    """Whether the outputs that `spec` is the loss of are probabilities at every point."""
    return all(
        is_of_probabilities(point.frozen, spec, [r for r in point.roots if r is not None])
        for point in case.points
    )


def _chosen(live: list[Judgement]) -> Judgement | None:
    named = [j for j in live if j.spec.is_written and j.spec.named]
    written = [j for j in live if j.spec.is_written]
    inferred = [j for j in live if not j.spec.is_written]
    orders = (
        (written, _exact), (written, _consistent), (named, _all_right),
        (inferred, _consistent), (inferred, _explained), (written, _all_right),
    )  # fmt: skip
    for pool, good in orders:
        for judgement in pool:
            if good(judgement):
                return judgement
    return max(named or inferred or live, key=_promise, default=None)


def _exact(judgement: Judgement) -> bool:
    """Each claim the gradient itself, with no constant to explain."""
    return judgement.consistent and all(
        c.agreement is Agreement.EQUAL for c in judgement.comparisons
    )


def _consistent(judgement: Judgement) -> bool:
    return judgement.consistent


def _explained(judgement: Judgement) -> bool:
    return judgement.explained


def _all_right(judgement: Judgement) -> bool:
    """Each claim right up to a constant of its own and weight decay."""
    return judgement.right == len(judgement.comparisons)


def _touches(judgement: Judgement) -> bool:
    """Whether the loss depends on some parameter at all: the true gradient is not zero.

    An inverted mask is at right angles to the truth, but neither of the two vanishes.
    """
    return any(
        c.agreement is not Agreement.UNKNOWN
        and not c.cancelled
        and (c.cosine != 0.0 or c.error != 1.0)
        for c in judgement.comparisons
    )


def _is_moved(case: Case, judgement: Judgement) -> bool:
    """Whether an objective that is certain depends on a parameter whose claim is zero wherever it is not."""
    if case.trace.objective is None or any(c.cosine is None for c in judgement.comparisons):
        return False
    pairs = list(zip(case.points, judgement.truths, strict=False))
    return all(
        any(np.any(true.gradient(point.frozen, root)) for point, true in pairs)
        for root in case.points[0].roots if root is not None
    )  # fmt: skip


def _promise(judgement: Judgement) -> tuple[int, int, int, float]:
    """How well a loss explains the claims: right ones, those without decay, opposite ones, the cosine."""
    plain = sum(c.is_right and not c.is_penalised for c in judgement.comparisons)
    opposite = sum(c.agreement is Agreement.OPPOSITE for c in judgement.comparisons)
    cosines = [c.cosine or 0.0 for c in judgement.comparisons]
    return judgement.right, plain, opposite, float(np.mean(np.abs(cosines))) if cosines else 0.0
