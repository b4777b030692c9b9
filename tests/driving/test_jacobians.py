"""Whole Jacobians of functions of several arguments."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import report_of

_LAYER = """
import numpy as np

def tanh_layer(x, W):
    return np.tanh(W.dot(x))

def tanh_layer_jacobian(x, W):
    n, t = x.shape[0], W.shape[0]
    slope = 1 - np.tanh(W.dot(x)) ** 2
    D = np.zeros((t, n * t))
    for i in range(t):
        for j in range(n):
            D[i, {column}] = {entry}
    return D
"""


@pytest.mark.parametrize(
    ("column", "entry", "verdict"),
    [
        ("i * n + j", "slope[i, 0] * x[j, 0]", Verdict.CORRECT),
        ("i * n + j", "slope[i, 0] + x[j, 0]", Verdict.WRONG),
        ("j * t + i", "slope[i, 0] * x[j, 0]", Verdict.CORRECT),  # column by column
        ("j * t + i", "slope[i, 0] * x[j, 0] * 2", Verdict.SUSPECT),
    ],
)
def test_a_jacobian_in_the_weights_is_told_by_its_sizes(
    column: str, entry: str, verdict: Verdict
) -> None:
    assert report_of(_LAYER.format(column=column, entry=entry)).verdict is verdict


def test_each_version_of_a_derivative_is_judged() -> None:
    text = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def sigmoid_gradient(z):
        return sigmoid(z) * (1 - sigmoid(z))

    def sigmoid_gradient_direct(z):
        return np.exp(-z) / (1 + np.exp(-z)) {power}
    """
    right = report_of(text.format(power="** 2"))
    assert right.verdict is Verdict.CORRECT
    assert len(right.gradients) == 2
    assert report_of(text.format(power="** 3")).verdict is Verdict.WRONG


def test_targets_laid_in_a_column_beside_one_output() -> None:
    text = """
    import numpy as np

    def squared_loss(y_pred, y_train):
        return 0.5 * np.sum((y_train - y_pred) ** 2) / y_pred.shape[0]

    def dsquared_loss(y_pred, y_train):
        return {sign}(y_pred - y_train.reshape(-1, 1)) / y_pred.shape[0]
    """
    assert report_of(text.format(sign="")).verdict is Verdict.CORRECT
    assert report_of(text.format(sign="-")).verdict is Verdict.WRONG
