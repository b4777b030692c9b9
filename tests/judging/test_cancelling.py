"""Gradients that vanish because what a parameter adds cancels out, and not by chance."""

from __future__ import annotations

import pytest

from gradlint.model import Agreement, FileReport, Verdict

from ..analysing import errors, report_of


def _centred(bias: str) -> FileReport:
    """One layer whose output is centred over the samples, so that its bias has no influence."""
    return report_of(f"""
        import numpy as np
        X, Y = np.random.randn(20, 4), np.random.randn(20, 3)
        W, b = np.random.randn(4, 3), np.zeros(3)
        for step in range(50):
            z = X @ W + b
            error = z - z.mean(axis=0) - Y
            loss = np.sum(error ** 2)
            d = 2 * error
            dz = d - d.mean(axis=0)
            dW = X.T @ dz
            db = {bias}
            W -= 0.01 * dW
            b -= 0.01 * db
    """)


def _static(report: FileReport) -> dict[str, Agreement]:
    return {row.of: row.static for row in report.gradients}


@pytest.mark.parametrize("bias", ["dz.sum(axis=0)", "dz.mean(axis=0)", "np.zeros(3)"])
def test_a_bias_without_influence_has_the_gradient_nothing(bias: str) -> None:
    report = _centred(bias)
    assert _static(report)["b"] is Agreement.EQUAL
    assert report.verdict is Verdict.CORRECT


def test_a_bias_without_influence_that_moves_is_wrong() -> None:
    report = _centred("d.sum(axis=0)")
    assert _static(report) == {"W": Agreement.EQUAL, "b": Agreement.DIFFERENT}
    assert [line for _, line in errors(report)] == [13]


def test_a_slope_that_is_small_by_itself_is_not_taken_for_nothing() -> None:
    report = report_of("""
        import numpy as np
        x, y = np.random.randn(20, 4), np.random.randn(20, 1)
        w = np.random.randn(4, 1)
        for step in range(50):
            p = 1 / (1 + np.exp(-(40 + 0.1 * (x @ w))))
            loss = np.sum((p - y) ** 2)
            dw = x.T @ ((p - y) * p * (1 - p))
            w -= 0.1 * dw
    """)
    assert report.verdict is Verdict.UNVERIFIED
