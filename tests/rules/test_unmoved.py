"""Assignments that read like steps in scripts that train all the same: nothing is said of them."""

from __future__ import annotations

import json

from gradlint.checking import check_text
from gradlint.settings import CheckOptions

from ..analysing import problems, report_of

TWO_TRAININGS = """
x, y = [0.5, 1.5, -0.3], [1.0, 0.2]


def predict(inputs, w):
    return sum(a * b for a, b in zip(inputs, w))


def outer(deltas, rates):
    out = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    for i in range(2):
        for j in range(3):
            out[i][j] = deltas[i] * rates[j]
    return out


w = [0.1, 0.2, -0.1]
for step in range(3):
    delta = predict(x, w) - y[0]
    error = delta**2
    print(error)
    for i in range(3):
        w[i] -= 0.1 * delta * x[i]

v = [[0.1, 0.1, -0.3], [0.1, 0.2, 0.0]]
for step in range(3):
    delta = [predict(x, v[i]) - y[i] for i in range(2)]
    error = delta[0] ** 2 + delta[1] ** 2
    print(error)
    gradient = outer(delta, x)
    for i in range(2):
        for j in range(3):
            v[i][j] -= 0.1 * gradient[i][j]
"""


def notebook(*cells: str) -> str:
    made: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": one}
        for one in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_nothing_is_said_of_an_outer_product_where_two_trainings_step() -> None:
    found = check_text(TWO_TRAININGS, "a.py", CheckOptions(run=False))
    assert (found.verdict.value, problems(found)) == ("correct", []), found.reason


def test_a_notebook_is_read_as_the_script_that_it_holds() -> None:
    text = notebook(*TWO_TRAININGS.split("\n\nw = "), "rate = 0.1\nstep = rate * 2.0")
    text = text.replace('"[0.1, 0.2, -0.1]', '"w = [0.1, 0.2, -0.1]')
    found = check_text(text, "a.ipynb", CheckOptions(run=False))
    assert found.verdict.value == "correct", found.reason


MOMENTUM_AGAIN = """
import numpy as np

rng = np.random.default_rng(3)
X, y = rng.normal(size=(40, 3)), rng.normal(size=40)
w = np.zeros(3)
for step in range(50):
    loss = np.mean((X @ w - y) ** 2)
    w -= 0.1 * 2 * X.T @ (X @ w - y) / 40
velocity, lr = np.zeros(3), 0.05
for step in range(50):
    loss = np.mean((X @ w - y) ** 2)
    velocity = 0.9 * velocity - lr * 2 * X.T @ (X @ w - y) / 40
    w += velocity
print(loss)
"""


def test_a_velocity_that_takes_the_place_of_a_parameter_is_told_with_its_fix() -> None:
    found = check_text(
        MOMENTUM_AGAIN.replace("w += vel", "w = vel"), "a.py", CheckOptions(run=False)
    )
    assert problems(found) == [("GL304", 14)]
    assert found.findings[-1].fix is not None and found.findings[-1].fix.verified


def test_a_velocity_that_moves_a_parameter_in_a_second_training_is_right() -> None:
    found = check_text(MOMENTUM_AGAIN, "a.py", CheckOptions(run=False))
    assert (found.verdict.value, problems(found)) == ("correct", [])


JACOBIAN = """
import numpy as np


def tip(q):
    a, b = q[0], q[0] + q[1]
    return np.array([np.cos(a) + np.cos(b), np.sin(a) + np.sin(b)])


def jacobian(q):
    a, b = q[0], q[0] + q[1]
    rate = 1.0
    J = np.zeros((2, 2))
    J[0, 1] = -np.sin(b) * rate
    J[0, 0] = J[0, 1] - rate * np.sin(a)
    J[1, 1] = np.cos(b) * rate
    J[1, 0] = J[1, 1] + rate * np.cos(a)
    return J


target = np.array([1.2, 0.9])
q = np.array([0.1, 0.2])
for step in range(200):
    err = tip(q) - target
    loss = 0.5 * err @ err
    grad = jacobian(q).T @ err
    q = q - 0.1 * grad
"""


def test_what_a_training_that_moves_something_fills_in_is_no_step() -> None:
    report = report_of(JACOBIAN)
    assert (report.verdict.value, problems(report)) == ("correct", [])
