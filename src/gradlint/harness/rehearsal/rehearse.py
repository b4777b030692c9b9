"""What the witnesses say of one drive: the real functions' gradients against autograd and differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.claims import Claim, claims_of, locate
from gradlint.harness import autograd, differences
from gradlint.harness.evidence import CAUTION, FLOOR, GROWTH, Evidence
from gradlint.harness.freezing import Array
from gradlint.harness.graph import LossGraph
from gradlint.harness.job import Job
from gradlint.harness.readings import unit_roundoff
from gradlint.harness.rehearsal.loading import Loaded
from gradlint.harness.rehearsal.player import Player
from gradlint.harness.rehearsal.recorder import Recorder
from gradlint.harness.rehearsal.scribe import Unplayable
from gradlint.slopes import EPSILON
from gradlint.tracing import Trace, retrace

FAITHFUL = 1e-3
"""Relative: the real forward pass must give what the walk gives to this, in any precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A drive, walked and recorded at one random point.

    `claims` are all that were made; `handed` says which node each returned gradient is. `loss` is in the
    `frozen` trace, where the parameters stay; `roots` are the claims' parameters there.
    """

    recorder: Recorder
    trace: Trace
    frozen: Trace
    claims: list[Claim]
    handed: dict[int, int]
    roots: list[int | None]
    loss: int

    @staticmethod
    def of(job: Job, seed: int) -> Take:
        """Walk the drive of `job`.

        Raises:
            Unplayable: it cannot be played, or its loss was not found.
        """
        recorder = Recorder(job.module, job.facts, seed)  # type: ignore[arg-type]
        trace = recorder.recorded()
        moves = bool(trace.updates) or trace.objective is None
        frozen = retrace(job.module, job.facts, seed, frozen=True).trace if moves else trace
        made = claims_of(trace)
        first = len(made) - len(trace.claimed)
        kept = [i for i, claim in enumerate(made) if claim.root in trace.keys]
        handed = {k: trace.claimed[i - first].value for k, i in enumerate(kept) if i >= first}
        claims = [made[i] for i in kept]
        roots = [frozen.at(trace.keys[claim.root]) for claim in claims]
        loss = locate(frozen, job.spec, [root for root in roots if root is not None])
        if loss is None:
            raise Unplayable("the loss was not found again")
        return Take(recorder, trace, frozen, claims, handed, roots, loss)

    def above(self, node: int) -> list[int]:
        """The nodes with a real counterpart that `node` is calculated from by the drive itself."""
        found = self.recorder.scribe.tape.found
        stack, ends = [node], set[int]()
        while stack:
            one = stack.pop()
            if one in found:
                ends.add(one)
            else:
                stack += self.trace.nodes[one].inputs
        return sorted(ends)

    def calculated(self, node: int, real: Mapping[int, Array]) -> Any:
        """The value of `node`, from those of its counterparts."""
        ends = self.above(node)
        if node in ends or self._is_summed(node, ends, real):
            return _float(real[ends[0]])
        graph = LossGraph.between(self.trace, ends, node)
        known = {one: _float(real[one]) for one in ends}
        return np.asarray(
            graph.run(known, lambda op, xs, params: op.evaluate(*xs, **params), lambda v: v)
        )

    def _is_summed(self, node: int, ends: list[int], real: Mapping[int, Array]) -> bool:
        """Whether torch has already summed what `node` is a sum of: to the shape of a broadcast input."""
        found = np.shape(real[ends[0]].value) if len(ends) == 1 else None
        return found == self.trace.nodes[node].shape != self.trace.nodes[ends[0]].shape


class Rehearsal:
    """Plays the tape of one drive and collects what the witnesses say of its claims."""

    def __init__(self, torch: Any, device: str, job: Job, loaded: Loaded) -> None:
        self.torch, self.device, self.job, self.loaded = torch, device, job, loaded
        self.evidence = [Evidence(place) for place, _ in job.claims]

    def confirm(self, take: Take) -> None:
        """Add what one random point says.

        Raises:
            Unplayable: the functions cannot be called as the analysis calls them.
        """
        if [claim.place for claim in take.claims] != [one.place for one in self.evidence]:
            raise Unplayable("the walk gives other gradients than before")
        player, real = self._played(take)
        blur = _blur(take, real)
        truths, kinked = self._truths(take)
        for number, node in take.handed.items():
            evidence, root = self.evidence[number], take.roots[number]
            if root is None or root not in truths:
                continue
            claimed = _shaped(take.calculated(node, real), take.claims[number])
            claimed = _unclipped(take, number, claimed, truths[root])
            units = [unit_roundoff(real[one].dtype) for one in take.above(node)]
            evidence.tolerance = max(evidence.tolerance, FLOOR, GROWTH * max(units), CAUTION * blur)
            evidence.noise = max(evidence.noise, self._noise(take, real, blur))
            evidence.add(claimed, truths[root], kinked.get(root))
            self._slopes(take, player, number, claimed, kinked.get(root))

    def _played(self, take: Take) -> tuple[Player, Mapping[int, Array]]:
        """The values of everything that matters, by real calls; with tensors where arrays do not do."""
        wanted = {one for node in take.handed.values() for one in take.above(node)}
        wanted |= set(self._outputs(take))
        player = self.loaded.player(take.recorder.scribe.tape, self.job.path, self.torch)
        try:
            return player, player.play(wanted)
        except Unplayable as first:
            if "torch" not in self.job.module.text:
                raise
            player.tensors = True
            try:
                return player, player.play(wanted)
            except Unplayable:
                raise first from None

    def _outputs(self, take: Take) -> list[int]:
        objective = take.trace.objective
        return [] if objective is None else take.above(objective.node)

    def _noise(self, take: Take, real: Mapping[int, Array], blur: float) -> float:
        """The relative rounding of the real forward pass."""
        units = [unit_roundoff(real[one].dtype) for one in self._outputs(take)]
        return max(blur, *units) if units else EPSILON

    def _truths(self, take: Take) -> tuple[dict[int, Any], dict[int, Any]]:
        """The gradient in each root, and the items of it that depend on a slope at a kink."""
        roots = [root for root in take.roots if root is not None]
        graph = LossGraph.between(take.frozen, roots, take.loss)
        try:
            found = autograd.gradients(self.torch, graph, self.device)
            return found, autograd.kinked(self.torch, graph, self.device)
        except (RuntimeError, TypeError, ValueError, NotImplementedError, IndexError) as error:
            reason = str(error).splitlines()[0]
            raise Unplayable(f"torch cannot follow the forward pass: {reason}") from error

    def _slopes(self, take: Take, player: Player, number: int, claimed: Any, kinked: Any) -> None:
        """Central differences of the user's real forward function, where the drive says what it is."""
        root, evidence = take.claims[number].root, self.evidence[number]
        start = np.asarray(take.trace.value(root), dtype=np.float64)
        if claimed.shape != start.shape:
            evidence.sloped.append((claimed, start))
            return
        loss = self._loss(take, player, root, take.roots[number])
        slopes = differences.slopes(loss, start, len(evidence.sloped), evidence.noise, kinked)
        if slopes:
            along = np.array([float(np.sum(claimed * x.direction)) for x in slopes])
            evidence.sloped.append((along, np.array([x.slope for x in slopes])))

    def _loss(
        self, take: Take, player: Player, root: int, still: int | None
    ) -> Callable[[Any], float]:
        objective = take.trace.objective
        if objective is None or root not in take.recorder.scribe.tape.found:
            assert still is not None
            graph = LossGraph.between(take.frozen, [still], take.loss)
            return lambda value: graph.loss_at({still: value})
        outputs = take.above(objective.node)

        def loss(value: Any) -> float:
            real = player.play(outputs, {root: value})
            return float(take.calculated(objective.node, real).reshape(()))

        return loss


def _blur(take: Take, real: Mapping[int, Array]) -> float:
    """How far the real forward pass is from the walk, relative in the norm: its rounding.

    Raises:
        Unplayable: it computes something else.
    """
    objective = take.trace.objective
    blur = 0.0
    for node in [] if objective is None else take.above(objective.node):
        walked, found = np.asarray(take.trace.value(node), dtype=np.float64), _float(real[node])
        if walked.shape != found.shape:
            raise Unplayable("the forward pass gives another shape than the analysis expects")
        size = float(np.linalg.norm(walked)) or 1.0
        blur = max(blur, float(np.linalg.norm(found - walked)) / size)
    if not blur <= FAITHFUL:
        raise Unplayable("the forward pass gives other values than the analysis expects")
    return blur


def _shaped(value: Any, claim: Claim) -> Any:
    """A gradient in the shape that the analysis sees it in, where they differ by axes of size one."""
    wanted = np.shape(claim.value)
    return value.reshape(wanted) if np.size(value) == np.prod(wanted) else value


def _unclipped(take: Take, number: int, claimed: Any, true: Any) -> Any:
    """A gradient that was clipped before it was handed out, with the true items where it was cut."""
    walked = _shaped(np.asarray(take.trace.value(take.handed[number])), take.claims[number])
    cut = np.asarray(take.claims[number].value) != walked
    fits = claimed.shape == walked.shape == np.shape(true) and bool(np.any(cut))
    return np.where(cut, true, claimed) if fits else claimed


def _float(array: Array) -> Any:
    return np.asarray(array.value, dtype=np.float64)
