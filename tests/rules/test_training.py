"""Symptoms of a training as findings of a report, and what they do to the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradlint.health import Health, Thresholds
from gradlint.model import FileReport, Finding, Run, Severity, Span, Verdict
from gradlint.rules.training import with_training
from tests.analysing import problems, report_of
from tests.health.trainings import FIRST, HEALTHY, falling, layer, parameter

EXPLODING = replace(HEALTHY, losses=falling(2.0, 3.0))
STILL = replace(HEALTHY, losses=falling(2.0, 1 - 1e-9))
SYMMETRIC = replace(
    HEALTHY,
    layers=(layer([1.0] * 3, kind="sigmoid"),),
    parameters=(
        replace(parameter("w1", [1.0] * 3), looks=tuple(
            replace(look, alike=True) for look in parameter("w1", [1.0] * 3).looks)),
        parameter("w2", [1.0] * 3),
    ),
)  # fmt: skip
START = Finding(
    "GL801", "symmetric-start", Severity.WARNING, Span(3, 1, 3, 9), "all start at 0.", about=("w1",)
)


def _report(verdict: Verdict, health: Health, *findings: Finding) -> FileReport:
    run = Run("ok", "cpu", 3, health=(health,))
    return with_training(FileReport("net.py", verdict, None, (), findings, run), Thresholds())


@pytest.mark.parametrize("before", [Verdict.CORRECT, Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE])
def test_right_gradients_with_which_nothing_is_learnt_leave_a_file_suspect(before: Verdict) -> None:
    found = _report(before, EXPLODING)
    assert found.verdict is Verdict.SUSPECT
    assert [(f.code, f.name, f.confirmed_by) for f in found.findings] == [
        ("GL701", "exploding", ("run",))
    ]


def test_a_wrong_file_stays_wrong() -> None:
    assert _report(Verdict.WRONG, EXPLODING).verdict is Verdict.WRONG


@pytest.mark.parametrize("health", [HEALTHY, STILL], ids=["nothing", "a note"])
def test_what_is_no_warning_leaves_the_verdict_as_it_is(health: Health) -> None:
    assert _report(Verdict.CORRECT, health).verdict is Verdict.CORRECT


def test_a_symmetry_that_was_known_before_the_run_is_confirmed_and_not_told_twice() -> None:
    (finding,) = _report(Verdict.SUSPECT, SYMMETRIC, START).findings
    assert (finding.code, finding.confirmed_by) == ("GL801", ("static", "run"))
    (alone,) = _report(Verdict.CORRECT, SYMMETRIC).findings
    assert (alone.code, alone.span) == ("GL705", FIRST)


NET = """
    import numpy as np

    x, y = np.random.randn(20, 5), np.random.randn(20, 2)
    w1 = np.zeros((5, 8))
    w2 = np.zeros((8, 2))
    b = np.zeros(8)
    for step in range(50):
        h = np.tanh(x @ w1 + b)
        e = h @ w2 - y
        loss = np.sum(e**2)
        dw2 = h.T @ (2 * e)
        dz = 2 * e @ w2.T * (1 - h**2)
        w2 -= 0.01 * dw2
        w1 -= 0.01 * x.T @ dz
        b -= 0.01 * dz.sum(axis=0)
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("np.zeros((5, 8))", "np.ones((5, 8))", id="ones are as symmetric as zeros"),
        pytest.param("b = np.zeros(8)", "b = np.full(8, 0.5)", id="a number for each array"),
    ],
)
def test_parameters_that_are_all_constant_are_symmetric(old: str, new: str) -> None:
    assert problems(report_of(NET)) == [("GL801", 4)]
    assert problems(report_of(NET.replace(old, new))) == [("GL801", 4)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("np.zeros((8, 2))", "np.random.randn(8, 2)", id="the layer after it is drawn"),
        pytest.param("np.zeros((5, 8))", "np.random.randn(5, 8)", id="the layer itself is drawn"),
        pytest.param("np.zeros(8)", "np.arange(8) * 0.1", id="the biases tell the units apart"),
        pytest.param("np.zeros((5, 8))", "np.eye(5, 8)", id="a pattern that is not constant"),
    ],
)
def test_a_start_that_tells_units_apart_is_left_alone(old: str, new: str) -> None:
    found = report_of(NET.replace(old, new))
    assert (found.verdict, problems(found)) == (Verdict.CORRECT, [])


def test_a_dropout_mask_between_the_layers_tells_units_apart() -> None:
    masked = NET.replace(
        "h = np.tanh(x @ w1 + b)",
        "mask = np.random.rand(20, 8) > 0.5\n        h = np.tanh(x @ w1 + b) * mask",
    ).replace("(1 - h**2)", "(1 - h**2) * mask")
    assert "GL801" not in [code for code, _ in problems(report_of(masked))]


def test_logistic_regression_may_start_at_zero() -> None:
    source = """
        import numpy as np

        x, y = np.random.randn(20, 5), (np.random.rand(20, 3) > 0.5).astype(float)
        w, b = np.zeros((5, 3)), np.zeros(3)
        for step in range(50):
            p = 1 / (1 + np.exp(-(x @ w + b)))
            loss = -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))
            w -= 0.01 * x.T @ (p - y)
            b -= 0.01 * (p - y).sum(axis=0)
    """
    assert problems(report_of(source)) == []
