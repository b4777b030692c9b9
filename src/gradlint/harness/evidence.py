"""What the witnesses say of one claim, over several steps or random points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradlint.harness import differences
from gradlint.harness.result import Witness
from gradlint.judging import Comparison, compare
from gradlint.model import Agreement
from gradlint.slopes import EPSILON

GROWTH = 2000
"""A computed gradient may be off by this many unit roundoffs, relative in the norm: the bound
gamma_n = n u / (1 - n u) of an inner product of length n (Higham, Accuracy and Stability of
Numerical Algorithms, section 3.1) for the longest sums of usual scripts: 1e-4 in float32."""
HALF_GROWTH = 32
"""The same in half precision, where numpy and torch sum in single: what is left are the roundings of single
operations one after the other, some tens at most. 0.016 in float16, 0.125 in bfloat16."""
BLURRED = 0.2
"""Where rounding alone may be off by more than this, a step or a call says nothing."""
FLOOR = 1e-6
"""No tolerance is smaller than that of the static judgement, which allows for divided-out rates."""
CAUTION = 16.0
"""How many times the rounding that autograd itself shows, in single against double precision, is
allowed to the script: its own order of operations is another one, but of the same conditioning."""


@dataclass(slots=True, eq=False)
class Evidence:
    """What the steps said of one claim.

    `noise` is the relative rounding of the loss, `kinks` counts the items left out at one step.
    """

    place: str
    exact: list[tuple[Any, Any]] = field(default_factory=list)
    sloped: list[tuple[Any, Any]] = field(default_factory=list)
    tolerance: float = FLOOR
    noise: float = EPSILON
    kinks: int = 0
    details: list[str] = field(default_factory=list)

    def add(self, claimed: Any, true: Any, kinked: Any = None) -> None:
        """Hold a gradient against the true one, where neither depends on a slope at a kink."""
        left_out = np.shape(claimed) == np.shape(true) == np.shape(kinked) and np.any(kinked)
        if left_out:
            claimed, true = np.where(kinked, 0.0, claimed), np.where(kinked, 0.0, true)
            self.kinks = max(self.kinks, int(np.count_nonzero(kinked)))
        self.exact.append((claimed, true))

    def witness(self) -> Witness:
        first = compare(self.exact, self.tolerance)
        second = compare(self.sloped, max(self.tolerance, 2 * differences.believed(self.noise)))
        return Witness(
            self.place, _agreement(first), _agreement(second),
            first.error, first.cosine, first.scale,
            self._why() if first.agreement is Agreement.UNKNOWN else None, kinks=self.kinks,
        )  # fmt: skip

    def _why(self) -> str | None:
        """Why autograd has nothing to say."""
        vanishes = "zero at all the steps that were observed"
        if self.kinks and not self.details:
            return "every step that was observed lies on a kink"
        return self.details[-1] if self.details else (vanishes if self.exact else None)


UNITS = {
    "float64": 2.0**-53, "float": 2.0**-53, "float32": 2.0**-24,
    "float16": 2.0**-11, "bfloat16": 2.0**-8,
}  # fmt: skip
"""Unit roundoffs (IEEE 754-2019; bfloat16 has 8 significant bits)."""


def unit_roundoff(dtype: str) -> float:
    """The unit roundoff of a dtype; integers are exact and count as float64."""
    return UNITS.get(dtype, UNITS["float64"])


def rounding(roundoff: float, dtype: str) -> float:
    """How far, relative in the norm, a value in `dtype` may be off whose items carry `roundoff`."""
    return roundoff * (HALF_GROWTH if dtype in ("float16", "bfloat16") else GROWTH)


def _agreement(found: Comparison) -> Agreement:
    return Agreement.NOT_RUN if found.agreement is Agreement.UNKNOWN else found.agreement
