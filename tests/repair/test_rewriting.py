"""Where no small edit fits, the gradient is derived in the user's names and written whole."""

from __future__ import annotations

import pytest

from ..analysing import errors, line_of, mended, problems, report_after, report_of
from .scripts import NUMPY


@pytest.mark.parametrize(
    ("good", "bad", "fixed"),
    [
        pytest.param("d2 = d3 @ w3.T * (1 - a2 ** 2)", "d2 = a2 * (1 - d3 @ w3.T)", "d3 @ w3.T",
                     id="the slope without the delta"),
        pytest.param("db3 = np.sum(d3, axis=0, keepdims=True)", "db3 = d3[:1]", "np.sum(d3",
                     id="a row for the sum"),
        pytest.param("dw2 = a1.T @ d2", "dw2 = np.ones_like(w2) * d2.mean()", "a1.T @ d2",
                     id="a number for a product"),
    ],
)  # fmt: skip
def test_the_line_is_written_anew(good: str, bad: str, fixed: str) -> None:
    found = report_of(NUMPY.replace(good, bad))
    assert [line for _, line in errors(found)] == [line_of(found.text, bad)]
    (finding,) = (f for f in found.findings if f.span.line == line_of(found.text, bad))
    assert finding.fix is not None and finding.fix.verified
    assert fixed in finding.fix.edits[0].content
    assert problems(report_of(mended(found))) == []


RULE = """
    import numpy as np
    np.random.seed(0)
    X = np.random.randn(20, 4)
    Y = np.random.randn(20, 3)
    W = np.random.randn(4, 3)
    for epoch in range(50):
        out = X @ W
        W += 0.01 * (X.T @ out)
        print(np.mean((out - Y) ** 2))
"""


def test_a_rule_that_is_no_gradient_is_not_rewritten_to_fit_what_is_printed() -> None:
    assert errors(report_of(RULE)) == []


_STEPS = """
import numpy as np
rng = np.random.default_rng(0)
X, y = rng.normal(size=(6, 3)), rng.normal(size=6)
w, c, v, decay = rng.normal(size=3), np.zeros(6), np.zeros(3), 0.1
for epoch in range(100):
    error = X @ w + c - y
    loss = 0.5 * np.sum(error**2) + 0.5 * decay * np.sum(w**2)
    dw = X.T @ error + decay * w
    v = 0.9 * v - 0.01 * dw
    c -= 0.01 * error
    w += v
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("X.T @ error + decay * w", "decay * w"), ("0.01 * error\n", "0.01 * error * error\n")],
)
def test_a_step_of_something_else_is_written_with_its_rate(right: str, wrong: str) -> None:
    report = report_of(_STEPS.replace(right, wrong))
    (found,) = report.findings
    assert found.span.line == _STEPS[: _STEPS.index(right)].count("\n")
    after = report_after(report)
    assert after is not None
    assert (after.text or "").strip() == _STEPS.strip()
