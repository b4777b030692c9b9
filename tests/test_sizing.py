"""Literals that count by the script's own sizes: the last of three steps is `hs[2]`."""

from __future__ import annotations

from gradlint.model import Verdict

from .analysing import problems, report_of

SCRIPT = """\
import numpy as np
rng = np.random.default_rng(0)
Wx, Wh, b = rng.normal(size=(4, 3)), rng.normal(size=(4, 4)), np.zeros((4, 1))
xs, target = rng.normal(size=(3, 3, 1)), rng.normal(size=(4, 1))
for step in range(20):
    hs = {-1: np.zeros((4, 1))}
    for t in range(3):
        hs[t] = np.tanh(Wx @ xs[t] + Wh @ hs[t - 1] + b)
    loss = 0.5 * np.sum((hs[2] - target) ** 2)
    dWx, dWh, db, dh = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b), hs[2] - target
    for t in reversed(range(3)):
        dz = (1 - hs[t] * hs[t]) * dh
        dWx += dz @ xs[t].T
        dWh += dz @ hs[t - 1].T
        db += dz
        dh = Wh.T @ dz
    Wx -= 0.1 * dWx
    Wh -= 0.1 * dWh
    b -= 0.1 * db
    print(loss)
"""


def test_an_index_that_is_the_last_one_at_the_scripts_own_sizes_is_no_mistake() -> None:
    assert report_of(SCRIPT).verdict is Verdict.CORRECT


def test_a_mistake_beside_such_an_index_is_found_on_its_line() -> None:
    wrong = SCRIPT.replace("dz @ hs[t - 1].T", "dz @ hs[t].T")
    assert [line for _, line in problems(report_of(wrong))] == [14]
