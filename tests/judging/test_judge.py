"""The true gradient by reverse mode, held against central differences of the same walk."""

from __future__ import annotations

import pytest

from gradlint.model import Agreement, Verdict

from ..analysing import report_of
from ..repair.scripts import NUMPY, TORCH


@pytest.mark.parametrize(
    "text", [NUMPY, TORCH], ids=["three layers of numpy", "two layers of torch"]
)
def test_every_gradient_of_a_right_script_is_equal(text: str) -> None:
    assert {g.static for g in report_of(text).gradients} == {Agreement.EQUAL}


def test_only_what_lies_behind_a_mistake_is_wrong() -> None:
    wrong = NUMPY.replace("(1 - a2 ** 2)", "(1 - a2)")
    rows = {g.of: g.static for g in report_of(wrong).gradients}
    bad = {of for of, static in rows.items() if static is not Agreement.EQUAL}
    assert bad == {"w2", "b2", "w1", "b1"}


def test_a_common_constant_is_told_with_its_factor() -> None:
    found = report_of(NUMPY.replace("d3 = 2 * (out - Y) / N", "d3 = (out - Y) / N"))
    assert [g.scale for g in found.gradients] == pytest.approx([0.5] * 6)
    assert [f.code for f in found.findings] == ["GL205"]


def test_a_factor_of_exactly_two_does_not_hide_an_inferred_loss() -> None:
    text = """
        import numpy as np
        X, Y, W = np.random.randn(9, 4), np.random.randn(9, 3), np.random.randn(4, 3)
        for step in range(50):
            delta = 2 * (X @ W - Y)
            dW = X.T @ delta
            W -= 0.01 * dW
    """
    assert report_of(text).verdict is Verdict.CORRECT


def test_a_loss_computed_after_the_step_is_the_same_loss() -> None:
    text = """
        import numpy as np
        X, Y, W = np.random.randn(9, 4), np.random.randn(9, 3), np.random.randn(4, 3)
        for step in range(50):
            dW = X.T @ (X @ W - Y)
            W -= 0.01 * dW
            loss = 0.5 * np.sum((X @ W - Y) ** 2)
            print(loss)
    """
    (row,) = report_of(text).gradients
    assert (row.static, row.loss) == (Agreement.EQUAL, "loss")


@pytest.mark.parametrize(
    ("delta", "verdict"),
    [
        ("2 * (X @ W - Y)", Verdict.CORRECT),
        ("2 * (X @ W) - 2 * Y", Verdict.CORRECT),
        ("2 * (X @ W) - Y", Verdict.WRONG),
    ],
)
def test_brackets_that_are_lost_make_no_other_loss(delta: str, verdict: Verdict) -> None:
    text = f"""
        import numpy as np
        X, Y, W = np.random.randn(9, 4), np.random.randn(9, 3), np.random.randn(4, 3)
        for step in range(50):
            loss = np.sum((X @ W - Y) ** 2)
            W -= 0.01 * X.T @ ({delta})
        print(loss)
        """
    assert report_of(text).verdict is verdict


_ADDED_UP = """\
import numpy as np
rng = np.random.default_rng(0)
x, labels, w = rng.normal(size=(20, 4)), rng.integers(0, 3, 20), rng.normal(size=(4, 3))
for step in range(100):
    e = np.exp(x @ w)
    p = e / e.sum(axis=1, keepdims=True)
    data_loss = -np.log(p[range(20), labels]).sum() / 20
    reg_loss = 0.5 * 0.01 * np.sum(w * w)
    loss = data_loss + reg_loss
    d = p
    d[range(20), labels] -= 1
    d /= 20
    w -= 0.5 * (x.T @ d + 0.01 * w)
"""


def test_where_nothing_fits_the_loss_is_the_sum_and_none_of_its_parts() -> None:
    assert report_of(_ADDED_UP).verdict is Verdict.CORRECT
    found = report_of(_ADDED_UP.replace("labels] -= 1", "labels] -= 2"))
    assert [(f.code, f.span.line) for f in found.findings] == [("GL113", 11)]
    assert found.findings[0].fix is not None and found.findings[0].fix.verified
