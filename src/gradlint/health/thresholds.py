"""From which numbers on a training is called ill; every number is a setting, with its source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def _limit(default: float, doc: str) -> Any:
    """A number that is a setting; `doc` is shown to who sets it."""
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The table `[tool.gradlint.health]` of the settings has these names.

    Sources: S, the rules of Amazon SageMaker Debugger; A, AUTOTRAINER (Zhang et al., ICSE 2021); D,
    DeepDiagnosis (Wardat et al., ICSE 2022); T, TheDeepChecker (Ben Braiek and Khomh, TOSEM 2023).
    Where they differ, the one that fires less often is taken.
    """

    exploding: float = _limit(
        1000.0,
        "The loss over the loss at the start (D warns when it doubles).",
    )
    vanishing_ratio: float = _limit(
        1e-3, "Mean size of a slope in the first layer over that in the last (A)."
    )
    vanishing_slope: float = _limit(
        1e-4, "Mean size of a slope in the first layer (A); both must be below."
    )
    dead_units: float = _limit(
        0.5,
        "Part of a ReLU layer that is 0, for a note (S); a warning is for all of it.",
    )
    saturated_input: float = _limit(
        5.0, "A sigmoid or tanh is saturated where its input is larger than this (A, T)."
    )
    saturated_part: float = _limit(0.5, "Part of a layer that is saturated (S, A).")
    update_most: float = _limit(10.0, "Norm of a step over norm of the parameter (S).")
    update_least: float = _limit(1e-8, "Norm of a step over norm of the parameter (S).")
    stuck_change: float = _limit(1e-3, "The loss fell by less than this part of itself (S).")
    stuck_steps: int = _limit(10, "Over so many steps at least (S).")
    rising: float = _limit(2.0, "The loss at the end over the loss at the start (D).")
    unchanged_steps: int = _limit(3, "Steps in which a parameter did not change (S).")
    step_size: float = _limit(
        1.0,
        "The learning rate over 2 / sharpness (Cohen et al., ICLR 2021).",
    )
