"""A symptom of an ill training, before it becomes a finding."""

from __future__ import annotations

from dataclasses import dataclass

from gradlint.health.record import Health, Number
from gradlint.model import Severity, Span


@dataclass(frozen=True, slots=True)
class Symptom:
    """`message` gives the number seen and the number allowed; `help` says what to write."""

    code: str
    severity: Severity
    span: Span
    message: str
    help: str | None = None
    about: tuple[str, ...] = ()


def number(value: Number) -> str:
    """A number as a person would write it: `639.48`, `3.2e-08`, `0`."""
    if value is None:
        return "no finite number"
    if value == 0 or 0.001 <= abs(value) < 100_000:
        return f"{value:.5g}"
    return f"{value:.2g}"


def counted(count: int, noun: str) -> str:
    """`1 step`, `3 steps`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(", ".join(names).rsplit(", ", 1))


def when(step: int) -> str:
    """The time of a symptom in words; step 0 is what the script starts with."""
    if step == 0:
        return "from the start"
    return "after the first update" if step == 1 else f"after {step} updates"


def seen(health: Health) -> list[float]:
    """The losses that were finite numbers, in order."""
    return [x for x in health.losses if x is not None]


def since(flags: list[bool]) -> int | None:
    """The index from which on all flags hold, None where the last does not."""
    at = len(flags)
    while at > 0 and flags[at - 1]:
        at -= 1
    return at if at < len(flags) else None
