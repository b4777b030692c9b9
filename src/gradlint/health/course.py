"""The course of the loss: into the infinite, upwards, or nowhere."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator

from gradlint.health.record import Health, NotFinite
from gradlint.health.symptom import Symptom, counted, number, seen
from gradlint.health.thresholds import Thresholds
from gradlint.model import Severity

_CAUSES = {
    "log": "the logarithm of 0 is -inf: keep its argument above 0, for example `np.clip(p, 1e-12, 1)`",
    "exp": "exp of a large number overflows: subtract the largest entry of each row first",
    "divide": "a division by 0: add a small number to what divides, or see why it is 0",
    "sqrt": "the root of a negative number, or its slope at 0: keep the argument above 0",
    "power": "a power of a negative number, or one that overflows",
}


_REGULAR = 0.2
"""How far apart every other loss may be, in parts of a jump: overshooting is periodic, batches are not."""


def explodes(health: Health, limits: Thresholds) -> bool:
    """Whether the loss grew beyond what is allowed, or went beyond all numbers after growing."""
    return _peak(health, limits) is not None


def exploding(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL701: the loss is many times what it was, and stays so, or ends as NaN."""
    peak = _peak(health, limits)
    if peak is None:
        return
    first, high = seen(health)[0], health.losses[peak] or 0.0
    message = (
        f"the training explodes: {health.loss} grows from {number(first)} to {number(high)} in "
        f"{counted(peak, 'step')} (allowed: {number(limits.exploding)} times the start)"
    )
    message += _then(health.not_finite)
    yield Symptom("GL701", Severity.WARNING, health.span, message + ".", _SMALLER)


_SMALLER = "take smaller steps, and scale inputs and targets to about 1"


def _then(found: NotFinite | None) -> str:
    if found is None:
        return ""
    word = "NaN" if found.kind == "nan" else "infinite"
    return f"; {found.name} is the first to be {word} (step {found.step}, line {found.span.line})"


def _peak(health: Health, limits: Thresholds) -> int | None:
    """The step of the largest loss, where it is too large and the training does not recover."""
    losses = seen(health)
    if len(losses) < 2 or not (health.written or health.not_finite):
        return None
    start = max(abs(losses[0]), 1e-12)
    peak = max((x, i) for i, x in enumerate(health.losses) if x is not None)
    lost = health.not_finite is not None and health.not_finite.step > peak[1] - 2
    stays = losses[-1] > limits.exploding * start
    return peak[1] if peak[0] > limits.exploding * start and (stays or lost) else None


def not_finite(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL702: a value that is NaN or infinite, in the line that made the first."""
    found = health.not_finite
    if found is None or explodes(health, limits):
        return
    word = "NaN" if found.kind == "nan" else "infinite"
    at = "in the first step" if found.step == 0 else f"after {counted(found.step, 'update')}"
    message = (
        f"{found.name} is {word} {at}: the first value of the training that is not a finite number."
    )
    causes = [_CAUSES[name] for name in found.within if name in _CAUSES]
    yield Symptom("GL702", Severity.WARNING, found.span, message, causes[0] if causes else _SMALLER)


def rising(health: Health, limits: Thresholds) -> bool:
    """Whether the loss is clearly higher at the end than at the start."""
    losses = seen(health)
    if len(losses) < limits.stuck_steps or losses[0] < 0 or not health.written:
        return False
    fifth = max(3, len(losses) // 5)
    apart = min(losses[-fifth:]) > max(losses[:fifth])
    return apart and _end(losses) > limits.rising * max(_start(losses), 1e-12)


def _start(losses: list[float]) -> float:
    return statistics.median(losses[: max(3, len(losses) // 5)])


def _end(losses: list[float]) -> float:
    return statistics.median(losses[-max(3, len(losses) // 5) :])


def loss_course(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL708: the loss rises, or does not fall, over the steps that were watched."""
    losses = seen(health)
    if not health.written:
        return
    if len(losses) <= limits.stuck_steps or health.not_finite or explodes(health, limits):
        return
    start, end = _start(losses), _end(losses)
    steps = counted(len(health.losses), "step")
    if rising(health, limits):
        message = f"{health.loss} rises from {number(start)} to {number(end)} over {steps}."
        yield Symptom("GL708", Severity.NOTE, health.span, message, _SMALLER)
    elif abs(start - end) <= limits.stuck_change * abs(start) and _is_still(losses, limits):
        message = (
            f"{health.loss} does not move: {number(losses[0])} at the start, {number(losses[-1])} after "
            f"{steps} (expected: a fall of {limits.stuck_change:.1%} at least)."
        )
        yield Symptom("GL708", Severity.NOTE, health.span, message, _LARGER)
    elif (turns := _turns(losses)) is not None and end > 0.9 * start:
        between = f"between {number(min(losses))} and {number(max(losses))}"
        message = f"{health.loss} oscillates {between}: it turned {turns} times in {steps}."
        yield Symptom("GL708", Severity.NOTE, health.span, message, _SMALLER)


_LARGER = (
    "a larger step, other weights to start from, or a gradient that does not reach the parameters"
)


def _is_still(losses: list[float], limits: Thresholds) -> bool:
    return max(losses) - min(losses) <= 2 * limits.stuck_change * abs(losses[0])


def _turns(losses: list[float]) -> int | None:
    """How often the loss turned up or down, where it jumps between two values and is no mere noise."""
    moves = [b - a for a, b in itertools.pairwise(losses)]
    turns = sum(a * b < 0 for a, b in itertools.pairwise(moves))
    back = [abs(b - a) for a, b in zip(losses, losses[2:], strict=False)]
    regular = statistics.median(back) < _REGULAR * statistics.median(map(abs, moves))
    return turns if regular and turns > 0.8 * len(moves) else None
