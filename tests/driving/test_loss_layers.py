"""Losses that are classes, whose backward pass takes the prediction under the name of a gradient."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of
from .judging import NUMPY, assert_right

CROSS_ENTROPY = (
    NUMPY
    + """
class CrossEntropy:
    def forward(self, y_pred, y_true):
        inside = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return -np.log(np.sum(inside * y_true, axis=1))

    def backward(self, dvalues, y_true):
        samples = len(dvalues)
        self.dinputs = -y_true / dvalues
        self.dinputs = self.dinputs / samples
"""
)
FUSED = (
    NUMPY
    + """
class Softmax:
    def forward(self, inputs):
        raised = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        return raised / np.sum(raised, axis=1, keepdims=True)

class SoftmaxLoss:
    def __init__(self):
        self.activation = Softmax()

    def forward(self, inputs, y_true):
        self.output = self.activation.forward(inputs)
        return np.mean(-np.sum(y_true * np.log(self.output), axis=1))

    def backward(self, dvalues, y_true):
        samples = len(dvalues)
        if len(y_true.shape) == 2:
            y_true = np.argmax(y_true, axis=1)
        self.dinputs = dvalues.copy()
        self.dinputs[range(samples), y_true] -= 1
        self.dinputs = self.dinputs / samples
        return self.dinputs
"""
)


@pytest.mark.parametrize(
    ("text", "of", "line", "slip"),
    [
        pytest.param(CROSS_ENTROPY, "y_pred", "-y_true / dvalues", "y_true / dvalues", id="its prediction"),
        pytest.param(FUSED, "inputs", "y_true] -= 1", "y_true] += 1", id="the output of its softmax"),
    ],
)  # fmt: skip
def test_a_loss_is_given_what_it_was_given_before(text: str, of: str, line: str, slip: str) -> None:
    assert_right(text, of)
    assert problems(report_of(text.replace(line, slip)))
