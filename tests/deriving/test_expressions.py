"""The derived expression: in the user's names and spelling, and true when it is run."""

from __future__ import annotations

import pytest

from ..analysing import report_of
from ..repair.scripts import NUMPY, TORCH


def _expected(text: str) -> dict[str, str | None]:
    return {g.of: g.expected for g in report_of(text).gradients}


def test_named_cotangents_are_used() -> None:
    rows = _expected(NUMPY)
    assert rows["w3"] == "a2.T @ d3"
    assert rows["w2"] == "a1.T @ d2"


def test_torch_is_answered_in_its_own_spelling() -> None:
    rows = _expected(TORCH)
    assert (rows["w2"], rows["w1"]) == ("a.t().mm(grad_y)", "x.t().mm(grad_h)")


def test_the_row_says_what_its_expression_uses() -> None:
    (row,) = [g for g in report_of(TORCH).gradients if g.of == "w2"]
    assert row.uses == ("grad_y", "a")


def test_dot_is_answered_by_dot() -> None:
    text = NUMPY.replace("a2.T @ d3", "a2.T.dot(d3)").replace("a1.T @ d2", "a1.T.dot(d2)")
    text = text.replace("X.T @ d1", "X.T.dot(d1)").replace("d3 @ w3.T", "d3.dot(w3.T)")
    text = text.replace("d2 @ w2.T", "d2.dot(w2.T)").replace("X @ w1", "X.dot(w1)")
    text = text.replace("a1 @ w2", "a1.dot(w2)").replace("a2 @ w3", "a2.dot(w3)")
    assert _expected(text)["w3"] == "a2.T.dot(d3)"


@pytest.mark.parametrize("of", ["w1", "w2", "w3"])
def test_a_wrong_script_is_shown_the_right_expression(of: str) -> None:
    wrong = _expected(NUMPY.replace("(1 - a2 ** 2)", "(1 - a2)"))
    assert wrong[of] == _expected(NUMPY)[of]


def test_a_line_that_only_inherits_a_mistake_still_shows_what_it_should_be() -> None:
    found = report_of(
        """\
        import numpy as np

        x, y = np.random.randn(30, 4), np.random.randn(30, 2)
        w1, w2 = np.random.randn(4, 6), np.random.randn(6, 2)
        for step in range(10):
            h = np.tanh(x @ w1)
            out = h @ w2
            loss = np.sum((out - y) ** 2)
            dout = 2 * (out - y)
            dw2 = h.T @ dout
            dz = (dout @ w2.T) * (1 - h)
            dw1 = x.T @ dz
            w1 -= 0.01 * dw1
            w2 -= 0.01 * dw2
        """
    )
    rows = {row.name: row for row in found.gradients}
    assert (rows["dw1"].static.value, rows["dw1"].expected) == ("different", "x.T @ dz")


def test_one_name_never_stands_for_two_tensors() -> None:
    text = """\
    import numpy as np
    x, y = [1.0, 2.0, 4.0], [1.5, 3.5, 8.0]
    points = list(zip(x, y))
    m, b = 0.0, 0.0
    for i in range(100):
        loss = sum((q - (m * p + b)) ** 2 for p, q in points) / 3
        dm = 0.0
        db = 0.0
        for p, q in points:
            dm += -2 / 3 * p * (q - (m * p + b))
            db += -2 / 3 * (q - (m * p + b))
        m = m - 0.01 * dm
        b = b - 0.01 * db
    """
    rows = _expected(text)
    assert all("p" not in (rows[of] or "") and "q" not in (rows[of] or "") for of in ("m", "b"))


def test_no_gradient_is_said_to_be_itself() -> None:
    wrong = NUMPY.replace("a1.T @ d2", "a1.T @ d2 / 3")
    assert _expected(wrong)["w2"] == "a1.T @ d2"
    assert all(g.expected != g.name for g in report_of(wrong).gradients)
