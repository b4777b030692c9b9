"""Steps too large or too small for what they move, and parameters that do not move at all."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.health.record import Health, Parameter
from gradlint.health.symptom import Symptom, counted, listed, number
from gradlint.health.thresholds import Thresholds
from gradlint.model import Severity


def ratios(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL709: steps much larger than the parameters, or too small to be seen, at every look."""
    found = [(p, _ratios(p)) for p in health.parameters]
    known = [(p, ratios) for p, ratios in found if len(ratios) > 1]
    large = [(p, min(r)) for p, r in known if min(r) > limits.update_most]
    small = [(p, max(r)) for p, r in known if max(r) < limits.update_least]
    if large:
        yield _ratio(large, f"at most {number(limits.update_most)}", "take smaller steps")
    if small:
        yield _ratio(small, f"at least {number(limits.update_least)}", "take larger steps")


def _ratios(parameter: Parameter) -> list[float]:
    return [x.update / x.weight for x in parameter.looks if x.update and x.weight]


def _ratio(found: list[tuple[Parameter, float]], allowed: str, advice: str) -> Symptom:
    (first, ratio), names = found[0], tuple(p.name for p, _ in found)
    rest = f" (likewise {listed(list(names[1:]))})" if len(names) > 1 else ""
    message = f"a step moves {first.name} by {number(ratio)} times its own norm{rest}; expected: {allowed}."
    return Symptom("GL709", Severity.NOTE, first.span, message, advice, names)


def unchanged(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL710: parameters whose step has a gradient but leaves every entry as it was."""
    still = [p for p in health.parameters if _never_moves(p, limits)]
    pushed = any(look.gradient for p in still for look in p.looks)
    if still and (pushed or len(still) < len(health.parameters)):
        yield _unchanged(still)


def _never_moves(parameter: Parameter, limits: Thresholds) -> bool:
    enough = len(parameter.looks) >= limits.unchanged_steps
    return enough and not any(look.moved for look in parameter.looks)


def _unchanged(still: list[Parameter]) -> Symptom:
    first, steps = still[0], counted(still[0].looks[-1].step + 1, "step")
    gradient = max((look.gradient or 0.0 for look in first.looks), default=0.0)
    if gradient:
        pushed = f"although the norm of its gradient is up to {number(gradient)}"
        why = f"{pushed}: the step is lost in the rounding"
        advice = "take larger steps, or compute in float64"
    else:
        why = "because its gradient is exactly 0"
        advice = f"see why nothing reaches {first.name}"
    message = f"{listed([p.name for p in still])} did not change in {steps}, {why}."
    return Symptom(
        "GL710", Severity.NOTE, first.span, message, advice, tuple(p.name for p in still)
    )
