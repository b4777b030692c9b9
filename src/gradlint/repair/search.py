"""The search for the smallest edit that makes every gradient right.

Candidates are tried cheapest first: the script is walked with the edit in place and its claims are
compared with the same truth as before. A second mistake is looked for where the best edit makes more
claims right than before, and none wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.claims import Claim, claims_of
from gradlint.judging import Case, Comparison, Judgement
from gradlint.judging.groups import reference_group
from gradlint.judging.judge import compare_claims, counterpart
from gradlint.repair import edits  # noqa: F401  (registers the generators)
from gradlint.repair.candidate import GENERATORS, Candidate
from gradlint.repair.scene import Scene
from gradlint.tracing import retrace

MOST_CANDIDATES = 4000
MOST_MISTAKES = 3
_UNSCALED = 0.2
"""What it is worth, in cost, that an edit leaves the gradients at the loss's own scale."""


@dataclass(frozen=True, slots=True, eq=False)
class Repair:
    """An edit that works: the candidate, the claims after it, and whether all of them are right.

    `mended` are the indices of the claims that it made right.
    """

    candidate: Candidate
    comparisons: tuple[Comparison, ...]
    complete: bool
    mended: tuple[int, ...]


def search(case: Case, judgement: Judgement) -> list[Repair]:
    """The repairs that make the claims of `case` right, in the order in which they were found.

    The last one is `complete` where together they make every claim right up to one positive constant.
    """
    found: list[Repair] = []
    scene = Scene(case, judgement)
    for _ in range(MOST_MISTAKES):
        repair = _best(scene)
        if repair is None:
            break
        found.append(repair)
        if repair.complete:
            break
        after = Judgement(judgement.spec, repair.comparisons, judgement.truths)
        scene = Scene(case, after, scene.overrides | repair.candidate.overrides)
    return found


def _best(scene: Scene) -> Repair | None:
    """The cheapest complete repair; without one, the one that mends most and spoils nothing."""
    before = reference_group(scene.judgement.comparisons)
    best: Repair | None = None
    partial: list[Repair] = []
    for candidate in _candidates(scene):
        if best is not None and _cost(candidate, unscaled=True) > _rank(best)[0]:
            break
        repair = _tried(scene, candidate, before)
        if repair is None:
            continue
        if repair.complete and (best is None or _rank(repair) < _rank(best)):
            best = repair
        partial.append(repair)
    if best is not None:
        return best
    return max(partial, key=lambda r: (len(r.mended), -r.candidate.cost), default=None)


def _rank(repair: Repair) -> tuple[float, float]:
    """Cheaper edits first; at equal cost those that leave the gradients at the loss's own scale."""
    unscaled = all(abs((c.scale or 0) - 1) < 1e-6 for c in repair.comparisons)
    return _cost(repair.candidate, unscaled), repair.candidate.span.line


def _cost(candidate: Candidate, unscaled: bool) -> float:
    return round(candidate.cost - _UNSCALED * unscaled, 3)


def _candidates(scene: Scene) -> Iterator[Candidate]:
    proposed = [
        candidate
        for statement in scene.suspects
        for generator in GENERATORS
        for candidate in generator(scene, statement)
    ]
    proposed.sort(key=lambda c: c.cost)
    yield from proposed[:MOST_CANDIDATES]


def _tried(scene: Scene, candidate: Candidate, before: set[int]) -> Repair | None:
    """What a candidate makes of the claims, if it mends one and spoils none."""
    overrides = scene.overrides | candidate.overrides
    first = _compared(scene, overrides, 1)
    if first is None or not _better(scene, candidate, first, before):
        return None
    comparisons = _compared(scene, overrides, len(scene.case.points))
    if comparisons is None or not _better(scene, candidate, comparisons, before):
        return None
    if not _same_loss(scene, overrides):
        return None
    group = reference_group(comparisons)
    decays = zip(comparisons, scene.judgement.comparisons, strict=True)
    if any(now.decay and not was.decay for now, was in decays):
        return None
    left = candidate.code == "GL203" and any(c.decay for c in comparisons)
    complete = len(group) == len(comparisons) and not left
    penalised = {i for i, c in enumerate(scene.judgement.comparisons) if c.decay}
    mended = (group - before) | {i for i in penalised if not comparisons[i].decay}
    return Repair(candidate, comparisons, complete, tuple(sorted(mended)))


def _better(
    scene: Scene, candidate: Candidate, comparisons: Sequence[Comparison], before: set[int]
) -> bool:
    """Whether more claims are right than before; for a penalty, whether one fits that did not."""
    group = reference_group(comparisons)
    if candidate.code != "GL203":
        return before < group
    decays = [
        (was.decay, now.decay)
        for was, now in zip(scene.judgement.comparisons, comparisons, strict=False)
    ]
    fitting = any(was and not now for was, now in decays)
    return before <= group and fitting and not any(now and not was for was, now in decays)


def _compared(
    scene: Scene, overrides: dict[int, Any], points: int
) -> tuple[Comparison, ...] | None:
    """The claims at the first `points` points with `overrides` in place, None if the walk breaks."""
    walked: list[list[Claim]] = []
    for seed in range(points):
        trace = retrace(scene.module, scene.case.facts, seed, overrides).trace
        if trace.stopped is not None:
            return None
        claims = claims_of(trace)
        if seed == 0 and not _same_rates(scene, claims):
            return None
        walked.append(claims)
    return compare_claims(scene.case, walked, scene.judgement.truths[:points])


def _same_rates(scene: Scene, claims: list[Claim]) -> bool:
    """Whether an edit left the learning rates alone: a rate that is dropped mends nothing."""
    for was in scene.claims:
        now = counterpart(was, claims)
        if now is not None and not math.isclose(now.rate, was.rate, rel_tol=1e-6):
            return False
    return True


def _same_loss(scene: Scene, overrides: dict[int, Any]) -> bool:
    """Whether an edit left the written loss as it was: a repair must not touch the forward pass."""
    spec = scene.judgement.spec
    if not spec.is_written:
        return True
    trace = retrace(scene.module, scene.case.facts, 0, overrides, frozen=True).trace
    frozen = scene.case.points[0].frozen
    here, there = trace.at(spec.sites[0]), frozen.at(spec.sites[0])
    if here is None or there is None:
        return True
    return bool(np.allclose(trace.value(here), frozen.value(there), rtol=1e-9, equal_nan=True))
