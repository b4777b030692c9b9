"""Whether a mutant is a mistake: the same loss at the same parameters, and another direction."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np

from mutation.truth.frozen import leaves_over, only_freezes
from mutation.truth.instrument import instrumented
from mutation.truth.losses import is_named
from mutation.truth.places import Array, Place, jitter
from mutation.truth.planning import Plan, plan_for
from mutation.truth.running import State, Watch, run

_ROUNDS = 3
_SAME = 1e-9
_CLEARLY = 1e-6


class Truth(Enum):
    """What a mutant is."""

    WRONG = "the step has another direction"
    EQUAL = "the same steps"
    RATE = "all steps times one positive number"
    STATE = "the first step is the same, later ones are not"
    FORWARD = "the loss is another function"
    BROKEN = "it does not run"
    RATES = "the step of each parameter times a positive number of its own, by an edit of a step"
    TUNING = "every element still moves the same way, by an optimiser that scales elements"
    STILL = "nothing moves"
    OTHER = "the steps descend another loss, and the script writes none that says no"
    FROZEN = "a parameter stays where it is, the others move as before, and nothing is left unused"


@dataclass(frozen=True)
class Seen:
    """One run: the losses of the first round, and how far the first and the first three moved the parameters.

    `ends`: where one parameter ends and the next begins.
    """

    losses: tuple[float, ...]
    first: Array
    third: Array
    ends: tuple[int, ...] = ()


def observe(text: str, plan: Plan, seed: int) -> Seen | None:
    """Run a script from parameters that `seed` moved; None where it fails or gives no numbers."""
    try:
        code = instrumented(text + plan.driver)
        watch = run(
            code,
            Watch(
                plan.loop, _ROUNDS, lambda frame: jitter(frame, plan.parameters, seed), plan.before
            ),
        )
        states = watch.states[plan.loop]
        losses = tuple(loss.value(states[1], watch.asked) for loss in (plan.loss, *plan.also))
        moves = [_flat(plan.parameters, states[0], states[k]) for k in (1, len(states) - 1)]
    except Exception:
        return None
    if not np.isfinite(losses).all() or not all(np.isfinite(move).all() for move in moves):
        return None
    ends = np.cumsum([states[0][place].size for place in plan.parameters])[:-1]
    return Seen(losses, moves[0], moves[1], tuple(map(int, ends)))


def decide(right: str, mutant: str, plan: Plan, in_step: bool = False) -> Truth:
    """What `mutant` is beside `right`: both run from the same, twice moved, parameters.

    `in_step`: the edit is in a statement that moves a parameter, where a rate of its own is a choice.
    """
    found = Truth.EQUAL
    for seed in (1, 2):
        found = _decided(_of_right(right, plan, seed), observe(mutant, plan, seed), plan)
        if found in (Truth.BROKEN, Truth.FORWARD):
            return found
        if found is Truth.RATES:
            return found if in_step else Truth.WRONG
        if found in (Truth.STILL, Truth.TUNING):
            return found
        if found is Truth.FROZEN:
            return found if in_step and not leaves_over(right, mutant) else Truth.WRONG
        if found is Truth.WRONG:
            return Truth.OTHER if _descends_another(mutant, plan) else found
    return found


def _descends_another(mutant: str, plan: Plan) -> bool:
    """Whether a script that writes no loss may mean one that the mutant descends."""
    if is_named(plan.loss):
        return False
    with contextlib.suppress(Exception):
        other = plan_for(mutant, plan.driver)
        return other is not None and other.how == "gradient" and other.parameters == plan.parameters
    return False


@lru_cache(maxsize=256)
def _of_right(text: str, plan: Plan, seed: int) -> Seen:
    seen = observe(text, plan, seed)
    assert seen is not None
    return seen


def _decided(right: Seen, mutant: Seen | None, plan: Plan) -> Truth:
    if mutant is None or mutant.first.shape != right.first.shape:
        return Truth.BROKEN
    if not np.allclose(mutant.losses, right.losses, rtol=_SAME, atol=_SAME):
        return Truth.FORWARD
    if not mutant.first.any():
        return Truth.STILL
    if not _parallel(right.first, mutant.first, _CLEARLY):
        return _kind_of_wrong(right, mutant, plan)
    if not np.allclose(right.first, mutant.first, rtol=_SAME, atol=0):
        return Truth.RATE
    return Truth.EQUAL if np.allclose(right.third, mutant.third, rtol=1e-7) else Truth.STATE


def _kind_of_wrong(right: Seen, mutant: Seen, plan: Plan) -> Truth:
    if plan.how == "descent" and np.array_equal(np.sign(right.first), np.sign(mutant.first)):
        return Truth.TUNING
    parts, others = np.split(right.first, right.ends), np.split(mutant.first, right.ends)
    if only_freezes(plan.parameters, parts, others):
        return Truth.FROZEN
    pairs = zip(parts, others, strict=True)
    return Truth.RATES if all(_parallel(a, b, _CLEARLY) for a, b in pairs) else Truth.WRONG


def _parallel(a: Array, b: Array, tolerance: float) -> bool:
    """Whether `b` is `a` times one positive number."""
    factor = float(a @ b / (a @ a))
    off = np.linalg.norm(b - factor * a)
    return factor > 0 and bool(off <= tolerance * np.linalg.norm(factor * a))


def _flat(places: tuple[Place, ...], start: State, end: State) -> Array:
    return np.concatenate([np.asarray(end[place] - start[place]).reshape(-1) for place in places])
