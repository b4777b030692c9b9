"""Elements and names that stand in each other's place, and orders that a sum does not tell."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import report_after, report_of

_CELL = """
import numpy as np
rng = np.random.default_rng(0)
x, h0, y = rng.normal(size=(4, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
W, U = rng.normal(size=(2, 6)), rng.normal(size=(3, 6))
for epoch in range(100):
    pre = x @ W + h0 @ U
    gate, new = 1 / (1 + np.exp(-pre[:, :3])), np.tanh(pre[:, 3:])
    out = gate * new
    kept = []
    kept.append((gate, new))
    loss = 0.5 * np.sum((out - y) ** 2)
    dout = out - y
    g, n = kept[0]
    dpre = np.hstack((dout * n * g * (1 - g), dout * g * (1 - n**2)))
    W -= 0.01 * x.T @ dpre
    U -= 0.01 * h0.T @ dpre
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            "(dout * n * g * (1 - g), dout * g * (1 - n**2))",
            "(dout * g * (1 - n**2), dout * n * g * (1 - g))",
        ),
        ("kept.append((gate, new))", "kept.append((gate, out))"),
        ("g, n = kept[0]", "n, g = kept[0]"),
    ],
)
def test_what_stands_in_the_place_of_another_is_named_and_mended(right: str, wrong: str) -> None:
    text = _CELL.replace(right, wrong)
    after = report_after(report_of(text))
    assert after is not None
    assert after.verdict is Verdict.CORRECT
    assert (after.text or "").strip() == _CELL.strip()


def test_a_cell_whose_parts_stand_where_they_belong_is_silent() -> None:
    report = report_of(_CELL)
    assert not report.findings
    assert report.verdict is Verdict.CORRECT


def test_sizes_of_a_shape_are_not_exchanged_for_one_that_is_1() -> None:
    found = report_of("""
    import numpy as np
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 1)), rng.normal(size=(40, 3))
    W, b = rng.normal(size=(1, 3)), np.zeros(3)
    for epoch in range(50):
        N, D = x.shape
        d = x @ W + b - y
        loss = 0.5 * np.sum(d ** 2)
        dW = np.tensordot(x, d, axes=([0], [0])) / N
        db = d.sum(axis=0)
        W -= 0.01 * dW
        b -= 0.01 * db
    """)
    assert [(one.code, one.span.line) for one in found.findings] == [("GL103", 9)]
