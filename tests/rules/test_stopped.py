"""What a walk that was given up says of gradients: nothing."""

from __future__ import annotations

from gradlint.model import Verdict
from tests.analysing import problems, report_of

RECURRENT = """
import numpy as np
W, b = np.random.randn(4, 4), np.zeros((4, 1))
mW, mb = np.zeros_like(W), np.zeros_like(b)
x, y = np.random.randn(4, 1), np.random.randn(4, 1)
LETTERS = "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
for it in range(100):
    h = np.tanh(W @ x + b)
    loss = 0.5 * np.sum((h - y) ** 2)
    dh = (h - y) * (1 - h ** 2)
    for p, g, m in zip([W, b], [dh @ x.T, dh], [mW, mb]):
        m += g * g
        p -= 0.1 * g / np.sqrt(m + 1e-8)
    for a in LETTERS:
        for b in LETTERS + LETTERS:
            noise = x[0, 0] + 1 + x[1, 0] + 2 + x[2, 0]
"""


def test_a_walk_that_was_given_up_accuses_nothing() -> None:
    found = report_of(RECURRENT)
    assert problems(found) == []
    assert found.verdict is Verdict.UNVERIFIED


SHOWN = """
import numpy as np

def linear_forward(A, W, b):
    return W @ A + b, (A, W, b)

def linear_backward(dZ, cache):
    A, W, b = cache
    m = A.shape[1]
    dW = dZ @ A.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return W.T @ dZ, dW, db

def update(parameters, grads, learning_rate):
    return {key: parameters[key] - learning_rate * grads["d" + key] for key in parameters}

dZ, cache = np.random.randn(1, 2), (np.random.randn(3, 2), np.random.randn(1, 3), np.random.randn(1, 1))
dA, dW, db = linear_backward(dZ, cache)
print(dW)
dZ, cache = np.random.randn(3, 4), (np.random.randn(5, 4), np.random.randn(3, 5), np.random.randn(3, 1))
dA, dW, db = linear_backward(dZ, cache)
print(dW)
grads = {"dW": np.random.randn(3, 5)}
grads["dW"] = np.random.randn(3, 5)
print(update({"W": np.random.randn(3, 5)}, grads, 0.1))
"""


def test_gradients_that_a_judged_function_only_shows_need_no_step() -> None:
    found = report_of(SHOWN)
    assert (found.verdict.value, found.reason) == ("correct", None)
    hidden = report_of(
        SHOWN.replace("dA, dW, db = linear_backward(dZ, cache)", "dW = 2 * dZ @ cache[0].T")
    )
    assert hidden.verdict.value == "unverified"
