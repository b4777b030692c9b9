"""Units that cannot learn: dead, saturated, or all alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradlint.health.record import Health, Layer, LayerLook, Parameter
from gradlint.health.symptom import Symptom, counted, listed, number, seen, since, when
from gradlint.health.thresholds import Thresholds
from gradlint.model import Severity

_LONG = 5
"""Looks at a batch of inputs that make an inactive layer a dead one whatever the gradients are."""


def dead(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL703: a ReLU layer none of whose units is active for any input, from some step on."""
    found = [
        (layer, at) for layer in health.layers if (at := _dead_since(health, layer)) is not None
    ]
    if found:
        start = min(layer.looks[at].step for layer, at in found)
        first = [pair for pair in found if pair[0].looks[pair[1]].step == start]
        yield _dead(health, first, start)
    else:
        yield from _partly_dead(health, limits)


def _dead_since(health: Health, layer: Layer) -> int | None:
    """The first of the looks from which on a hidden ReLU layer is dead to the end."""
    at = since([look.active == 0.0 for look in layer.looks])
    if layer.kind != "relu" or not layer.hidden or at is None:
        return None
    looks = layer.looks[at:]
    still = [p for p in health.parameters if p.name in layer.feeding]
    silent = bool(still) and all(_silent(p, looks) for p in still)
    return at if silent or (not layer.single and len(looks) >= _LONG) else None


def _silent(parameter: Parameter, looks: Sequence[LayerLook]) -> bool:
    """Whether the gradient was exactly zero whenever the layer was looked at."""
    steps = {look.step for look in looks}
    known = [x for x in parameter.looks if x.step in steps and x.gradient is not None]
    return bool(known) and all(x.gradient == 0.0 for x in known)


def _dead(health: Health, found: list[tuple[Layer, int]], start: int) -> Symptom:
    layer, at = found[0]
    names = listed([each.name for each, _ in found])
    high = layer.looks[at].highest
    because = "" if high is None else f": {layer.source} is at most {number(high)} for every input"
    message = f"{when(start)} all units of {names} are dead{because}. "
    message += f"0 % of {layer.name} is active, and a unit that is never active does not learn. "
    message += all_zero(health, start) or f"No gradient reaches {listed(list(layer.feeding))}."
    if start == 0:
        advice = "start the biases at 0, and draw the weights around 0: then about half are active"
    else:
        advice = "take smaller steps: one step carried the units to where no input reaches them"
    return Symptom("GL703", Severity.WARNING, layer.span, _capital(message), advice, layer.feeding)


def all_zero(health: Health, start: int) -> str:
    """What to say where every gradient is exactly zero from step `start` on, else nothing."""
    looks = [x for p in health.parameters for x in p.looks if x.step >= start]
    known = [x.gradient for x in looks if x.gradient is not None]
    if not known or any(known):
        return ""
    losses = seen(health)
    still = f"That is why {health.loss} stands still at {number(losses[-1])}." if losses else ""
    return f"All gradients are exactly 0. {still}".rstrip()


def _partly_dead(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    for layer in health.layers:
        if layer.kind != "relu" or not layer.hidden or layer.single or len(layer.looks) < 2:
            continue
        least = 1 - max(look.active for look in layer.looks[-_LONG:])
        if least > max(limits.dead_units, 0.95):
            message = (
                f"{least:.0%} of {layer.name} is 0 at the last steps: most of its units are inactive "
                f"(more than {limits.dead_units:.0%} dead units are too many)."
            )
            advice = "smaller steps, smaller weights at the start, or a leaky ReLU keep units alive"
            yield Symptom("GL703", Severity.NOTE, layer.span, message, advice)


def saturated(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL707: a hidden sigmoid or tanh layer that is flat nearly everywhere, from the first step on."""
    for layer in health.layers:
        if layer.kind not in ("sigmoid", "tanh") or not layer.hidden or not layer.looks:
            continue
        least = min(look.saturated for look in layer.looks)
        if least <= limits.saturated_part:
            continue
        message = (
            f"{least:.0%} or more of {layer.name} is saturated at every step that was looked at: the input "
            f"of its {layer.kind} is larger than {number(limits.saturated_input)} there, where the slope "
            f"is almost 0 (allowed: {limits.saturated_part:.0%})."
        )
        scale = "with a standard deviation of sqrt(1 / inputs)"
        advice = f"scale the inputs to about 1, and draw {_weights(health, layer)} {scale}"
        yield Symptom("GL707", Severity.NOTE, layer.span, message, advice, layer.feeding)


def _weights(health: Health, layer: Layer) -> str:
    """The matrix that feeds the layer: what is nearest to it, and no bias."""
    matrices = {p.name for p in health.parameters if len(p.shape) > 1}
    return next((name for name in reversed(layer.feeding) if name in matrices), "the weights")


def symmetric(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL705: the units of a hidden layer start equal and stay equal."""
    alike = [p for p in health.parameters if _stays_alike(p)]
    if not alike:
        return
    first = alike[0]
    steps = first.looks[-1].step
    message = (
        f"all {first.units} units that {first.name} feeds start with the same weights and still have the "
        f"same after {counted(steps, 'update')}: they get the same gradient at every step, so the layer "
        f"is symmetric and works like a single unit."
    )
    advice = f"draw {first.name} at random, with a standard deviation of sqrt(1 / inputs)"
    about = tuple(p.name for p in alike)
    yield Symptom(
        "GL705", Severity.WARNING, first.made or first.span, _capital(message), advice, about
    )


def _stays_alike(parameter: Parameter) -> bool:
    """Whether all units had the same weights at the first look, at the last, and in between."""
    looks = parameter.looks
    if not parameter.hidden or parameter.units < 2 or len(looks) < 2:
        return False
    return all(look.alike for look in looks)


def _capital(text: str) -> str:
    """Names keep their case."""
    return text
