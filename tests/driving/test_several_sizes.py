"""A constructor that takes its sizes as `*sizes` gets several: with none there would be nothing to judge."""

from __future__ import annotations

import pytest

from gradlint import check_text

NETWORK = """
import numpy as np

class Net:
    def __init__(self, *sizes):
        self.n = len(sizes) - 1
        self.W = [np.random.randn(sizes[i], sizes[i + 1]) * 0.1 for i in range(self.n)]

    def forward(self, x):
        self.a = [x]
        for W in self.W:
            self.a.append(np.tanh(self.a[-1] @ W))
        return self.a[-1]

    def backward(self, grad):
        self.dW = [None] * self.n
        for i in reversed(range(self.n)):
            grad = grad * ({slope})
            self.dW[i] = self.a[i].T @ grad
            grad = grad @ self.W[i].T
        return grad
"""


@pytest.mark.parametrize(
    ("slope", "verdict", "codes"),
    [("1 - self.a[i + 1] ** 2", "correct", []), ("1 - self.a[i + 1]", "wrong", ["GL105"])],
)
def test_the_layers_of_all_sizes_are_judged(slope: str, verdict: str, codes: list[str]) -> None:
    report = check_text(NETWORK.format(slope=slope))
    assert report.verdict == verdict
    assert [finding.code for finding in report.findings] == codes
