"""What the witnesses say of one drive: the real functions' gradients against autograd and differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.claims import Claim
from gradlint.harness import autograd, differences
from gradlint.harness.evidence import BLURRED, CAUTION, FLOOR, Evidence, rounding, unit_roundoff
from gradlint.harness.freezing import Array
from gradlint.harness.graph import LossGraph
from gradlint.harness.job import Job
from gradlint.harness.rehearsal.loading import Loaded
from gradlint.harness.rehearsal.player import Player
from gradlint.harness.rehearsal.scribe import Unplayable
from gradlint.harness.rehearsal.takes import Recorded, Retold, Take
from gradlint.judging import compare
from gradlint.judging.compare import without_penalty
from gradlint.model import Agreement
from gradlint.slopes import EPSILON

FAITHFUL = 1e-3
"""Relative: the real forward pass must give what the walk gives to this, in any precision."""
_FEW = 16
"""Or to so many roundings, in half precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """A take and the `real` values of its nodes, `blur` off by rounding; a `player` can play it again."""

    take: Take
    real: Mapping[int, Array]
    blur: float
    player: Player | None

    def is_seen(self, number: int) -> bool:
        """Whether the gradient of a claim is among the real values, or calculated from such."""
        return bool(self.take.above(self.take.handed[number]))

    def claimed(self, number: int) -> Any:
        """The gradient that was really handed out for a claim."""
        value = self.take.calculated(self.take.handed[number], self.real)
        return _shaped(value, self.take.claims[number])

    def is_faithful(self, number: int) -> bool:
        """Whether the walk has the gradient that was really handed out."""
        walked = _shaped(
            np.asarray(self.take.trace.value(self.take.handed[number])), self.take.claims[number]
        )
        rounded = (_rounding(self.real[one]) for one in self.take.above(self.take.handed[number]))
        allowed = max(FAITHFUL, CAUTION * self.blur, *rounded)
        found = compare([(self.claimed(number), walked)], allowed)
        return found.agreement in (Agreement.EQUAL, Agreement.UNKNOWN)


class Rehearsal:
    """Plays the tape of one drive and collects what the witnesses say of its claims."""

    def __init__(self, torch: Any, device: str, job: Job, loaded: Loaded) -> None:
        self.torch, self.device, self.job, self.loaded = torch, device, job, loaded
        self.evidence = [Evidence(place) for place, _ in job.claims]

    def confirm(self, recorded: Recorded) -> None:
        """Add what one random point says.

        Raises:
            Unplayable: the functions cannot be called as the analysis calls them.
        """
        take = recorded.take
        if [claim.place for claim in take.claims] != [one.place for one in self.evidence]:
            raise Unplayable("the walk gives other gradients than before")
        player, real = self._played(recorded)
        play = Play(take, real, _blur(take, real), player)
        self._hold(play, dict(self._comparable(play)))

    def _comparable(self, play: Play) -> Iterator[tuple[int, Evidence]]:
        """The evidence by claim, without gradients of a later round than the one that was walked."""
        for number, evidence in enumerate(self.evidence):
            stepped = play.take.trace.updates and number in play.take.handed
            if not stepped or not play.is_seen(number) or play.is_faithful(number):
                yield number, evidence
            else:
                evidence.details.append("it is handed out after more steps than the analysis makes")

    def confirm_borrowed(self, recorded: Recorded) -> bool:
        """Add what the real functions say at arguments of the script's own; False where they say nothing.

        Raises:
            Unplayable: they compute something else than the walk.
        """
        take = recorded.take
        player, real = self._played(recorded, own=True)
        return self._hold(Play(take, real, _blur(take, real), player), self._known(take))

    def _known(self, take: Take) -> dict[int, Evidence]:
        """The evidence that belongs to the claims of another walk, by their numbers."""
        known = {one.place: one for one in self.evidence}
        return {n: known[c.place] for n, c in enumerate(take.claims) if c.place in known}

    def confirm_own(self, retold: Retold) -> bool:
        """Add what one call of the script's own says; False where it says nothing.

        Raises:
            Unplayable: the script computed something else than the walk.
        """
        take, real = retold.take, retold.real
        play = Play(take, real, max(retold.blur, _blur(take, real)), None)
        known = self._known(take)
        held = {n: one for n, one in known.items() if n in take.handed and play.is_seen(n)}
        if not all(play.is_faithful(number) for number in held):
            raise Unplayable("the script computes something else than the walk")
        return self._hold(play, held)

    def _hold(self, play: Play, held: Mapping[int, Evidence]) -> bool:
        """Hold the gradients `held` (by the numbers of their claims) against the truth; whether any was."""
        take, real = play.take, play.real
        truths, kinked = self._truths(take)
        some = False
        for number, node in take.handed.items():
            root = take.roots[number]
            if number not in held or root is None or root not in truths:
                continue
            evidence = held[number]
            claimed = _unclipped(take, number, play.claimed(number), truths[root])
            claimed = self._unpenalised(take, number, claimed, truths[root])
            if claimed is None:
                evidence.details.append("its penalty cannot be told from so few numbers")
                continue
            rounded = (_rounding(real[one]) for one in take.above(node))
            tolerance = max(FLOOR, *rounded, CAUTION * play.blur)
            if tolerance > BLURRED:
                continue
            evidence.tolerance = max(evidence.tolerance, tolerance)
            if play.player is not None:
                evidence.noise = max(evidence.noise, self._noise(play))
            evidence.add(claimed, truths[root], kinked.get(root))
            self._slopes(play, number, claimed, evidence, kinked.get(root))
            some = True
        return some

    def _unpenalised(self, take: Take, number: int, claimed: Any, true: Any) -> Any:
        """A gradient without the penalty that its loss does not say; None where that cannot be told."""
        spec, claim = self.job.spec, take.claims[number]
        if claim.place not in spec.penalised:
            return claimed
        decays, shrinks = claim.place in spec.decays, claim.place in spec.shrinks
        return without_penalty(claimed, true, take.trace.value(claim.root), decays, shrinks)

    def _played(self, recorded: Recorded, own: bool = False) -> tuple[Player, Mapping[int, Array]]:
        """The values of everything that matters, by real calls; with tensors where arrays do not do."""
        take = recorded.take
        wanted = {one for node in take.handed.values() for one in take.above(node)}
        wanted |= set(self._outputs(take))
        player = self.loaded.player(recorded.tape, self.job.path, self.torch, own)
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

    def _noise(self, play: Play) -> float:
        """The relative rounding of the real forward pass."""
        units = [unit_roundoff(play.real[one].dtype) for one in self._outputs(play.take)]
        return max(play.blur, *units) if units else EPSILON

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

    def _slopes(
        self, play: Play, number: int, claimed: Any, evidence: Evidence, kinked: Any
    ) -> None:
        """Central differences of the user's real forward function, where it can be called."""
        take, root = play.take, play.take.claims[number].root
        start = np.asarray(take.trace.value(root), dtype=np.float64)
        if claimed.shape != start.shape:
            evidence.sloped.append((claimed, start))
            return
        loss = self._loss(play, root, take.roots[number])
        slopes = differences.slopes(loss, start, len(evidence.sloped), evidence.noise, kinked)
        if slopes:
            along = np.array([float(np.sum(claimed * x.direction)) for x in slopes])
            evidence.sloped.append((along, np.array([x.slope for x in slopes])))

    def _loss(self, play: Play, root: int, still: int | None) -> Callable[[Any], float]:
        take, player = play.take, play.player
        objective = take.trace.objective
        if objective is None or player is None or root not in take.found:
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
    blur, allowed = 0.0, FAITHFUL
    for node in [] if objective is None else take.above(objective.node):
        walked, found = np.asarray(take.trace.value(node), dtype=np.float64), _float(real[node])
        if walked.shape != found.shape:
            raise Unplayable("the forward pass gives another shape than the analysis expects")
        size = float(np.linalg.norm(walked)) or 1.0
        allowed = max(allowed, _FEW * unit_roundoff(real[node].dtype))
        blur = max(blur, float(np.linalg.norm(found - walked)) / size)
    if not blur <= allowed:
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


def _rounding(array: Array) -> float:
    return rounding(unit_roundoff(array.dtype), array.dtype)


def _float(array: Array) -> Any:
    return np.asarray(array.value, dtype=np.float64)
