"""The loss that a script names against the one that its gradients are those of."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of

GLM = """
import numpy as np


def nll(w, X, k):
    eta = X @ w
    return np.mean(np.exp(eta) - k * eta)


def slope(w, X, k):
    return X.T @ ({mean} - k) / len(k)


X = np.random.randn(60, 3)
k = np.random.poisson(1.0, 60)
w = np.zeros(3)
for step in range(100):
    w -= 0.1 * slope(w, X, k)
print(nll(w, X, k))
"""


def test_the_gradient_of_squares_beside_a_likelihood_is_told_of() -> None:
    assert problems(report_of(GLM.format(mean="np.exp(X @ w)"))) == []
    report = report_of(GLM.format(mean="X @ w"))
    assert [code for code, _ in problems(report)] == ["GL201"]


RIDGE = """
import numpy as np

X = np.random.randn(60, 4)
y = np.random.randint(0, 2, 60)
w = np.zeros(4)
lam = 3.0
for step in range(100):
    p = 1 / (1 + np.exp(-(X @ w)))
    J = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + lam / 2 * np.sum(w[1:] ** 2)
    grad = X.T @ (p - y) / len(y)
    {penalty}
    w -= 0.1 * grad
    print(J)
"""


@pytest.mark.parametrize(
    ("penalty", "verdict"),
    [
        pytest.param("grad[1:] += lam * w[1:]", "correct", id="without the bias, as the loss"),
        pytest.param("grad += lam * w", "suspect", id="with the bias, unlike the loss"),
    ],
)
def test_a_penalty_in_the_gradient_is_that_of_the_loss_which_has_one(
    penalty: str, verdict: str
) -> None:
    assert report_of(RIDGE.format(penalty=penalty)).verdict.value == verdict


PARTS = """
import numpy as np

X = np.random.randn(128, 6)
y = (X[:, :1] > 0).astype(float)
w = np.random.randn(6, 1)
for epoch in range(30):
    g = np.zeros_like(w)
    for i in range(0, 128, 32):
        xb, yb = X[i:i + 32], y[i:i + 32]
        p = 1 / (1 + np.exp(-(xb @ w)))
        loss = -np.mean(yb * np.log(p) + (1 - yb) * np.log(1 - p))
        g += xb.T @ ({error}) / len(xb)
    w -= 0.1 * g
    print(epoch, loss)
"""


def test_gradients_that_are_added_up_are_those_of_all_small_batches() -> None:
    assert problems(report_of(PARTS.format(error="p - yb"))) == []


NEWTON = """
import numpy as np

A = np.random.randn(100, 4)
y = (np.random.rand(100) > 0.5).astype(float)
theta = np.zeros(4)
for step in range(8):
    mu = 1 / (1 + np.exp(-A @ theta))
    loss = -np.sum(y * np.log(mu) + (1 - y) * np.log(1 - mu))
    gradient = {gradient}
    hessian = A.T @ (A * (mu * (1 - mu))[:, None])
    theta = theta - {step}
    print(loss)
"""


@pytest.mark.parametrize(
    "step", ["np.linalg.solve(hessian, gradient)", "np.linalg.inv(hessian) @ gradient"]
)
def test_a_newton_step_is_along_the_gradient_that_it_divides(step: str) -> None:
    right = report_of(NEWTON.format(gradient="A.T @ (mu - y)", step=step))
    assert (right.verdict.value, problems(right)) == ("correct", [])
    wrong = report_of(NEWTON.format(gradient="A.T @ (y - mu)", step=step))
    assert problems(wrong) == [("GL102", 9)]
