"""Trainings as a run would have seen them, made by hand: a healthy one, and ways to spoil it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gradlint.health import Health, Symptom, Thresholds, diagnose
from gradlint.health.record import Layer, LayerLook, Parameter, ParameterLook, StepSize
from gradlint.model import Span

LOSS, HIDDEN, FIRST, LAST, RATE = (Span(n, 1, n, 9) for n in (10, 8, 20, 21, 5))
STEPS = 30


def layer(active: list[float], saturated: float = 0.0, **other: Any) -> Layer:
    """A hidden ReLU layer `h` that `w1` feeds, looked at once for each number in `active`."""
    looks = tuple(
        LayerLook(i, part, saturated, -2.0, 2.0 if part else -1.5, 0.0)
        for i, part in enumerate(active)
    )
    return replace(Layer("h", "relu", "z", HIDDEN, True, False, ("w1",), looks), **other)


def parameter(name: str, gradients: list[float], **other: Any) -> Parameter:
    """A matrix of weights with these norms of its gradients; its steps are a hundredth of it."""
    looks = tuple(
        ParameterLook(i, g, g / 10, 1.0, 0.01 * (g > 0), g > 0) for i, g in enumerate(gradients)
    )
    made = Parameter(name, FIRST if name == "w1" else LAST, (5, 8), name == "w1", 8, looks)
    return replace(made, **other)


def falling(start: float = 8.0, factor: float = 0.9, steps: int = STEPS) -> tuple[float, ...]:
    """Losses that fall by the same part at each step."""
    return tuple(start * factor**i for i in range(steps))


HEALTHY = Health(
    STEPS, tuple(range(10)), "loss", LOSS, falling(), (layer([0.5] * 10),),
    (parameter("w1", [1.0] * 10), parameter("w2", [2.0] * 10)),
)  # fmt: skip

SIZE = StepSize(1e-2, 2e4, 1e-4, "lr", RATE, 5e-5, 100, 8.0, 1.0)


def told(health: Health, **limits: float) -> list[Symptom]:
    """The symptoms of a training."""
    return list(diagnose(health, replace(Thresholds(), **limits)))  # type: ignore[arg-type]


def codes(health: Health, **limits: float) -> list[str]:
    """The codes of the symptoms."""
    return [symptom.code for symptom in told(health, **limits)]
