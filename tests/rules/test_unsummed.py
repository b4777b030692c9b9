"""Gradients that are handed out for each sample."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of

LAYER = """
import numpy as np

class Dense:
    def __init__(self, inputs, outputs):
        self.weights = {{"W": np.random.randn(1, outputs, inputs), "b": np.zeros((1, outputs, 1))}}

    def forward(self, x):
        return np.matmul(self.weights["W"], x) + self.weights["b"]

    def backward(self, x, delta):
        dx = np.matmul(np.transpose(self.weights["W"], [0, 2, 1]), delta)
        dW = {dW}
        db = {db}
        return {{"W": dW, "b": db, "x": dx}}
"""
EACH = "np.matmul(delta, np.transpose(x, [0, 2, 1]))"


def test_a_layer_that_sums_nothing_leaves_that_to_its_optimiser() -> None:
    found = report_of(LAYER.format(dW=EACH, db="1 * delta"))
    assert (found.verdict.value, problems(found)) == ("unverified", [])
    assert "each sample" in (found.reason or "")


@pytest.mark.parametrize(
    ("dW", "db"),
    [
        pytest.param(f"{EACH}.sum(axis=0, keepdims=True)", "1 * delta", id="a bias is not summed"),
        pytest.param(f"-{EACH}", "1 * delta", id="of another sign"),
    ],
)
def test_what_is_no_convention_is_told(dW: str, db: str) -> None:
    assert problems(report_of(LAYER.format(dW=dW, db=db)))
