"""Data that are so large that the forward pass has no slope at parameters of the usual size."""

from __future__ import annotations

import pytest

from .analysing import problems, report_of

PIXELS = """
import numpy as np

X = np.random.rand(60, 20) * 255
y = (X[:, :1] > 100).astype(float)
W1 = np.random.randn(20, 8)
W2 = np.random.randn(8, 1)
for step in range(100):
    z = np.clip(X @ W1, -500, 500)
    h = {squash}
    p = 1 / (1 + np.exp(-np.clip(h @ W2, -500, 500)))
    loss = -np.mean(y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9))
    dz2 = (p - y) / len(X)
    dW2 = h.T @ dz2
    dz1 = dz2 @ W2.T * {slope}
    dW1 = X.T @ dz1
    W1 -= 0.01 * dW1
    W2 -= 0.01 * dW2
"""
SIGMOID = "1 / (1 + np.exp(-z))"


@pytest.mark.parametrize(
    ("squash", "slope"),
    [
        pytest.param(SIGMOID, "h * (1 - h)", id="a sigmoid"),
        pytest.param("np.tanh(z)", "(1 - h**2)", id="a tanh"),
    ],
)
def test_the_slope_of_a_guard_against_overflow_may_be_left_out(squash: str, slope: str) -> None:
    assert report_of(PIXELS.format(squash=squash, slope=slope)).verdict.value == "correct"


@pytest.mark.parametrize(
    ("squash", "slope"),
    [
        pytest.param(SIGMOID, "h * (1 + h)", id="a sigmoid's slope with a sign wrong"),
        pytest.param("np.tanh(z)", "1.0", id="no slope at all"),
    ],
)
def test_a_wrong_slope_is_found_although_nothing_has_one_there(squash: str, slope: str) -> None:
    report = report_of(PIXELS.format(squash=squash, slope=slope))
    assert report.verdict.value == "wrong"
    assert all(finding.span.line == 14 for finding in report.findings), problems(report)
