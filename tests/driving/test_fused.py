"""Layers that end in a softmax or sigmoid, and what they take the gradient from upstream for."""

from __future__ import annotations

from ..analysing import problems, report_of
from .judging import NUMPY, assert_right, assert_wrong

DECODER = (
    NUMPY
    + """
def softmax(v):
    return np.exp(v) / np.sum(np.exp(v))

class Decoder:
    def __init__(self, inputs, outputs):
        self.W, self.b = np.random.randn(inputs, outputs), np.zeros(outputs)

    def forward(self, x):
        y = np.zeros([x.shape[0], self.W.shape[1]])
        for t in range(x.shape[0]):
            y[t] = softmax(np.dot(x[t], self.W) + self.b)
        state = (x, y)
        return y, state

    def backward(self, deltas, state):
        x, y = state
        dx, grads = np.zeros_like(x), [np.zeros_like(p) for p in (self.W, self.b)]
        dW, db = grads
        for t in reversed(range(x.shape[0])):
            d = deltas[t]
            dx[t] = np.dot(d, self.W.T)
            dW += np.outer(x[t], d)
            db += d
        grads = dW, db
        return dx, grads
"""
)
WHOLE = DECODER.replace("d = deltas[t]", "d = y[t] * (deltas[t] - np.sum(deltas[t] * y[t]))")


def test_a_layer_that_leaves_its_softmax_to_the_loss_is_not_accused() -> None:
    found = report_of(DECODER)
    assert (found.verdict.value, problems(found)) == ("unverified", [])
    assert "the last activation" in (found.reason or "")


def test_a_layer_that_goes_through_its_softmax_is_right() -> None:
    assert_right(WHOLE, "x", "self.W", "self.b")


def test_what_forward_returns_beside_its_output_is_what_backward_is_given() -> None:
    assert_wrong(WHOLE.replace("dW += np.outer(x[t], d)", "dW += np.outer(x[t], -d)"),
                 "np.outer(x[t], -d)", "GL102")  # fmt: skip


def test_gradients_in_a_tuple_are_told_apart_by_the_names_that_made_them() -> None:
    text = WHOLE.replace("grads = dW, db\n", "grads = db, dW\n")
    assert_right(text, "x", "self.W", "self.b")
