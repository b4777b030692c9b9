"""How large a step may be, said only of a training that goes wrong."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.health.course import explodes, rising
from gradlint.health.record import Health, StepSize
from gradlint.health.symptom import Symptom, counted, number
from gradlint.health.thresholds import Thresholds
from gradlint.health.units import dead
from gradlint.model import Severity


def goes_wrong(health: Health, limits: Thresholds) -> bool:
    """Whether the training shows what too large a step does: it explodes, rises, dies or ends in NaN."""
    diverges = explodes(health, limits) or rising(health, limits)
    lost = health.not_finite is not None and health.not_finite.step > 0
    died = any(x.severity is Severity.WARNING for x in dead(health, limits))
    return diverges or lost or (died and _lived(health))


def _lived(health: Health) -> bool:
    """Whether some unit of each hidden layer was active before the first step."""
    layers = [x for x in health.layers if x.kind == "relu" and x.hidden and x.looks]
    return bool(layers) and all(layer.looks[0].active > 0 for layer in layers)


def too_large(health: Health, limits: Thresholds) -> Iterator[Symptom]:
    """GL711: the learning rate beyond 2 / sharpness, where the training goes wrong."""
    size = health.step_size
    if size is None or not goes_wrong(health, limits):
        return
    times = size.rate / size.largest
    if times > limits.step_size:
        yield Symptom("GL711", Severity.WARNING, size.span, _told(size, times), _advice(size))
    elif size.suggested is not None and size.suggested < size.rate:
        yield Symptom("GL711", Severity.WARNING, size.span, _tried(size), _advice(size))


def _told(size: StepSize, times: float) -> str:
    return (
        f"the step is too large: {size.name} is {number(size.rate)}, {_times(times)} the largest stable "
        f"step at the start, {number(size.largest)} (2 over the largest curvature of the loss, "
        f"{number(size.sharpness)})."
    )


def _tried(size: StepSize) -> str:
    return (
        f"the step is too large: {size.name} is {number(size.rate)}. The largest stable step at the start is "
        f"{number(size.largest)}, and the curvature grows from there."
    )


def _times(times: float) -> str:
    if times < 10:
        return f"{times:.1f} times"
    return f"{float(f'{times:.2g}'):,.0f} times"


def _advice(size: StepSize) -> str:
    if size.suggested is None:
        return f"try {size.name} = {number(float(f'{size.largest / 2:.0e}'))}"
    return (
        f"try {size.name} = {size.suggested:g}: with it the loss falls from {number(size.first)} to "
        f"{number(size.last)} in {counted(size.tried, 'step')} (tried)"
    )
