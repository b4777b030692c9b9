"""Before a layer is accused its inputs get the axes and sizes for which it may have been written."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of
from .judging import NUMPY, assert_right, assert_silent

SCALE = (
    NUMPY
    + """
class Scale:
    def __init__(self, width):
        self.gamma = np.ones(width)
        self.beta = np.zeros(width)

    def forward(self, x):
        self.x = x
        return self.gamma * np.tanh(x) + self.beta

    def backward(self, grad):
        self.dgamma = np.sum({slope}, axis=(0, 1))
        self.dbeta = np.sum(grad, axis=(0, 1))
        return grad * self.gamma * (1 - np.tanh(self.x) ** 2)
"""
)
"""Right where a batch of sequences goes through it: the sums go over two axes."""

SINGLE = (
    NUMPY
    + """
class Output:
    def __init__(self, hidden, outputs):
        self.W = np.random.rand(hidden, outputs)

    def forward(self, x):
        self.x = x
        return np.tanh(np.matmul(x, self.W))

    def backward(self, grad):
        dz = grad * (1 - np.tanh(np.matmul(self.x, self.W)) ** 2)
        self.dW = {sign}np.sum(self.x * dz, axis=0, keepdims=True).T
        return np.matmul(dz, self.W.T)
"""
)
"""Right for one output: otherwise `self.x * dz` only runs where there are as many outputs as inputs."""

WEIGHTED = (
    NUMPY
    + """
class WeightedSum:
    def forward(self, hs, a):
        N, T, H = hs.shape
        self.cache = hs, a.reshape(N, T, 1)
        return np.sum(hs * self.cache[1], axis=1)

    def backward(self, dc):
        hs, ar = self.cache
        N, T, H = hs.shape
        dt = dc.reshape(N, 1, H).repeat(T, axis=1)
        return dt * ar, {sign}np.sum(dt * hs, axis=2)
"""
)
"""`a.reshape(N, T, 1)` says that `a` has the first two axes of `hs`, not only as many entries."""

CELL = (
    NUMPY
    + """
class Cell:
    def __init__(self, W):
        self.params = [W]
        self.grads = [np.zeros_like(W)]

    def forward(self, x, c_prev):
        W, = self.params
        A = x @ W
        c_next = c_prev * np.tanh(A)
        h_next = np.sin(c_next)
        self.cache = x, c_prev, A, c_next
        return h_next, c_next

    def backward(self, dh_next, dc_next):
        x, c_prev, A, c_next = self.cache
        dc = dc_next + dh_next * {slope}
        dA = dc * c_prev * (1 - np.tanh(A) ** 2)
        self.dW = x.T @ dA
        self.grads[0][...] = self.dW
        return dA @ self.params[0].T, dc * np.tanh(A)
"""
)
"""Hands out two things, is given the gradients of both, and keeps its own in two places."""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (SCALE.format(slope="grad * np.tanh(self.x)"), SCALE.format(slope="grad * self.x")),
        (SINGLE.format(sign=""), SINGLE.format(sign="-")),
        (WEIGHTED.format(sign=""), WEIGHTED.format(sign="-")),
        (CELL.format(slope="np.cos(c_next)"), CELL.format(slope="np.cos(A)")),
    ],
)
def test_what_fits_other_axes_and_sizes_is_right_and_a_slip_in_it_is_found(
    right: str, wrong: str
) -> None:
    assert_right(right)
    assert report_of(wrong).verdict.value in ("wrong", "suspect")


SQUARE = (
    NUMPY
    + """
class Tanh:
    def forward(self, images):
        self.x = images
        return np.tanh(images)

    def backward(self, grad):
        n, c, size, _ = self.x.shape
        dx = np.zeros_like(self.x)
        for j in range(size):
            dx[:, :, :, j] = grad[:, :, :, j] * (1 - np.tanh(self.x[:, :, :, j]) ** 2)
        return dx
"""
)


def test_what_is_right_for_square_images_alone_is_told_so() -> None:
    found = report_of(SQUARE)
    assert (found.verdict.value, problems(found)) == ("unverified", [])
    assert "as high as they are wide" in (found.reason or "")


def test_a_gradient_may_be_named_like_the_input() -> None:
    text = NUMPY + "class Layer:\n    def forward(self, x):\n        return {}\n\n"
    text += "    def backward(self, x):\n        return {}\n"
    assert_right(text.format("x", "x"))
    assert_right(text.format("3.0 * x", "3.0 * x"))
    assert report_of(text.format("3.0 * x", "2.0 * x")).verdict.value == "suspect"


CLASSES = (
    NUMPY
    + """
class CrossEntropy:
    def forward(self, y_pred, y_true):
        rows = np.arange(y_pred.shape[0])
        return -np.mean(np.log(y_pred[rows, y_true.astype(int)]))

    def backward(self, y_pred, y_true):
        rows = np.arange(y_pred.shape[0])
        onehot = np.zeros(y_pred.shape)
        onehot[rows, y_true.astype(int)] = 1
        return (y_pred - onehot) / y_pred.shape[0]
"""
)


def test_the_gradient_before_a_softmax_may_be_made_of_labels() -> None:
    assert_silent(CLASSES)
