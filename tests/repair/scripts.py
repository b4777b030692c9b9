"""Two right scripts, and how to spoil them: what the tests of repairs share."""

from __future__ import annotations

from ..analysing import errors, line_of, mended, problems, report_of

NUMPY = """\
import numpy as np

N, D, H, M, K = 32, 6, 9, 7, 4
X, Y = np.random.randn(N, D), np.random.randn(N, K)
w1, w2, w3 = np.random.randn(D, H), np.random.randn(H, M), np.random.randn(M, K)
b1, b2, b3 = np.zeros((1, H)), np.zeros((1, M)), np.zeros((1, K))
lr = 0.01

for step in range(100):
    z1 = X @ w1 + b1
    a1 = np.maximum(0, z1)
    z2 = a1 @ w2 + b2
    a2 = np.tanh(z2)
    out = a2 @ w3 + b3
    loss = np.sum((out - Y) ** 2) / N
    print(step, loss)

    d3 = 2 * (out - Y) / N
    dw3 = a2.T @ d3
    db3 = np.sum(d3, axis=0, keepdims=True)
    d2 = d3 @ w3.T * (1 - a2 ** 2)
    dw2 = a1.T @ d2
    db2 = np.sum(d2, axis=0, keepdims=True)
    d1 = d2 @ w2.T
    d1[z1 < 0] = 0
    dw1 = X.T @ d1
    db1 = np.sum(d1, axis=0, keepdims=True)

    w3 -= lr * dw3
    b3 -= lr * db3
    w2 -= lr * dw2
    b2 -= lr * db2
    w1 -= lr * dw1
    b1 -= lr * db1
"""

TORCH = """\
import torch

N, D, H, K = 64, 20, 12, 5
x, y = torch.randn(N, D), torch.randn(N, K)
w1, w2 = torch.randn(D, H), torch.randn(H, K)
lr = 1e-3

for t in range(100):
    h = x.mm(w1)
    a = torch.sigmoid(h)
    y_pred = a.mm(w2)
    loss = (y_pred - y).pow(2).sum()
    print(t, loss.item())

    grad_y = 2.0 * (y_pred - y)
    grad_w2 = a.t().mm(grad_y)
    grad_a = grad_y.mm(w2.t())
    grad_h = grad_a * a * (1 - a)
    grad_w1 = x.t().mm(grad_h)
    w1 -= lr * grad_w1
    w2 -= lr * grad_w2
"""


def assert_mended(right: str, good: str, bad: str, codes: str, fixed: str | None = None) -> None:
    """`right` with `good` spoiled into `bad` has its only error there, and the fix is verified.

    `codes` are those of which one is to be raised, `fixed` what must stand in the mended line.
    """
    assert right.count(good) == 1, good
    wrong = right.replace(good, bad)
    report, line = report_of(wrong), line_of(wrong, bad.splitlines()[0].strip())
    found = errors(report)
    assert len(found) == 1 and found[0] in [(code, line) for code in codes.split("|")], found
    after = mended(report)
    assert problems(report_of(after)) == []
    assert (good if fixed is None else fixed) in after.splitlines()[line - 1]
