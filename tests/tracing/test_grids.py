"""A decision boundary is drawn on a grid that reaches over the data, whatever these are."""

from __future__ import annotations

import pytest

from gradlint import check_text

SCRIPT = """
import numpy as np
import matplotlib.pyplot as plt
import sklearn.datasets

X, y = sklearn.datasets.make_moons(200, noise=0.20)
Y = y.reshape(-1, 1)
W, b, lr = np.random.randn(2, 1), np.zeros((1, 1)), 0.1

def predict(x):
    return 1 / (1 + np.exp(-(x @ W + b)))

for i in range(1000):
    p = predict(X)
    loss = -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))
    dz = (p - Y) / len(X)
    W -= lr * X.T @ dz
    b -= lr * {bias}

h = 0.0002
xx, yy = np.meshgrid(
    np.arange(X[:, 0].min() - 0.5, X[:, 0].max() + 0.5, h),
    np.arange(X[:, 1].min() - 0.5, X[:, 1].max() + 0.5, h),
)
Z = predict(np.c_[xx.ravel(), yy.ravel()]).reshape(xx.shape)
plt.contourf(xx, yy, Z)
for i in range(3):
    W -= lr * X.T @ ((predict(X) - Y) / len(X))
"""


@pytest.mark.parametrize(
    ("bias", "verdict"),
    [
        ("np.sum(dz, axis=0, keepdims=True)", "correct"),
        ("-np.sum(dz, axis=0, keepdims=True)", "wrong"),
    ],
)
def test_a_fine_grid_over_the_data_does_not_stop_the_walk(bias: str, verdict: str) -> None:
    assert check_text(SCRIPT.format(bias=bias)).verdict == verdict
