"""What hypotheses about a wrong gradient can look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

CLOSE = 1e-4
"""Relative, in the norm: the truth is a difference quotient, and other changes are off by order one."""
FEW = 2000
"""Elements up to which the derivative of all outputs by each is worth measuring."""


@dataclass(frozen=True, slots=True, eq=False)
class Clues:
    """The gradient that was handed out for `name` and the true one, NaN where that is not known.

    `others` are the truths of the other inputs; `inputs` all arrays that went in, integers too; `numbers`
    the plain numbers, settings mostly; `outputs` and `cotangents` belong together. `column(n)` is the
    derivative of all outputs by element n.
    """

    name: str
    got: Any
    true: Any
    others: Mapping[str, Any]
    inputs: Mapping[str, Any]
    numbers: Mapping[str, float]
    outputs: tuple[Any, ...]
    cotangents: tuple[Any, ...]
    column: Callable[[int], Any]

    def same(self, candidate: Any, true: Any = None) -> bool:
        """Whether an array is the truth, where that is known, and tells something."""
        true = self.true if true is None else true
        candidate = np.asarray(candidate, dtype=float)
        if candidate.shape != true.shape:
            return False
        known = np.isfinite(true)
        size = float(np.linalg.norm(true[known]))
        if not size or not np.all(np.isfinite(candidate[known])):
            return False
        return float(np.linalg.norm((candidate - true)[known])) <= CLOSE * size

    def factor(self, candidate: Any) -> float | None:
        """The c for which `candidate` is c times the truth, None where there is none."""
        candidate = np.asarray(candidate, dtype=float)
        if candidate.shape != self.true.shape:
            return None
        known = np.isfinite(self.true)
        a, b = candidate[known], self.true[known]
        if not np.any(b) or not np.all(np.isfinite(a)):
            return None
        c = float(np.sum(a * b) / np.sum(b * b))
        return c if c and a.size > 1 and self.same(candidate / c) else None
