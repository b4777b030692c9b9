"""From what was seen to what the witnesses say."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradlint.claims import Claim, candidates, locate
from gradlint.harness import autograd, differences
from gradlint.harness.again import claims_again
from gradlint.harness.evidence import BLURRED, CAUTION, FLOOR, Evidence, rounding, unit_roundoff
from gradlint.harness.graph import LossGraph
from gradlint.harness.observer import Seen
from gradlint.harness.plan import Plan
from gradlint.harness.readings import Reader, Reading, Unread
from gradlint.harness.walks import Replay
from gradlint.judging import compare
from gradlint.judging.compare import without_penalty
from gradlint.model import Agreement
from gradlint.tracing.operators import LARGEST_GUARD

GUARDED = 100 * LARGEST_GUARD
"""The truth is that of the loss without its guard (`log(p + 1e-7)`), the script's gradient may be that with
it: they differ by the guard over what it guards, for which a hundredth is allowed."""
SINGLE = unit_roundoff("float32")
LONG = 0.2
"""Seconds after which central differences are taken at no further step than the first, unless the parameter
is one number: one step alone cannot tell a factor from anything else then."""


class Confirmation:
    """Holds the observed steps against autograd and central differences, claim by claim."""

    def __init__(self, torch: Any, plan: Plan, device: str) -> None:
        self.torch = torch
        self.plan = plan
        self.device = device
        self.evidence = [Evidence(claim.place) for claim in plan.claims]
        self.losses: list[float] = []
        self.first: Replayed | None = None
        self.began = time.monotonic()

    def step(self, seen: Seen) -> None:
        """Add what one step says."""
        try:
            self._step(seen)
        except Unread as reason:
            self._nothing(str(reason))
        except Exception as error:
            self._nothing(f"internal error in the replay: {type(error).__name__}: {error}")

    def _nothing(self, detail: str) -> None:
        for evidence in self.evidence:
            evidence.details.append(detail)

    def _step(self, seen: Seen) -> None:
        replayed = Replayed(self.plan, seen)
        self.first = self.first or replayed
        self.losses.append(float(np.asarray(replayed.trace.value(replayed.loss)).reshape(())))
        truths = self._truths(replayed)
        for number, evidence in enumerate(self.evidence):
            try:
                self._claim(replayed, number, evidence, truths)
            except Unread as reason:
                evidence.details.append(str(reason))

    def _truths(self, replayed: Replayed) -> dict[int, _True]:
        try:
            exact = autograd.gradients(self.torch, replayed.graph, self.device)
            kinked = autograd.kinked(self.torch, replayed.graph, self.device)
            single = autograd.gradients(self.torch, replayed.graph, self.device, self.torch.float32)
        except (RuntimeError, TypeError, ValueError, NotImplementedError, IndexError) as error:
            reason = f"torch cannot follow the forward pass: {str(error).splitlines()[0]}"
            self._nothing(reason)
            return {}
        return {
            root: _True(exact[root], _spread(exact[root], single[root]), kinked.get(root))
            for root in exact
        }

    def _claim(
        self, replayed: Replayed, number: int, evidence: Evidence, truths: dict[int, _True]
    ) -> None:
        claim = replayed.claims[number]
        if isinstance(claim, Unread):
            raise claim
        root = replayed.roots[number]
        reading = replayed.reader.read(claim, lambda found: _faithful(claim, found))
        tolerance = max(_tolerance(reading), GUARDED if replayed.guarded else 0.0)
        if root in truths:
            tolerance = max(tolerance, CAUTION * truths[root].spread * reading.roundoff / SINGLE)
        if tolerance > BLURRED:
            raise Unread(f"at this step it is lost in the rounding of {reading.dtype}")
        evidence.tolerance = max(evidence.tolerance, tolerance)
        if claim.place in self.plan.job.spec.penalised:
            reading = self._unpenalised(
                reading, claim.place, replayed.trace.value(root), truths.get(root)
            )
        kinked = _either(truths[root].kinked if root in truths else None, reading.cut)
        if root in truths:
            evidence.add(reading.value, truths[root].gradient, kinked)
        alone = np.size(reading.value) == 1
        if not evidence.sloped or alone or time.monotonic() - self.began < LONG:
            self._slopes(replayed.graph, root, reading, evidence, kinked)

    def _unpenalised(
        self, reading: Reading, place: str, parameter: Any, true: _True | None
    ) -> Reading:
        """The gradient without the penalty that a loss which nobody wrote does not say."""
        spec = self.plan.job.spec
        value = None if true is None else without_penalty(
            reading.value, true.gradient, parameter, place in spec.decays, place in spec.shrinks
        )  # fmt: skip
        if value is None:
            raise Unread("its penalty cannot be told from so few numbers")
        return replace(reading, value=value)

    def _slopes(
        self, graph: LossGraph, root: int, reading: Reading, evidence: Evidence, kinked: Any
    ) -> None:
        if reading.value.shape != graph.trace.nodes[root].shape:
            evidence.sloped.append((reading.value, graph.trace.value(root)))
            return
        slopes = differences.directional(graph, root, len(evidence.sloped), kinked)
        if slopes:
            claimed = np.array([float(np.sum(reading.value * x.direction)) for x in slopes])
            evidence.sloped.append((claimed, np.array([x.slope for x in slopes])))


def _tolerance(reading: Reading) -> float:
    return max(rounding(reading.roundoff, reading.dtype), FLOOR)


def _faithful(claim: Claim, reading: Reading) -> bool:
    """Whether the replay computes the gradient that the script computed."""
    found = compare([(reading.value, claim.value)], max(10 * _tolerance(reading), 1e-3))
    return found.agreement in (Agreement.EQUAL, Agreement.UNKNOWN)


@dataclass(frozen=True, slots=True, eq=False)
class _True:
    """A gradient by autograd, and how far off (relative in the norm) it is in single precision.

    `kinked` are the items that depend on a slope at a kink, if there are any.
    """

    gradient: Any
    spread: float
    kinked: Any = None


def _either(one: Any, other: Any) -> Any:
    """The items that are left out for either reason."""
    if one is None or other is None:
        return one if other is None else other
    return one | other


def _spread(exact: Any, single: Any) -> float:
    size = float(np.linalg.norm(exact))
    spread = float(np.linalg.norm(single - exact)) / size if size else 0.0
    return spread if np.isfinite(spread) else 0.0


class Replayed:
    """One step walked again: its claims and their readings, its loss as a function of the roots."""

    def __init__(self, plan: Plan, seen: Seen) -> None:
        moving = _walk(plan, seen, frozen=False)
        still = _walk(plan, seen, frozen=True)
        self.trace = still.trace
        self.guarded = moving.guarded
        self.claims = claims_again(plan.claims, plan.scout, moving)
        known = [(i, c) for i, c in enumerate(self.claims) if isinstance(c, Claim)]
        if not known:
            raise next(c for c in self.claims if isinstance(c, Unread))
        self.reader = Reader(moving, [c for _, c in known], seen.values)
        self.roots = {i: _same_leaf(moving, still, c.root) for i, c in known}
        roots = list(self.roots.values())
        loss = _loss(plan, moving, still, [c for _, c in known], roots)
        if loss is None:
            raise Unread("the loss was not found in this step")
        self.loss = loss
        self.graph = LossGraph.between(self.trace, roots, loss, still.moved_by_others())
        if not self.graph.depends:
            raise Unread("the loss of this step is that of other values than the step moves")


def _walk(plan: Plan, seen: Seen, frozen: bool) -> Replay:
    walker = Replay(plan.job, seen.step, frozen, _in_round(plan))
    walker.walked()
    return walker


def _in_round(plan: Plan) -> bool:
    """Whether the loss is computed inside the round, so that a replay may end there."""
    made = plan.frozen.made_in_round
    return plan.job.loop is not None and all(
        number < made[expr] for expr, number in plan.job.spec.sites
    )


def _same_leaf(moving: Replay, still: Replay, root: int) -> int:
    """The node of the still walk that is the same value as `root` in the moving one."""
    if root in moving.putter.leaves:
        return still.putter.leaves[moving.putter.leaves.index(root)]
    key = moving.trace.keys.get(root)
    found = still.trace.at(key) if key is not None else None
    if found is None:
        raise Unread("the parameter was not found in the forward pass")
    return found


def _loss(
    plan: Plan, moving: Replay, still: Replay, claims: list[Claim], roots: list[int]
) -> int | None:
    spec = plan.job.spec
    if spec.is_written:
        sites = tuple(_from_the_end(plan, still, expr, number) for expr, number in spec.sites)
        return locate(still.trace, replace(spec, sites=sites), roots)
    _, inferred = candidates(still.trace, moving.trace, roots, claims)
    wanted = {expr for expr, _ in spec.sites}
    same = [c for c in inferred if c.family == spec.family and {e for e, _ in c.sites} == wanted]
    if not same:
        return None
    scaled = replace(same[0], times=spec.times, share=spec.share)
    return locate(still.trace, scaled, roots)


def _from_the_end(plan: Plan, still: Replay, expr: int, number: int) -> tuple[int, int]:
    """The site that is as many values from the end as `number` was in the walk at small sizes."""
    in_round = _in_round(plan)
    small = plan.frozen.made_in_round if in_round else plan.frozen.made
    real = still.made_in_round if in_round else still.made
    return expr, real[expr] - (small[expr] - number)
