"""How long the health of a training is watched, and what counts as ill."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradlint.health.thresholds import Thresholds


@dataclass(frozen=True)
class HealthOptions:
    """At most `steps` steps or `seconds` seconds are watched; 0 steps turn it off."""

    steps: int = 200
    seconds: float = 10.0
    thresholds: Thresholds = field(default_factory=Thresholds)
