"""Judging the claims of a case against a loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradlint.claims import Claim, LossSpec, is_of_probabilities, locate
from gradlint.driving import is_layer
from gradlint.judging.cancelling import cancels, is_nothing
from gradlint.judging.case import Case, Point, counterpart
from gradlint.judging.compare import CANCELLED, UNKNOWN, Comparison, compare_decayed
from gradlint.judging.truth import Truth, truth
from gradlint.model import Agreement
from gradlint.tracing import Driven, Trace

EVEN = 1e-5
"""Constants of two claims count as the same within this: ten times the tolerance of a comparison."""


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """The claims of a case against one loss: a comparison for each claim, and the true gradients.

    `truths` and `losses` are there for each point; `spec` says which loss it is. `rated`: gradients
    with their rates were compared, since only so have they one constant.
    """

    spec: LossSpec
    comparisons: tuple[Comparison, ...]
    truths: tuple[Truth, ...]
    rated: bool = False

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
    losses = located(case, spec)
    if losses is None:
        return None
    truths = tuple(
        truth(point.frozen, node, point.known)
        for point, node in zip(case.points, losses, strict=False)
    )
    claims = [point.claims for point in case.points]
    found = Judgement(spec, compare_claims(case, claims, truths), truths)
    return _with_rates(case, found) if found.uneven else found


def _with_rates(case: Case, judgement: Judgement) -> Judgement:
    """The judgement of the steps where they are even and the gradients are not.

    `g *= 0.01; w -= g` beside `b -= 0.01 * h`: both move by one multiple of their gradients.
    """
    if any(claim.handed or claim.through_optimiser for claim in case.claims):
        return judgement
    plain = min(
        range(len(case.claims)), key=lambda i: abs((judgement.comparisons[i].scale or 0) - 1)
    )
    steps: list[list[Claim]] = []
    for point in case.points:
        usual = counterpart(case.claims[plain], point.claims)
        rate = 1.0 if usual is None else usual.rate
        steps.append([replace(c, value=c.value * (c.rate / rate)) for c in point.claims])
    comparisons = compare_claims(case, steps, judgement.truths)
    whole = replace(judgement, comparisons=comparisons, rated=True)
    return whole if whole.right == len(comparisons) and not whole.uneven else judgement


def located(case: Case, spec: LossSpec) -> list[int] | None:
    """The node of the loss `spec` at the points that it can be held against; None if it is not found."""
    found: list[int] = []
    for point in case.points:
        node = locate(point.frozen, spec, point.known)
        if node is None or not _is_number(point.frozen, node):
            ends = len(found) > 1 and is_of_probabilities(point.frozen, spec, point.known)
            return found if ends else None
        found.append(node)
    return found


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
    if made.is_right and made.decay and case.claims[i].shrunk:
        left = made.decay + case.claims[i].shrunk
        even = abs(left) < 1e-3 * case.claims[i].shrunk
        made = replace(made, decay=0.0 if even else left, apart=True)
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
