"""Where a right script descends: which loop, which parameters, which loss; by central differences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from types import CodeType, FrameType

import numpy as np
from numpy.typing import NDArray

from mutation.truth.instrument import instrumented
from mutation.truth.losses import Loss, candidates, is_named
from mutation.truth.places import Array, Place, jitter, move
from mutation.truth.running import State, Watch, run

_STEP = 1e-5
_CLOSE = 1e-5
_PROBES = 60


@dataclass(frozen=True)
class Plan:
    """How a script is watched: `how` is *gradient* where the step is a multiple of it, else *descent*
    (every element moves against it: Adam, clipping). `also` are other losses that the script may mean:
    what it prints of its errors; they too must stay what they are."""

    loop: int
    parameters: tuple[Place, ...]
    loss: Loss
    how: str
    before: str | None = None
    driver: str = ""
    also: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class _Probe:
    """One element of one parameter, how far the first step moved it, and the loss's slopes there."""

    place: Place
    index: tuple[int, ...]
    step: float
    slopes: dict[Loss, float]


def plan_for(text: str, driver: str = "", before: str | None = None) -> Plan | None:
    """The plan of a right script, None where no loss could be found that its steps descend."""
    code = instrumented(text + driver)
    seen = Watch(None, 2)
    with suppress(TimeoutError):  # the first rounds were seen
        run(code, seen)
    fits = []
    for loop in sorted(seen.states, reverse=True):
        if len(seen.states[loop]) > 1:
            fits += _fits(code, loop, before, driver, ())
    if not fits:
        return None
    best = max(fits, key=_worth)
    first, second = seen.states[best.loop][:2]
    every = tuple(p for p, value in first.items() if _moved(value, second.get(p)))
    for places in (best.parameters, every):  # some gradients are zero where the script starts
        fits += _fits(code, best.loop, before, driver, places)
    best = max(fits, key=_worth)
    if is_named(best.loss):
        return best
    like = [p.loss for p in fits if (p.loop, p.parameters) == (best.loop, best.parameters)]
    return replace(best, also=tuple(loss for loss in like if _shown(loss, text)))


def _shown(loss: Loss, text: str) -> bool:
    """Whether the script prints or keeps something of what an unnamed loss is made of."""
    names = [str(place[1]) for place in loss.places]
    lines = [
        line
        for line in text.split("\n")
        if re.search(r"print|append|\b(loss|err|cost|sq|mse)\w*\s*[+]?=", line)
    ]
    return all(
        any(re.search(rf"\b{re.escape(name)}\b", line.partition("=")[2] or line) for line in lines)
        for name in names
    )


def _worth(plan: Plan) -> tuple[int, bool, bool, bool, int]:
    """A loss of the forward pass is better than one of an error that the backward pass may own."""
    forward = plan.loss.kind != "squares"
    return len(plan.parameters), plan.how == "gradient", is_named(plan.loss), forward, plan.loop


def _fits(
    code: CodeType, loop: int, before: str | None, driver: str, moved_first: tuple[Place, ...]
) -> list[Plan]:
    """The losses that the steps of a loop descend, from parameters that are moved at random first."""

    def watched(place: Place | None = None, by: Array | None = None) -> Watch:
        return run(
            code, Watch(loop, 1, partial(_poke, first=moved_first, place=place, by=by), before)
        )

    try:
        base = watched()
    except Exception:
        return []
    first, second = base.states[loop][:2]
    moved = [p for p, value in first.items() if _moved(value, second.get(p))]
    losses = [loss for loss in candidates(second, base.asked) if _may_be(loss, moved)]
    probes = []
    for p, i in _chosen(moved, first, second):
        with suppress(LookupError, AttributeError):  # it is not there yet when it would be moved
            probes.append(_probed(watched, p, i, first, second, losses))
    fits = [(loss, fit) for loss in losses if (fit := _fit(loss, probes)) is not None]
    return [Plan(loop, fit[1], loss, fit[0], before, driver) for loss, fit in fits]


def _moved(value: Array, after: Array | None) -> bool:
    if after is None or after.shape != value.shape or not np.isfinite(after).all():
        return False
    if value.ndim == 0 and float(value).is_integer() and float(after).is_integer():
        return False  # a counter
    return not np.array_equal(value, after)


def _may_be(loss: Loss, moved: list[Place]) -> bool:
    """What a step moves is no part of the loss, unless it is the loss, added up."""
    return is_named(loss) or not set(loss.places) & set(moved)


def _chosen(
    moved: list[Place], first: State, second: State
) -> Iterable[tuple[Place, tuple[int, ...]]]:
    """Some elements of each moved place: the one that moved most and two others."""
    picked = []
    source = np.random.default_rng(0)
    for place in moved:
        step = np.abs(second[place] - first[place])
        flat = [int(step.argmax()), *map(int, source.integers(0, step.size, 2))]
        picked += [
            (place, tuple(map(int, np.unravel_index(k, step.shape)))) for k in dict.fromkeys(flat)
        ]
    source.shuffle(picked)
    return picked[:_PROBES]


def _probed(
    watched: Callable[[Place, Array], Watch], place: Place, index: tuple[int, ...],
    first: State, second: State, losses: list[Loss],
) -> _Probe:  # fmt: skip
    shift = np.zeros_like(first[place])
    shift[index] = _STEP
    up, down = watched(place, shift), watched(place, -shift)
    slopes = {loss: _slope(loss, up, down) for loss in losses}
    return _Probe(place, index, float((second[place] - first[place])[index]), slopes)


def _poke(
    frame: FrameType, first: tuple[Place, ...], place: Place | None, by: Array | None
) -> None:
    jitter(frame, first, 0)
    if place is not None and by is not None:
        move(frame, place, by)


def _slope(loss: Loss, up: Watch, down: Watch) -> float:
    try:
        values = [
            loss.value(next(iter(side.states.values()))[1], side.asked) for side in (up, down)
        ]
    except (KeyError, ValueError):
        return float("nan")
    return (values[0] - values[1]) / (2 * _STEP)


def _fit(loss: Loss, probes: list[_Probe]) -> tuple[str, tuple[Place, ...]] | None:
    """How the steps descend `loss`, and of which parameters it is a function."""
    own = [p for p in probes if p.place not in loss.places]
    largest = max((abs(p.slopes[loss]) for p in own), default=0.0)
    if not np.isfinite(largest) or largest < 1e-7:
        return None
    of = {p.place for p in own if abs(p.slopes[loss]) > 1e-7 * largest + 1e-9}
    used = [p for p in own if p.place in of]
    step, slope = (np.array(v) for v in zip(*((p.step, p.slopes[loss]) for p in used), strict=True))
    if not np.isfinite(slope).all():
        return None
    along = _along(step, slope, np.array([list(of).index(p.place) for p in used]))
    if len(along) == len(of) or (is_named(loss) and len(along) > 1):
        # What is carried on, like a hidden state, is part of the loss and no parameter.
        return "gradient", tuple(sorted((list(of)[k] for k in along), key=str))
    large = np.abs(slope) > 1e-4 * largest
    if large.sum() >= 3 and (step * slope < 0)[large].all() and is_named(loss):
        return "descent", tuple(sorted(of, key=str))
    return None


def _along(step: Array, slope: Array, owner: NDArray[np.int64]) -> list[int]:
    """The largest group of owners whose steps are the slopes times one negative rate."""
    best: list[int] = []
    owners = sorted(set(owner.tolist()))
    for one in owners:
        at = owner == one
        rate = float(step[at] @ slope[at] / (slope[at] @ slope[at]))
        group = [k for k in owners if _residual(step, slope, rate, owner == k) < _CLOSE]
        if rate < 0 and len(group) > len(best):
            best = group
    return best


def _residual(step: Array, slope: Array, rate: float, where: NDArray[np.bool_]) -> float:
    wanted = rate * slope[where]
    return float(np.linalg.norm(step[where] - wanted) / (np.linalg.norm(wanted) + 1e-9))
