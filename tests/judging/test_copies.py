"""Copies of parameters that were made before the training: they stay where they are."""

from __future__ import annotations

import pytest

from tests.analysing import problems, report_of

TARGET_NETWORK = """
import numpy as np
np.random.seed(2)
states, after, rewards = np.random.randn(20, 3), np.random.randn(20, 3), np.random.randn(20)
w = np.random.randn(3)
kept = {copy}
for t in range(50):
    error = states @ w - (rewards + 0.9 * (after @ kept))
    loss = np.mean(error ** 2)
    gradient = {factor} * {left}.T @ error / 20
    w -= 0.05 * gradient
    if t % 10 == 0:
        kept = {copy}
"""
ANCHORED = """
import numpy as np
np.random.seed(2)
x, y = np.random.randn(20, 3), np.random.randn(20)
w = np.random.randn(3)
start = w.copy()
for t in range(50):
    error = x @ w - y
    loss = np.mean(error ** 2) + 0.1 * np.sum((w - start) ** 2)
    gradient = 2 * x.T @ error / 20{penalty}
    w -= 0.05 * gradient
"""


@pytest.mark.parametrize("copy", ["w.copy()", "np.array(w)", "1 * w.copy()"])
def test_no_gradient_goes_through_the_weights_of_a_target_network(copy: str) -> None:
    right = TARGET_NETWORK.format(copy=copy, factor=2, left="states")
    assert report_of(right).verdict.value == "correct"
    wrong = TARGET_NETWORK.format(copy=copy, factor=2, left="after")
    assert problems(report_of(wrong))


def test_a_penalty_holds_on_to_where_the_weights_began() -> None:
    assert report_of(ANCHORED.format(penalty=" + 0.2 * (w - start)")).verdict.value == "correct"
