"""Divisions of integers in Python 2: what is lost, what is only rounded, what is left alone."""

from __future__ import annotations

import pytest

from gradlint.model import Agreement, Severity

from ..analysing import report_of

SCRIPT = """\
import numpy as np
X = np.random.randn(20, 3)
y = np.dot(X, np.array([1.0, -2.0, 0.5]))
w = np.zeros(3)
m = len(X)
for i in xrange(50):
    err = np.dot(X, w) - y
    loss = {loss}
    print loss
    grad_w = {gradient}
    w {step}
"""
LOSS, GRADIENT = "0.5 / m * np.sum(err ** 2)", "np.dot(X.T, err) / m"


def _script(loss: str = LOSS, gradient: str = GRADIENT, step: str = "-= 0.1 * grad_w") -> str:
    return SCRIPT.format(loss=loss, gradient=gradient, step=step)


@pytest.mark.parametrize(
    ("text", "line", "severity"),
    [
        pytest.param(
            _script(gradient="1 / m * np.dot(X.T, err)"), 10, Severity.ERROR, id="in the gradient"
        ),
        pytest.param(
            _script(gradient="-1 / m * np.dot(X.T, err)", step="+= 0.1 * grad_w"),
            10, Severity.ERROR, id="minus one",
        ),
        pytest.param(
            _script(loss="1 / (2 * m) * np.sum(err ** 2)"), 8, Severity.WARNING, id="in the loss"
        ),
        pytest.param(
            _script(loss="(1 / 2) * np.mean(err ** 2)"), 8, Severity.WARNING, id="one half"
        ),
    ],
)  # fmt: skip
def test_a_factor_that_is_lost_is_found(text: str, line: int, severity: Severity) -> None:
    report = report_of(text)
    (found,) = [f for f in report.findings if f.code != "GL004"]
    assert (found.code, found.span.line, found.severity) == ("GL602", line, severity)
    assert found.fix is not None and found.fix.verified


def test_the_gradient_that_is_lost_is_not_said_to_be_equal() -> None:
    (row,) = report_of(_script(gradient="1 / m * np.dot(X.T, err)")).gradients
    assert row.static is Agreement.DIFFERENT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_script(), id="a float over an integer"),
        pytest.param(_script(gradient="(1. / m) * np.dot(X.T, err)"), id="a float with a dot"),
        pytest.param(_script(gradient="float(1) / m * np.dot(X.T, err)"), id="made a float"),
        pytest.param("from __future__ import division\n" + _script(loss="1 / 2 / m * np.sum(err ** 2)"),
                     id="true division"),
        pytest.param(_script().replace("xrange", "range").replace("print loss", "print(1 / 2)"),
                     id="Python 3"),
        pytest.param(_script() + "middle = m / 3\nw[m / 30]\n", id="an index"),
    ],
)  # fmt: skip
def test_what_loses_nothing_is_left_alone(text: str) -> None:
    report = report_of(text)
    assert [f for f in report.findings if f.code != "GL004"] == []
    assert report.verdict.value == "correct"


def test_what_is_only_rounded_is_rounded() -> None:
    text = _script(gradient="(len(X) / 3) * np.dot(X.T, err) / (len(X) / 3 * m)")
    assert report_of(text).verdict.value == "correct"
