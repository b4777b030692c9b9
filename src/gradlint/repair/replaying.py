"""What an edit would do, by the record of a walk: what was computed from the edited line is computed anew.

Most candidates are refuted by it at a small part of the cost of a walk. What it does not refute is walked;
what it cannot tell (an edit of a step, of a target, of what is changed in place) is walked as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.claims import Claim
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.building import right_side
from gradlint.tracing import Opaque, Trace, TraceNode, Update
from gradlint.tracing.recording import Again, Evaluation, Recorder, Unrepeatable, pairs
from gradlint.tracing.updates import movement

_EVALUATION = 12
"""What it costs to evaluate an expression anew, in nodes."""


class Broken(Exception):
    """With the edit in place an operation does not fit."""


class Replay:
    """A recorded walk of which parts can be computed anew. `spent` counts the nodes that were."""

    def __init__(self, walker: Recorder, claims: Sequence[Claim], suspects: Sequence[s.Stmt]):
        self.walker = walker
        self.trace = walker.trace
        self.trace.stores_of(0)  # what is indexed now is shared by all that come of it
        self.claims = claims
        self.suspects = suspects
        self.spent = 0

    def covers(self, swaps: Sequence[tuple[Any, Any]]) -> bool:
        """Whether the swaps are such that the record may tell what they do."""
        try:
            return bool(self._runs(swaps))
        except Unrepeatable:
            return False

    def made_by(self, swaps: Sequence[tuple[Any, Any]]) -> set[int]:
        """The nodes that the edited right-hand side made."""
        return {node for run in self._runs(swaps) for node in range(run.start, run.end)}

    def step(self, update: Update) -> set[int]:
        """The nodes between a gradient and the parameter that an update moves along it."""
        return self._steps.get(update.new, set())

    def with_edit(self, swaps: Sequence[tuple[Any, Any]]) -> Trace:
        """The trace as it would be with the swaps.

        Raises:
            Unrepeatable: that cannot be told.
            Broken: an operation does not fit any more.
        """
        with np.errstate(all="ignore"):
            return self._with_edit(swaps)

    def _with_edit(self, swaps: Sequence[tuple[Any, Any]]) -> Trace:
        runs = self._runs(swaps)
        nodes, dirty = list(self.trace.nodes), set[int]()
        overrides = {**self.walker.overrides, **{id(old): new for old, new in swaps}}
        again = Again(self.walker.module, self.walker.facts, overrides, Trace(nodes=nodes))
        at = 0
        for run in runs:
            self._compute(nodes, at, run.start, dirty)
            value = self._value_now(nodes, run, again, dirty)
            self._put(nodes, run, value, dirty)
            at = run.end
        self._compute(nodes, at, len(self.trace.nodes), dirty)
        self.spent += len(dirty) + _EVALUATION * len(runs)
        made = replace(self.trace, nodes=nodes, _arrays={}, _made_from={})
        made.updates = [self._moved(made, update, dirty) for update in self.trace.updates]
        return made

    def _value_now(
        self, nodes: list[TraceNode], run: Evaluation, again: Again, dirty: set[int]
    ) -> Any:
        """What an evaluation gives now, if it needs nothing that was made after it."""
        made = len(nodes)
        value = again.value_of(run, dirty)
        later = range(run.start, len(self.trace.nodes))
        if any(i in later for node in nodes[made:] for i in node.inputs):
            raise Unrepeatable
        return value

    def _moved(self, trace: Trace, update: Update, dirty: set[int]) -> Update:
        """An update as it is in the edited `trace`, where its step is made in another way."""
        shape = trace.nodes[update.new].shape
        if shape not in (trace.nodes[update.old].shape, self.trace.nodes[update.new].shape):
            raise Broken
        if dirty.isdisjoint(self._steps.get(update.new, ())):
            return update
        blind = id(update.statement) in self.walker.facts.blind_steps
        change = movement(trace, update.old, update.new, blind=blind)
        if change is None or (update.change and not change):
            raise Broken
        return replace(update, change=change)

    def _put(self, nodes: list[TraceNode], run: Evaluation, value: Any, dirty: set[int]) -> None:
        """Put what an evaluation gives now in the place of the nodes that it gave.

        How it is made matters in a step alone. Elsewhere it is hidden, as it is newer than what uses it.
        """
        if _is_lost(run.value, value):
            raise Broken
        for was, now in pairs(run.value, value):
            if was.id < run.start or was.id in self._opaque_steps:
                raise Unrepeatable
            made, fresh = nodes[now.id], now.id >= len(self.trace.nodes)
            if not any(was.id in step for step in self._steps.values()):
                made = replace(made, op="reshape", inputs=(now.id,), params={"shape": made.shape})
            elif not fresh or _reads(nodes, made, was.id):
                raise Unrepeatable  # it is made from itself: a state that is read after it is written
            nodes[was.id] = replace(made, id=was.id)
            dirty.add(was.id)

    def _compute(self, nodes: list[TraceNode], start: int, end: int, dirty: set[int]) -> None:
        """Compute those nodes from `start` up to `end` anew that were made from what is `dirty`."""
        for i in range(start, end) if dirty else ():
            node = nodes[i]
            if not dirty.isdisjoint(node.inputs):
                value = _value(nodes, node)
                nodes[i] = TraceNode(
                    i, node.op, node.inputs, node.params, value, node.expr, node.statement
                )
                dirty.add(i)

    def _runs(self, swaps: Sequence[tuple[Any, Any]]) -> list[Evaluation]:
        """The evaluations of the one right-hand side in which all of the swaps are."""
        values = {self._inside.get(id(old)) for old, _ in swaps}
        value = values.pop() if len(values) == 1 else None
        if value is None or value in self.walker.lost or value in self._leaking:
            raise Unrepeatable
        return self.walker.evaluations.get(value, [])

    @cached_property
    def _inside(self) -> dict[int, int]:
        """The recorded right-hand side in which each expression stands, by identity; of calls alone none."""
        found: dict[int, int] = {}
        for statement in self.suspects:
            value = right_side(statement)
            if value is not None and not isinstance(statement, s.ExprStmt):
                found |= {id(node): id(value) for node in descend(value)}
        return found

    @cached_property
    def _leaking(self) -> set[int]:
        """The right-hand sides of which more than the value is used, or that run within themselves."""
        return {
            value for value, runs in self.walker.evaluations.items()
            if any(self._leaks(run) for run in runs)
            or any(a.end > b.start for a, b in pairwise(runs))
        }  # fmt: skip

    def _leaks(self, run: Evaluation) -> bool:
        try:
            given = {was.id for was, _ in pairs(run.value, run.value)}
        except Unrepeatable:
            return True
        if any(not run.start <= node < run.end for node in given):
            return True  # it has another name as well, or is changed in place later
        own = set(range(run.start, run.end)) - given
        return any(self._last_use.get(node, -1) >= run.end for node in own)

    @cached_property
    def _last_use(self) -> dict[int, int]:
        """The last node that was made from each node."""
        found: dict[int, int] = {}
        for node in self.trace.nodes:
            found |= dict.fromkeys(node.inputs, node.id)
        return found

    @cached_property
    def _steps(self) -> dict[int, set[int]]:
        """The nodes between the gradient and the parameter that it moves, by what the step gives."""
        return {
            update.new: self._between(claim, update) for claim in self.claims for update in claim.updates
        }  # fmt: skip

    def _between(self, claim: Claim, update: Update) -> set[int]:
        if not update.change:
            return {update.new, *self.trace.nodes[update.new].inputs}
        ends = {node for _, node in update.change} if claim.gradient is None else {claim.gradient}
        if update.new in ends:
            return set()
        beyond = ends | {claim.root, update.old}
        return set(self.trace.ancestors([update.new], beyond=beyond))

    @cached_property
    def _opaque_steps(self) -> set[int]:
        """The nodes of steps that cannot be read again: of some items, through an optimiser's state."""
        return {
            node for claim in self.claims for update in claim.updates
            if claim.through_optimiser or not update.change for node in self._steps[update.new]
        }  # fmt: skip


def _is_lost(was: Any, now: Any) -> bool:
    """Whether a part of what an evaluation gave is not known any more."""
    if isinstance(was, list | tuple) and type(was) is type(now) and len(was) == len(now):
        return any(map(_is_lost, was, now))
    return isinstance(now, Opaque) and not isinstance(was, Opaque)


def _reads(nodes: Sequence[TraceNode], made: TraceNode, node: int) -> bool:
    """Whether `made` was computed from `node`."""
    stack, seen = list(made.inputs), set[int]()
    while stack:
        at = stack.pop()
        if at == node:
            return True
        if at not in seen and at > node:
            seen.add(at)
            stack += nodes[at].inputs
    return False


def _value(nodes: list[TraceNode], node: TraceNode) -> Any:
    values = [nodes[i].value for i in node.inputs]
    try:
        value = ops.OPS[node.op].compute(*values, **node.params)
    except (ValueError, IndexError, TypeError, ArithmeticError, AttributeError, ops.OpError):
        raise Broken from None
    if isinstance(node.value, np.ndarray):
        return np.asarray(value)
    return value.item() if isinstance(value, np.generic) else value
