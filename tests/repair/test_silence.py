"""Right code that looks wrong: nothing may be said of it, in any spelling."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import problems, report_of
from .scripts import NUMPY, TORCH

LOGISTIC = """\
import numpy as np

X, y, w, b = np.random.randn(40, 3), np.random.randint(0, 2, (40, 1)), np.zeros((3, 1)), 0.0
m = X.shape[0]
for i in range(100):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    cost = -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) / m
    dz = p - y
    dw = X.T @ dz / m
    db = np.sum(dz) / m
    w = w - 0.1 * dw
    b = b - 0.1 * db
"""
SQUARED = LOGISTIC.replace(
    "cost = -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) / m",
    "cost = np.sum((p - y) ** 2) / (2 * m)",
).replace("dz = p - y", "dz = (p - y) * p * (1 - p)")
SOFTMAX = """\
import numpy as np

X, W = np.random.randn(40, 5), np.random.randn(5, 3)
labels = np.random.randint(0, 3, 40)
Y = np.eye(3)[labels]
for i in range(100):
    z = X @ W
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.sum(Y * np.log(p), axis=1))
    dW = X.T @ (p - Y) / len(X)
    W -= 0.1 * dW
"""
STEPS = "    w1 -= lr * grad_w1\n    w2 -= lr * grad_w2\n"


def _changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


RIGHT = {
    "the slope of tanh on its output": NUMPY,
    "the slope of tanh on its input": _changed(NUMPY, ("(1 - a2 ** 2)", "(1 - np.tanh(z2) ** 2)")),
    "the slope of tanh by a product": _changed(NUMPY, ("(1 - a2 ** 2)", "(1 - a2 * a2)")),
    "the slope of tanh by cosh": _changed(NUMPY, ("(1 - a2 ** 2)", "/ np.cosh(z2) ** 2"), ("* /", "/")),
    "the mask on the input": _changed(NUMPY, ("d1[z1 < 0] = 0", "d1 *= z1 > 0")),
    "the mask on the output": _changed(NUMPY, ("d1[z1 < 0] = 0", "d1[a1 <= 0] = 0")),
    "the mask by where": _changed(NUMPY, ("d1[z1 < 0] = 0", "d1 = np.where(a1 > 0, d1, 0)")),
    "the mask by a sign": _changed(NUMPY, ("d1[z1 < 0] = 0", "d1 = d1 * np.sign(a1)")),
    "the target less the output, added": _changed(NUMPY, ("(out - Y) / N\n    dw", "(Y - out) / N\n    dw"),
                                                  ("-= lr", "+= lr")),
    "two minuses that cancel": _changed(NUMPY, ("d3 = 2 * (out - Y)", "d3 = -2 * (Y - out)")),
    "one over N applied late": _changed(NUMPY, ("(out - Y) / N\n    dw", "(out - Y)\n    dw"),
                                        ("-= lr", "-= lr / N")),
    "one over N folded into the rate": _changed(NUMPY, ("(out - Y) / N\n    dw", "(out - Y)\n    dw")),
    "a factor two left out everywhere": _changed(NUMPY, ("d3 = 2 * (out", "d3 = (out")),
    "cross-entropy cancels the sigmoid": LOGISTIC,
    "cross-entropy with the slope written and divided away": _changed(
        LOGISTIC, ("dz = p - y", "dz = (-(y / p) + (1 - y) / (1 - p)) * p * (1 - p)")),
    "a squared loss keeps the slope": SQUARED,
    "softmax and cross-entropy give a difference": SOFTMAX,
    "softmax with the labels taken off": _changed(
        SOFTMAX, ("dW = X.T @ (p - Y) / len(X)", "p[np.arange(40), labels] -= 1\n    dW = X.T @ p / len(X)")),
    "gradients that are clipped": _changed(
        TORCH, ("    w1 -=", "    grad_w1 = grad_w1.clamp(-1, 1)\n    w1 -=")),
    "gradients by autograd-like names in a dictionary": _changed(
        NUMPY, ("dw3", "g['w3']"), ("lr = 0.01", "lr = 0.01\ng = {}")),
    "momentum": _changed(TORCH, ("lr = 1e-3", "lr = 1e-3\nm1, m2 = torch.zeros(D, H), torch.zeros(H, K)"),
                         (STEPS, "    m1 = 0.9 * m1 + grad_w1\n    m2 = 0.9 * m2 + grad_w2\n"
                                 "    w1 -= lr * m1\n    w2 -= lr * m2\n")),
    "a copy of the gradient that is masked in place": _changed(
        TORCH, ("torch.sigmoid(h)", "h.clamp(min=0)"),
        ("grad_h = grad_a * a * (1 - a)", "grad_h = grad_a.clone()\n    grad_h[h < 0] = 0")),
    "steps in another order after all gradients": _changed(
        TORCH, (STEPS, "    w2 -= lr * grad_w2\n    w1 -= lr * grad_w1\n")),
    "a mean absolute error printed as a metric": _changed(
        TORCH, ("print(t, loss.item())", "print(t, (y_pred - y).abs().mean().item())")),
    "a penalty in loss and gradient": _changed(
        TORCH, (".pow(2).sum()", ".pow(2).sum() + 0.5 * 0.1 * (w1 ** 2).sum()"),
        ("x.t().mm(grad_h)", "x.t().mm(grad_h) + 0.1 * w1")),
}  # fmt: skip


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in RIGHT.items()])
def test_right_code_is_found_correct_without_a_word(text: str) -> None:
    found = report_of(text)
    assert problems(found) == []
    assert found.verdict is Verdict.CORRECT, found.reason


NO_DERIVATIVE = {
    "a perceptron": """
        import numpy as np
        X, y, w = np.random.randn(30, 4), np.random.choice([-1, 1], 30), np.zeros(4)
        for epoch in range(10):
            for i in range(30):
                if y[i] * (X[i] @ w) <= 0:
                    w += y[i] * X[i]
    """,
    "a Hebbian rule": """
        import numpy as np
        X, W = np.random.randn(30, 4), np.random.randn(4, 2)
        for x in X:
            out = x @ W
            W += 0.01 * np.outer(x, out)
    """,
    "a straight-through estimator": """
        import torch
        x, t, w = torch.randn(30, 4), torch.randn(30, 1), torch.randn(4, 1)
        for step in range(10):
            hard = torch.sign(x.mm(w))
            loss = ((hard - t) ** 2).sum()
            grad = 2 * (hard - t)
            w -= 0.01 * x.t().mm(grad)
    """,
    "a policy gradient": """
        import numpy as np
        theta = np.zeros(4)
        for episode in range(50):
            p = np.exp(theta) / np.exp(theta).sum()
            action = np.random.choice(4, p=p)
            reward = float(action == 2)
            grad = -p
            grad[action] += 1
            theta += 0.1 * reward * grad
    """,
}


@pytest.mark.parametrize("text", [pytest.param(t, id=n) for n, t in NO_DERIVATIVE.items()])
def test_a_rule_that_is_no_derivative_is_not_accused(text: str) -> None:
    assert problems(report_of(text)) == []
