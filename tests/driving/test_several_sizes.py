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


CHAIN = """
class Sequential:
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        for layer in {order}:
            grad = layer.backward(grad){factor}
        return grad
"""


@pytest.mark.parametrize(
    ("order", "factor", "verdict"),
    [
        ("reversed(self.layers)", "", "correct"),
        ("reversed(self.layers)", " * 2", "wrong"),
        ("self.layers", "", "wrong"),
    ],
)
def test_a_chain_of_layers_holds_several(order: str, factor: str, verdict: str) -> None:
    text = "import numpy as np\n" + CHAIN.format(order=order, factor=factor)
    assert check_text(text).verdict == verdict
