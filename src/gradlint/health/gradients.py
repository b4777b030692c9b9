"""Gradients that are nothing, and gradients that get lost on the way to the first layer."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.health.record import Health, Parameter
from gradlint.health.symptom import Symptom, number, seen, since, when
from gradlint.health.thresholds import Thresholds
from gradlint.health.units import all_zero
from gradlint.model import Severity

_NOTHING = 1e-6
"""A loss below this part of its start is at its minimum: no gradient is missed there."""
_FELL = 0.99


def zero(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL704: every gradient is exactly zero although the loss never fell."""
    steps = sorted({look.step for p in health.parameters for look in p.looks})
    flags = [_all_zero_at(health, step) for step in steps]
    at = since(flags)
    losses = seen(health)
    if at is None or len(steps) - at < 2 or not losses:
        return
    first, last = abs(losses[0]), abs(losses[-1])
    if last <= _NOTHING * max(first, _NOTHING) or last < _FELL * first:
        return
    told = all_zero(health, steps[at])
    message = f"{when(steps[at])} {told[0].lower()}{told[1:]}"
    advice = (
        "a factor that is 0 on every way back stops all learning: look for weights that start at 0, "
        "or units that are never active"
    )
    yield Symptom("GL704", Severity.WARNING, health.parameters[0].span, message, advice)


def _all_zero_at(health: Health, step: int) -> bool:
    found = [x.gradient for p in health.parameters for x in p.looks if x.step == step]
    return bool(found) and all(x == 0.0 for x in found)


def vanishing(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL706: the slopes of the first layer are next to nothing beside those of the last."""
    weights = [p for p in health.parameters if len(p.shape) > 1 and p.looks]
    if len(weights) < 2:
        return
    first, last = weights[0], weights[-1]
    low, high = first.looks[0].slope, last.looks[0].slope
    if not low or not high:
        return
    ratio = low / high
    if ratio >= limits.vanishing_ratio or max(_slopes(first)) >= limits.vanishing_slope:
        return
    message = (
        f"the gradients vanish on the way back: a slope in {first.name} is {number(low)} on average, "
        f"one in {last.name} {number(high)}. That is a ratio of {number(ratio)} "
        f"(allowed: {number(limits.vanishing_ratio)})."
        f"{_falls(weights)}"
    )
    yield Symptom("GL706", Severity.NOTE, first.span, message, _cure(health), (first.name,))


def _slopes(parameter: Parameter) -> list[float]:
    return [look.slope or 0.0 for look in parameter.looks]


def _falls(weights: list[Parameter]) -> str:
    """The norms of the gradients layer by layer, from the output back."""
    norms = [(p.name, p.looks[0].gradient) for p in reversed(weights)]
    if len(norms) < 3:
        return ""
    told = ", ".join(f"{number(norm)} in {name}" for name, norm in norms)
    return f" Their norms at the first step: {told}."


def _cure(health: Health) -> str:
    kinds = {layer.kind for layer in health.layers if layer.hidden}
    if "sigmoid" in kinds:
        return (
            "the slope of a sigmoid is at most 0.25, and every layer multiplies one in: take ReLU or tanh "
            "in the hidden layers"
        )
    return (
        "draw the weights with a standard deviation of sqrt(1 / inputs), sqrt(2 / inputs) for ReLU"
    )
