"""What each time step hands to the one before, where the loop never passes it on."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import report_after, report_of

_RNN = """
import numpy as np
rng = np.random.default_rng(0)
x, y, T = rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 4, 1)), 3
Wx, Wh, Wy = rng.normal(size=(2, 5)), rng.normal(size=(5, 5)), rng.normal(size=(5, 1))
for epoch in range(100):
    hs, loss = [np.zeros((4, 5))], 0.0
    for t in range(T):
        hs.append(np.tanh(x[t] @ Wx + hs[-1] @ Wh))
        loss += 0.5 * np.sum((hs[-1] @ Wy - y[t]) ** 2)
    dWx, dWh, dWy = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wy)
    dh_next = np.zeros((4, 5))
    for t in reversed(range(T)):
        dy = hs[t + 1] @ Wy - y[t]
        dWy += hs[t + 1].T @ dy
        dz = (dy @ Wy.T + dh_next) * (1 - hs[t + 1] ** 2)
        dWx += x[t].T @ dz
        dWh += hs[t].T @ dz{passed}
    Wx -= 0.01 * dWx
    Wh -= 0.01 * dWh
    Wy -= 0.01 * dWy
"""
_PASSED = "dh_next = dz @ Wh.T"


@pytest.mark.parametrize("instead", ["", "\n        dh_next = np.zeros((4, 5))"])
def test_what_is_handed_to_the_step_before_is_written_where_it_is_missing(instead: str) -> None:
    report = report_of(_RNN.format(passed=instead))
    (found,) = report.findings
    assert found.code == "GL108"
    assert "dh_next stays zero" in found.message
    assert found.fix is not None
    assert found.fix.verified
    after = report_after(report)
    assert after is not None
    assert after.verdict is Verdict.CORRECT
    assert _PASSED in (after.text or "")


def test_a_carry_that_is_passed_on_is_silent() -> None:
    report = report_of(_RNN.format(passed=f"\n        {_PASSED}"))
    assert not report.findings
    assert report.verdict is Verdict.CORRECT


def test_a_first_round_that_the_way_back_leaves_out_is_named_and_mended() -> None:
    text = _RNN.format(passed=f"\n        {_PASSED}")
    (found,) = report_of(text.replace("reversed(range(T))", "reversed(range(1, T))")).findings
    assert found.code == "GL117"
    assert found.fix is not None
    assert found.fix.verified
    assert [edit.content for edit in found.fix.edits] == ["0"]
