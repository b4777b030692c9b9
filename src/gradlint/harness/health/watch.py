"""What the running script shows of its health, collected as numbers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradlint.harness.health import measuring
from gradlint.harness.health.planning import ANY, HealthPlan, PlannedParameter, Role
from gradlint.health import Health, Thresholds
from gradlint.health.record import Layer, LayerLook, NotFinite, Number, Parameter, ParameterLook

CLOSELY = 10
"""The first steps are all looked at closely, and then every tenth."""

_CLOSE_ROLES = frozenset({"before", "after", "pre", "post"})
"""What is of interest only at the steps that are looked at closely."""


def is_looked_at(step: int) -> bool:
    """Whether layers and parameters are measured at `step`; what is finite is asked at each."""
    return step < CLOSELY or step % CLOSELY == 0


@dataclass(slots=True)
class _Moving:
    """A parameter in the course of one step."""

    before: Any = None
    after: Any = None
    gradient: Any = None


@dataclass(slots=True)
class _Spread:
    """What goes into an activation in one step."""

    lowest: Number = None
    highest: Number = None
    mean: Number = None


@dataclass(eq=False)
class Watch:
    """Told by the observer of heads and values; `enough` says when to stop.

    `most` and `seconds` bound the watching after the first steps; `noted` is told of each step.
    """

    plan: HealthPlan
    most: int
    seconds: float
    limits: Thresholds
    noted: Callable[[int], None]
    step: int = -1
    looked: list[int] = field(default_factory=list)
    losses: list[Number] = field(default_factory=list)
    not_finite: NotFinite | None = None
    shapes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    single: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.layer_looks: dict[int, list[LayerLook]] = {}
        self.parameter_looks: dict[int, list[ParameterLook]] = {}
        self._clear()
        self.always = {
            number for number, roles in self.plan.roles.items()
            if any(role.kind not in _CLOSE_ROLES for role in roles)
        }  # fmt: skip
        self.was_finite: set[tuple[str, int]] = set()
        self.stored: list[tuple[Role, Any]] = []
        self.loss: Number = None
        self.lost = False
        self.active = False

    def _clear(self) -> None:
        self.turns: Counter[int] = Counter()
        self.moving: dict[int, _Moving] = {}
        self.spread: dict[int, _Spread] = {}

    @property
    def closely(self) -> bool:
        return is_looked_at(self.step)

    @property
    def enough(self) -> bool:
        """Whether there is nothing more to see: the budget is spent, or the training is lost."""
        spent = time.monotonic() - self.began > self.seconds
        return self.step + 1 >= self.most or spent or self.not_finite is not None

    def head(self) -> None:
        """A round begins."""
        self.leave()
        self.step += 1
        self.noted(self.step)
        self.active = True
        self.loss, self.lost = None, False
        self._clear()
        if self.closely:
            self.looked.append(self.step)

    def leave(self) -> None:
        """A round is over."""
        if not self.active:
            return
        self.active = False
        self.losses.append(self.loss)
        mixed = self._mixed_up()
        for index, moved in self.moving.items():
            if index not in mixed:
                self._look_at_parameter(index, moved)
        if self.lost or self.closely:
            self._check()
        self.stored = []

    def _mixed_up(self) -> set[int]:
        """The parameters of statements that ran more or less often in this round than in the walk."""
        odd = (number for number, most in self.plan.passes.items() if self.turns[number] != most)
        return {role.index for number in odd for role in self.plan.roles[number]}

    def wants(self, number: int) -> bool:
        """Whether the value of `number` is of interest at this step."""
        return self.active and (self.closely or number in self.always)

    def see(self, number: int, value: Any) -> None:
        """A watched value passes by."""
        if not self.active:
            return
        turn = self.turns[number]
        self.turns[number] += 1
        for role in self.plan.roles.get(number, ()):
            self._take(role, turn, value)

    def _take(self, role: Role, turn: int, value: Any) -> None:
        kind = role.kind
        if kind in ("loss", "sum", "mean", "error"):
            self._loss(kind, value)
        elif turn != role.turn != ANY:
            return
        elif kind in ("before", "after"):
            self._moved(kind, role.index, value)
        elif kind == "stored":
            self.stored.append((role, value))
        elif kind == "gradient":
            self._gradient(role, value)
        elif self.closely:
            self._look_at_layer(role, value)

    def _check(self) -> None:
        """Find the first of the values of this round that was finite before and is no longer.

        Looking at every value at every step would cost more than many a script's own step. So it is done
        where the loss or a gradient is lost, and at the steps that are looked at closely, to know which
        values are never finite (a mask of -inf).
        """
        for role, value in self.stored:
            key = (role.name, role.turn)
            found = measuring.trouble(value)
            if found is None:
                self.was_finite.add(key)
            elif self.lost and (key in self.was_finite or (self.step == 0 and found == "nan")):
                self.not_finite = NotFinite(self.step, role.name, found, role.span, role.within)
                return

    def _loss(self, kind: str, value: Any) -> None:
        array = measuring.as_numpy(value)
        if array is None or not array.size:
            return
        with np.errstate(all="ignore"):
            if kind == "error":
                found = 0.5 * float(np.sum(np.square(array, dtype=np.float64)))
                found += self.loss or 0.0
            else:
                found = float(array.mean() if kind == "mean" else array.sum())
        self.loss = measuring.finite(found)
        self.lost = self.lost or self.loss is None

    def _gradient(self, role: Role, value: Any) -> None:
        if measuring.trouble(value) is not None:
            self.lost = True
        if self.closely:
            array = measuring.as_numpy(value)
            if array is not None:
                self.moving.setdefault(role.index, _Moving()).gradient = (
                    measuring.norm(array),
                    measuring.slope(array),
                )

    def _moved(self, kind: str, index: int, value: Any) -> None:
        if not self.closely:
            return
        moved = self.moving.setdefault(index, _Moving())
        if kind == "after":
            moved.after = value
        elif moved.before is None:
            array = measuring.as_numpy(value)
            moved.before = None if array is None else np.array(array)

    def _look_at_parameter(self, index: int, moved: _Moving) -> None:
        before, after = moved.before, measuring.as_numpy(moved.after)
        if before is None or after is None or before.shape != after.shape or not before.size:
            return
        planned = self.plan.parameters[index]
        self.shapes[index] = before.shape
        with np.errstate(all="ignore"):
            change = after - before
        update = measuring.norm(change)
        gradient, slope = moved.gradient or self._by_rate(planned, change, update)
        same = planned.axis is not None and measuring.alike(before, planned.axis)
        self.parameter_looks.setdefault(index, []).append(
            ParameterLook(
                self.step, gradient, slope, measuring.norm(before), update,
                not np.array_equal(before, after), same,
            )
        )  # fmt: skip

    def _by_rate(
        self, planned: PlannedParameter, change: Any, update: Number
    ) -> tuple[Number, Number]:
        """A gradient that was not seen itself, by the movement that it made."""
        if update is None:
            return None, None
        mean = measuring.slope(change)
        return update / planned.rate, None if mean is None else mean / planned.rate

    def _look_at_layer(self, role: Role, value: Any) -> None:
        array = measuring.as_numpy(value)
        if array is None or not array.size:
            return
        if role.kind == "pre":
            with np.errstate(all="ignore"):
                numbers = map(measuring.finite, (array.min(), array.max(), array.mean()))
            self.spread[role.index] = _Spread(*numbers)
            return
        layer, spread = self.plan.layers[role.index], self.spread.get(role.index, _Spread())
        if array.ndim < 2 or 1 in array.shape:
            self.single.add(role.index)
        self.layer_looks.setdefault(role.index, []).append(
            LayerLook(
                self.step, measuring.part_active(array),
                measuring.part_saturated(array, layer.kind, self.limits.saturated_input),
                spread.lowest, spread.highest, spread.mean,
            )
        )  # fmt: skip

    def health(self) -> Health:
        """All that was seen, as plain numbers."""
        plan = self.plan
        layers = [
            Layer(
                x.name, x.kind, x.source, x.span, x.hidden, i in self.single, x.feeding,
                tuple(self.layer_looks[i]),
            )
            for i, x in enumerate(plan.layers) if i in self.layer_looks
        ]  # fmt: skip
        parameters = [
            Parameter(
                x.name, x.span, self.shapes[i], x.hidden,
                0 if x.axis is None else self.shapes[i][x.axis], tuple(self.parameter_looks[i]), x.made,
            )
            for i, x in enumerate(plan.parameters) if i in self.parameter_looks
        ]  # fmt: skip
        return Health(
            len(self.losses), tuple(self.looked[: len(self.losses)]), plan.loss, plan.span,
            tuple(self.losses), tuple(layers), tuple(parameters), self.not_finite,
            written=plan.written,
        )  # fmt: skip
