"""A module walked at several random points, with the claims that were read off it at each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradlint.claims import Claim, claims_of
from gradlint.claims.phases import phase
from gradlint.reading import syntax as s
from gradlint.tracing import Facts, Trace, retrace

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

    @property
    def known(self) -> list[int]:
        """The roots without those that the frozen walk does not have."""
        return [root for root in self.roots if root is not None]


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

    @property
    def steps(self) -> frozenset[int]:
        """The statements whose steps are claims, by identity."""
        return frozenset(id(u.statement) for claim in self.claims for u in claim.updates)


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
    if len(found) < 2:
        return [case]
    return [restricted(case, partial(_is_of, one)) for one in found]


def _is_of(training: int, point: Point, claim: Claim) -> bool:
    return _phase(point, claim) == training


def _phase(point: Point, claim: Claim) -> int:
    return phase(point.trace, claim.updates[0])


def restricted(case: Case, keeps: Callable[[Point, Claim], bool]) -> Case:
    """The case with the claims alone that `keeps` says, at every point."""
    points = []
    for point in case.points:
        pairs = [
            (claim, root)
            for claim, root in zip(point.claims, point.roots, strict=True)
            if keeps(point, claim)
        ]
        claims, roots = [claim for claim, _ in pairs], [root for _, root in pairs]
        points.append(Point(point.trace, point.frozen, claims, roots))
    return Case(case.module, case.facts, points)


def counterpart(claim: Claim, found: list[Claim]) -> Claim | None:
    """The claim about the same parameter in another walk: made at the same place of the script."""
    named = [c for c in found if c.place == claim.place]
    stated = [c for c in named if c.statement is claim.statement]
    by_root = (c for c in stated or found if c.root == claim.root)
    return next(by_root, next(iter(stated or named), None))
