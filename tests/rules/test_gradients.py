"""The rows of the table: what is told of each gradient beside weight decay."""

from __future__ import annotations

import pytest

from ..analysing import report_of

DECAYED = """
import numpy as np

rng = np.random.default_rng(8)
x = rng.normal(size=(80, 6))
y = np.tanh(x @ rng.normal(size=(6, 2)))
a, b = 0.4 * rng.normal(size=(6, 5)), 0.4 * rng.normal(size=(5, 2))
for epoch in range(200):
    h = np.tanh(x @ a)
    p = h @ b
    loss = 0.5 * np.sum((p - y) ** 2) / len(x) + 0.5 * 0.03 * (np.sum(a ** 2) + np.sum(b ** 2))
    e = (p - y) / len(x)
    db = h.T @ e{term}
    da = x.T @ (e @ b.T * (1 - h ** 2))
    a *= 1 - 0.2 * 0.03
    a -= 0.2 * da
    b -= 0.2 * db
"""


@pytest.mark.parametrize(
    ("term", "verdict", "told"),
    [
        pytest.param(
            " + 0.03 * b", "correct", {"da": "equal", "db": "equal"}, id="each has its own"
        ),
        pytest.param("", "suspect", {"da": "equal", "db": "different"}, id="one lacks it"),
    ],
)
def test_decay_that_a_statement_takes_excuses_its_own_parameter_alone(
    term: str, verdict: str, told: dict[str, str]
) -> None:
    found = report_of(DECAYED.replace("{term}", term))
    assert found.verdict.value == verdict
    assert {g.name: g.static.value for g in found.gradients} == told
