"""Trying a candidate: the script is walked with the edit in place and its claims are compared anew."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradlint.claims import Claim, claims_of
from gradlint.judging import Comparison, compare
from gradlint.judging.case import counterpart
from gradlint.judging.groups import reference_group
from gradlint.judging.judge import compare_claims
from gradlint.judging.penalties import stated_decay
from gradlint.model import Agreement
from gradlint.repair.candidate import Candidate
from gradlint.repair.replaying import Broken
from gradlint.repair.scene import Scene
from gradlint.tracing import Trace, retrace
from gradlint.tracing.recording import Unrepeatable

_CHEAPER = 4
"""How many times cheaper it is to compute a node anew than to walk to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Repair:
    """An edit that works: the candidate, the claims after it, and whether all of them are right.

    `mended` are the indices of the claims that it made right.
    """

    candidate: Candidate
    comparisons: tuple[Comparison, ...]
    complete: bool
    mended: tuple[int, ...]


@dataclass(slots=True)
class Work:
    """How many trace nodes may still be made by walks of candidates."""

    left: int


def fitting(comparisons: Iterable[Comparison]) -> set[int]:
    """The claims that are right up to one common constant, with no weight decay."""
    found = list(comparisons)
    return {i for i in reference_group(found) if not found[i].is_penalised}


def _cancelled(comparisons: Iterable[Comparison]) -> set[int]:
    """The claims whose true gradient is nothing: that an edit makes one vanish says nothing of the edit."""
    return {i for i, found in enumerate(comparisons) if found.cancelled}


def _is_plain(found: Comparison) -> bool:
    return found.is_right and not found.is_penalised


def _is_elsewhere(value: Any, true: Any) -> bool:
    """Whether an array is plainly not along the true gradient: two of its entries tell."""
    array = np.asarray(value)
    if array.dtype.kind != "f" or array.shape != true.shape or array.size < 2:
        return False
    (a, b), (x, y) = (array.flat[0], array.flat[-1]), (true.flat[0], true.flat[-1])
    return bool(abs(a * y - b * x) > 1e-3 * (abs(a * y) + abs(b * x)))


class Trial:
    """Tries candidates for one scene, at the cost of `work`."""

    def __init__(self, scene: Scene, work: Work) -> None:
        self.scene = scene
        self.work = work
        self.before = fitting(scene.judgement.comparisons)

    @cached_property
    def unasked(self) -> set[int]:
        """The claims that are right but for a regularisation that the loss does not have at all, or that a
        statement of its own takes."""
        case, judgement = self.scene.case, self.scene.judgement
        return {
            i for i, c in enumerate(judgement.comparisons)
            if c.is_penalised and (c.apart or not stated_decay(case, judgement, i))
        }  # fmt: skip

    def __call__(self, candidate: Candidate) -> Repair | None:
        """What a candidate makes of the claims, if it mends one and spoils none."""
        if self._is_refuted(candidate):
            return None
        overrides = self.scene.overrides | candidate.overrides
        comparisons = self._compared(candidate, overrides)
        if comparisons is None:
            return None
        if self._decays_anew(comparisons) or not self._same_loss(overrides):
            return None
        return self._repair(candidate, comparisons)

    def _is_refuted(self, candidate: Candidate) -> bool:
        """Whether the record of a walk is enough to see that a candidate makes nothing better."""
        scene, replay = self.scene, self.scene.replay
        spent = replay.spent
        try:
            trace = replay.with_edit(candidate.swaps)
        except Unrepeatable:
            return False
        except Broken:
            return True
        finally:
            self.work.left -= (replay.spent - spent) // _CHEAPER
        if candidate.code != "GL203" and not self._may_mend(candidate, trace):
            return True
        claims, truths = claims_of(trace), scene.judgement.truths[:1]
        return not self._better(candidate, compare_claims(scene.case, [claims], truths))

    def _may_mend(self, candidate: Candidate, trace: Trace) -> bool:
        """Whether a claim that did not fit is now along its gradient, or cannot be told from it."""
        own = self.scene.replay.made_by(candidate.swaps)
        open_ = [
            i for i, true in self._true.items() if not _is_elsewhere(self._now(i, trace, own), true)
        ]
        if not open_:
            return False
        claims = claims_of(trace)
        for i in open_:
            now = counterpart(self.scene.case.claims[i], claims)
            if now is not None:
                found = compare([(now.value, self._true[i])])
                if found.is_right or found.agreement is Agreement.UNKNOWN:
                    return True
        return False

    @cached_property
    def _true(self) -> dict[int, Any]:
        """The true gradients, at the first point, of the claims that do not fit."""
        point, true = self.scene.case.points[0], self.scene.judgement.truths[0]
        return {
            i: np.asarray(true.gradient(point.frozen, root))
            for i, root in enumerate(point.roots) if root is not None and i not in self.before
        }  # fmt: skip

    def _now(self, i: int, trace: Trace, own: set[int]) -> Any:
        """The one array that a claim's step goes along in a replayed trace, None if it is not so simple.

        The record does not have the nodes inside of the edited expression anew: these are its `own`. An
        edit of the step itself may make it consume another array.
        """
        claim = self.scene.claims[i]
        if (
            claim.gradient is None
            or claim.gradient in own
            or claim.through_optimiser
            or len(claim.updates) != 1
        ):
            return None
        update = claim.updates[0]
        if not own.isdisjoint(self.scene.replay.step(update)):
            return None
        now = next((one for one in trace.updates if one.new == update.new), None)
        if now is None or [node for _, node in now.change] != [node for _, node in update.change]:
            return None
        return trace.value(claim.gradient)

    def _repair(self, candidate: Candidate, comparisons: tuple[Comparison, ...]) -> Repair:
        was = self.scene.judgement.comparisons
        left = candidate.code == "GL203" and any(c.is_penalised for c in comparisons)
        complete = len(reference_group(comparisons)) == len(comparisons) and not left
        mended = fitting(comparisons) - self.before
        mended |= {i for i, c in enumerate(was) if c.is_penalised and _is_plain(comparisons[i])}
        return Repair(candidate, comparisons, complete, tuple(sorted(mended)))

    def _decays_anew(self, comparisons: tuple[Comparison, ...]) -> bool:
        pairs = zip(comparisons, self.scene.judgement.comparisons, strict=True)
        return any(now.is_penalised and not was.is_penalised for now, was in pairs)

    def _better(self, candidate: Candidate, comparisons: tuple[Comparison, ...]) -> bool:
        """Whether more claims are right than before; for a penalty, whether one fits that did not."""
        if candidate.code != "GL203":
            gained = fitting(comparisons) - self.before - _cancelled(comparisons)
            return self.before < fitting(comparisons) and not gained <= self.unasked
        pairs = list(zip(self.scene.judgement.comparisons, comparisons, strict=False))
        mends = any(was.is_penalised and not was.apart and _is_plain(now) for was, now in pairs)
        spoils = any(was.is_right and not now.is_right for was, now in pairs)
        return self.before <= fitting(comparisons) and mends and not spoils

    def _compared(
        self, candidate: Candidate, overrides: dict[int, Any]
    ) -> tuple[Comparison, ...] | None:
        """The claims at all points with `overrides` in place; None from the point on that refutes it."""
        scene = self.scene
        comparisons: tuple[Comparison, ...] | None = None
        walked: list[list[Claim]] = []
        for seed in range(len(scene.case.points)):
            claims = self._claims(overrides, seed)
            if claims is None:
                return None
            walked.append(claims)
            truths = scene.judgement.truths[: seed + 1]
            comparisons = compare_claims(scene.case, walked, truths)
            if not self._better(candidate, comparisons):
                return None
        return comparisons

    def _claims(self, overrides: dict[int, Any], seed: int) -> list[Claim] | None:
        """The claims at one point, None if the walk breaks or steps at other rates."""
        trace = retrace(self.scene.module, self.scene.case.facts, seed, overrides).trace
        self.work.left -= len(trace.nodes)
        if trace.stopped is not None:
            return None
        claims = claims_of(trace)
        return claims if seed or self._same_rates(claims) else None

    def _same_rates(self, claims: list[Claim]) -> bool:
        """Whether an edit left the learning rates alone: a rate that is dropped mends nothing."""
        for was in self.scene.claims:
            now = counterpart(was, claims)
            if now is not None and not math.isclose(now.rate, was.rate, rel_tol=1e-6):
                return False
        return True

    def _same_loss(self, overrides: dict[int, Any]) -> bool:
        """Whether an edit left the written loss as it was: a repair must not touch the forward pass."""
        scene = self.scene
        spec = scene.judgement.spec
        if not spec.is_written:
            return True
        trace = retrace(scene.module, scene.case.facts, 0, overrides, frozen=True).trace
        frozen = scene.case.points[0].frozen
        here, there = trace.at(spec.sites[0]), frozen.at(spec.sites[0])
        if here is None or there is None:
            return True
        return bool(np.allclose(trace.value(here), frozen.value(there), rtol=1e-9, equal_nan=True))
