"""Written expressions read as a person would write them, and stay what they are."""

from __future__ import annotations

import numpy as np
import pytest

from gradlint.deriving.folding import folded


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param("1 / N * 2 * (p - y)", "2 * (p - y) / N", id="numbers go to the front"),
        pytest.param("w.t().t()", "w", id="a transpose of a transpose"),
        pytest.param("x.t().mm(g).t()", "g.t().mm(x)", id="a transposed product of a transpose"),
        pytest.param("(x.T @ g).T", "g.T @ x", id="with an operator"),
        pytest.param("g.dot(w.T.T)", "g.dot(w)", id="within a product"),
        pytest.param("x.mm(g).t()", "x.mm(g).t()", id="no transpose is spared: it stays"),
        pytest.param("np.dot(x.T, g).T", "np.dot(x.T, g).T", id="a function of a module stays"),
        pytest.param("w.T", "w.T", id="a single one stays"),
    ],
)
def test_reads_like(text: str, after: str) -> None:
    assert folded(text) == after


def test_the_value_stays() -> None:
    rng = np.random.default_rng(0)
    names = {"x": rng.normal(size=(4, 3)), "g": rng.normal(size=(4, 5)), "w": rng.normal(size=5)}
    for text in ("(x.T @ g).T", "(x.T.dot(g)).T", "2 * (w.T.T / 3)", "(g @ w.T).T"):
        np.testing.assert_allclose(eval(folded(text), names), eval(text, names))
