"""An accumulator of squares may start above zero, in every entry alike."""

from __future__ import annotations

import pytest

from gradlint import check_text

SCRIPT = """
import numpy as np

X, Y = np.random.randn(20, 4), np.random.randn(20, 3)
W, b = np.random.randn(4, 3), np.zeros((1, 3))
G, c = {start}, np.ones((1, 3))
lr = 0.01
for it in range(1000):
    out = X @ W + b
    loss = ((out - Y) ** 2).sum() / 20
    d = 2 * (out - Y) / 20
    dW, db = X.T @ d, {bias}
    G += dW * dW
    c = 0.9 * c + 0.1 * db**2
    W -= lr * dW / np.sqrt(G + 1e-8)
    b -= lr * db / np.sqrt(c + 1e-8)
    print(loss)
"""
RIGHT, WRONG = "d.sum(0, keepdims=True)", "(d * out).sum(0, keepdims=True)"


@pytest.mark.parametrize("start", ["np.zeros((4, 3)) + 0.1", "np.full(W.shape, 0.1)"])
@pytest.mark.parametrize(("bias", "verdict"), [(RIGHT, "correct"), (WRONG, "wrong")])
def test_the_gradient_behind_it_is_judged(start: str, bias: str, verdict: str) -> None:
    assert check_text(SCRIPT.format(start=start, bias=bias)).verdict == verdict


def test_a_parameter_that_starts_in_one_number_is_no_state() -> None:
    text = "import numpy as np\nx, t = np.random.randn(9, 3), np.random.randn(9, 3)\n" \
        "g, s = np.ones(3), np.ones(3) * 0.5\nfor i in range(99):\n" \
        "    y = g * x + s\n    loss = ((y - t) ** 2).sum()\n    print(loss)\n" \
        "    g -= 0.1 * (2 * (y - t) * x).sum(0) * s\n    s -= 0.1 * (2 * (y - t)).sum(0)\n"  # fmt: skip
    assert check_text(text).verdict == "wrong"
    assert check_text(text.replace(".sum(0) * s", ".sum(0)")).verdict == "correct"
