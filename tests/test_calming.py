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


MASKED = """
import numpy as np

x, wanted = np.random.randn(7, 5), np.random.randn(7, 5)
wq, wk, wv = np.random.randn(5, 5), np.random.randn(5, 5), np.random.randn(5, 5)
mask = np.tril(np.ones((7, 7)))
for step in range(100):
    q, k, v = x @ wq, x @ wk, x @ wv
    scores = np.where(mask == 0, -1e9, q @ k.T)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = 0.5 * np.sum((p @ v - wanted) ** 2)
    dy = p @ v - wanted
    dp = dy @ v.T
    ds = p * (dp - (dp * p).sum(axis=1, keepdims=True))
    wv -= 0.01 * x.T @ (p.T @ dy)
    wq -= 0.01 * x.T @ (ds @ k)
    {moved} -= 0.01 * x.T @ (ds.T @ q)
"""


@pytest.mark.parametrize(
    ("moved", "found"),
    [
        pytest.param("wq", [("GL303", 17)], id="a step of another parameter"),
        pytest.param("wk", [], id="each its own"),
    ],
)
def test_what_is_masked_by_a_large_number_is_nothing_to_calm(
    moved: str, found: list[tuple[str, int]]
) -> None:
    assert problems(report_of(MASKED.format(moved=moved))) == found
