"""Penalties beside a loss that nobody wrote."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import problems, report_of

_DECAYED = """
import numpy as np

rng = np.random.default_rng(0)
x, y = rng.normal(size=(50, 3)), rng.normal(size=(50, 2))
w, b = rng.normal(size=(3, 2)), np.zeros(2)
lr, wd = 0.1, 0.01

for step in range(100):
    delta = (x @ w + b - y) / len(x)
    {step}
    b -= lr * delta.sum(axis=0)
"""


@pytest.mark.parametrize(
    "step",
    [
        "w = (1 {} lr * wd) * w - lr * x.T @ delta",
        "w = w - lr * x.T @ delta {} lr * wd * w",
        "w -= lr * (x.T @ delta + (0 {} -wd) * w)",
        "w = w - lr * x.T @ delta {} lr * wd * np.sign(w)",
    ],
)
def test_a_penalty_that_makes_a_parameter_grow_is_told(step: str) -> None:
    right = report_of(_DECAYED.format(step=step.format("-")))
    assert (right.verdict, problems(right)) == (Verdict.CORRECT, [])
    assert problems(report_of(_DECAYED.format(step=step.format("+")))) == [("GL102", 10)]
