"""Activations of modules that are not there: what their names say, along the axis that the bias says."""

from __future__ import annotations

import pytest

from gradlint.interface import check_text

ROWS = """\
import numpy as np
from {module} import {names}

rng = np.random.default_rng(0)
X = rng.normal(size=(30, 4))
Y = np.eye(3)[rng.integers(0, 3, 30)]
W1, b1 = 0.1 * rng.normal(size=(4, 6)), np.zeros(6)
W2, b2 = 0.1 * rng.normal(size=(6, 3)), np.zeros((1, 3))
for epoch in range(50):
    h = sigmoid(X @ W1 + b1)
    p = softmax(h @ W2 + b2)
    d2 = (p - Y) / 30
    d1 = d2 @ W2.T * {slope}
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0, keepdims=True)
    W1 -= 0.1 * X.T @ d1
    b1 -= 0.1 * d1.sum(axis=0)
"""
COLUMNS = """\
import numpy as np
from course_utils import *

rng = np.random.default_rng(0)
X = rng.normal(size=(4, 30))
Y = np.eye(3)[rng.integers(0, 3, 30)].T
W, b = 0.1 * rng.normal(size=(3, 4)), np.zeros((3, 1))
for epoch in range(50):
    p = softmax(np.dot(W, X) + b)
    loss = -np.sum(Y * np.log(p)) / 30
    dZ = {delta}
    W -= 0.1 * np.dot(dZ, X.T) / 30
    b -= 0.1 * dZ.sum(axis=1, keepdims=True) / 30
    print(loss)
"""


@pytest.mark.parametrize(
    ("module", "names", "slope", "verdict"),
    [
        ("course_utils", "*", "h * (1 - h)", "correct"),
        ("course_utils", "*", "sigmoid_derivative(h)", "correct"),
        (".utils", "sigmoid, softmax", "h * (1 - h)", "correct"),
        ("course_utils", "*", "h * (1 + h)", "wrong"),
        ("course_utils", "*", "undefined(h)", "unverified"),
    ],
)
def test_activations_of_absent_modules_are_what_their_names_say(
    module: str, names: str, slope: str, verdict: str
) -> None:
    report = check_text(ROWS.format(module=module, names=names, slope=slope), run=False)
    assert report.verdict.value == verdict
    assert any(finding.code == "GL009" for finding in report.findings)


@pytest.mark.parametrize(("delta", "verdict"), [("p - Y", "correct"), ("Y - p", "wrong")])
def test_a_bias_in_a_column_says_that_classes_lie_in_rows(delta: str, verdict: str) -> None:
    assert check_text(COLUMNS.format(delta=delta), run=False).verdict.value == verdict
