"""One walk of a drive for the witnesses: at a random point, or at the arguments of the script's own calls."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradlint.claims import Claim, LossSpec, claims_of, locate
from gradlint.harness.calls.listening import Call
from gradlint.harness.calls.retelling import Retelling
from gradlint.harness.freezing import Array
from gradlint.harness.graph import LossGraph
from gradlint.harness.job import Job
from gradlint.harness.rehearsal.borrowing import Borrower
from gradlint.harness.rehearsal.recorder import Recorder
from gradlint.harness.rehearsal.scribe import Unplayable
from gradlint.harness.rehearsal.tape import Tape
from gradlint.tracing import Trace, retrace


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A drive, walked at one random point or at the arguments of a call of the script's own.

    `found` are the nodes that have a counterpart among the real values. `claims` are all that were made;
    `handed` says which node each returned gradient is. `loss` is in the `frozen` trace, where the
    parameters stay; `roots` are the claims' parameters there.
    """

    found: Container[int]
    trace: Trace
    frozen: Trace
    claims: list[Claim]
    handed: dict[int, int]
    roots: list[int | None]
    loss: int

    @staticmethod
    def of(spec: LossSpec, found: Container[int], trace: Trace, frozen: Trace) -> Take:
        """What the two walks give, for the loss `spec`.

        Raises:
            Unplayable: the loss was not found.
        """
        made = claims_of(trace)
        first = len(made) - len(trace.claimed)
        kept = [i for i, claim in enumerate(made) if claim.root in trace.keys]
        handed = {k: trace.claimed[i - first].value for k, i in enumerate(kept) if i >= first}
        claims = [made[i] for i in kept]
        roots = [frozen.at(trace.keys[claim.root]) for claim in claims]
        loss = locate(frozen, spec, [root for root in roots if root is not None])
        if loss is None:
            raise Unplayable("the loss was not found again")
        return Take(found, trace, frozen, claims, handed, roots, loss)

    def above(self, node: int) -> list[int]:
        """The nodes with a real counterpart that `node` is calculated from by the drive itself."""
        stack, ends, seen = [node], set[int](), set[int]()
        while stack:
            one = stack.pop()
            if one in self.found:
                ends.add(one)
            elif one not in seen:
                seen.add(one)
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


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """A take at a random point, with its tape; `made` says how many values each expression gave."""

    take: Take
    tape: Tape
    made: Mapping[int, int]

    @staticmethod
    def of(job: Job, seed: int) -> Recorded:
        """Walk the drive of `job`.

        Raises:
            Unplayable: it cannot be played, or its loss was not found.
        """
        recorder = Recorder(job.module, job.facts, seed)  # type: ignore[arg-type]
        trace, tape = recorder.recorded(), recorder.scribe.tape
        moves = bool(trace.updates) or trace.objective is None
        frozen = retrace(job.module, job.facts, seed, frozen=True).trace if moves else trace
        return Recorded(Take.of(job.spec, tape.found, trace, frozen), tape, recorder.made)

    @staticmethod
    def borrowed(job: Job, call: Call, small: Mapping[int, int]) -> Recorded:
        """Walk the drive of `job` with what the script gave in `call`; `small` as for `Retold`.

        Raises:
            Unplayable: it cannot be called so, or its loss was not found.
        """
        walk = Borrower(job.module, job.facts, call)  # type: ignore[arg-type]
        trace, tape = walk.recorded(), walk.scribe.tape
        if trace.updates or trace.objective is None:
            raise Unplayable("it makes steps of its own")
        spec = replace(job.spec, sites=_as_late(job.spec, walk.made, small))
        return Recorded(Take.of(spec, tape.found, trace, trace), tape, walk.made)


@dataclass(frozen=True, slots=True, eq=False)
class Retold:
    """A take at the arguments of calls of the script's own, with what these calls really gave."""

    take: Take
    real: Mapping[int, Array]
    blur: float

    @staticmethod
    def of(job: Job, calls: Sequence[Call], small: Mapping[int, int]) -> Retold:
        """Walk the drive of `job` as the script called it; `small` counts values of the walk at small sizes.

        Raises:
            Unplayable: the script called it otherwise, or its loss was not found.
        """
        module, facts = job.module, job.facts
        walk = Retelling(module, facts, calls)  # type: ignore[arg-type]
        trace = frozen = walk.retold()
        if trace.updates or trace.objective is None:
            frozen = Retelling(module, facts, calls, frozen=True).retold()  # type: ignore[arg-type]
        spec = replace(job.spec, sites=_as_late(job.spec, walk.made, small))
        take = Take.of(spec, walk.real, trace, frozen)
        return Retold(take, walk.real, walk.blur)


def _as_late(
    spec: LossSpec, made: Mapping[int, int], small: Mapping[int, int]
) -> tuple[tuple[int, int], ...]:
    """The sites of a loss, as many values from the end as in the walk at small sizes."""
    return tuple((e, made[e] - (small.get(e, 0) - number)) for e, number in spec.sites)


def _float(array: Array) -> Any:
    return np.asarray(array.value, dtype=np.float64)
