"""Items of a list or dictionary of parameters that no step reaches."""

from __future__ import annotations

import pytest

from gradlint.model import FileReport, Verdict

from ..analysing import report_of

_LIST = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 2))
weights = [rng.normal(size=(4, 5)), rng.normal(size=(5, 2))]
for epoch in range(20):
    h = np.tanh(x @ weights[0])
    loss = 0.5 * np.sum((h @ weights[1] - y) ** 2)
    delta = h @ weights[1] - y
    {gradients}
    for i in {which}:
        weights[i] -= 0.01 * grads[i]
"""
_BOTH = "grads = [x.T @ (delta @ weights[1].T * (1 - h ** 2)), h.T @ delta]"
_FIRST = "grads = [x.T @ (delta @ weights[1].T * (1 - h ** 2))]"


def _report(which: str, gradients: str = _BOTH) -> FileReport:
    return report_of(_LIST.format(gradients=gradients, which=which))


def test_a_loop_that_stops_short_is_named_and_mended() -> None:
    (found,) = _report("range(len(weights) - 1)").findings
    assert found.code == "GL305"
    assert "weights[1] never moves" in found.message
    assert found.fix is not None
    assert found.fix.verified
    assert found.fix.edits[0].content == "len(weights)"


@pytest.mark.parametrize(
    "which", ["range(len(weights))", "reversed(range(2))", "range(len(weights) - 1, -1, -1)"]
)
def test_a_loop_over_every_item_is_silent(which: str) -> None:
    report = _report(which)
    assert not report.findings
    assert report.verdict is Verdict.CORRECT


def test_an_item_whose_gradient_nobody_computes_is_left_open() -> None:
    report = _report("range(1)", _FIRST)
    assert not report.findings
    assert report.verdict is Verdict.UNVERIFIED
    assert "weights[1] never moves" in (report.reason or "")


_NAMES = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 2))
w1, w2 = rng.normal(size=(4, 5)), rng.normal(size=(5, 2))
for epoch in range(20):
    h = np.tanh(x @ w1)
    delta = h @ w2 - y
    loss = 0.5 * np.sum(delta ** 2)
    {second}
    g1 = x.T @ (delta @ w2.T * (1 - h ** 2))
    for w, g in ((w1, g1), {pair}):
        w -= 0.01 * g
"""


def test_a_numbered_parameter_that_is_taken_for_its_gradient_never_moves() -> None:
    (found,) = report_of(_NAMES.format(second="g2 = h.T @ delta", pair="(g2, w2)")).findings
    assert found.code == "GL305"
    assert "w2 never moves: its gradient g2 is computed" in found.message


def test_numbered_parameters_that_move_or_are_frozen_are_silent() -> None:
    for pair in ("(w2, g2)", "(w1, 0 * g1)"):
        found = report_of(_NAMES.format(second="g2 = h.T @ delta", pair=pair))
        assert not [f for f in found.findings if f.severity.value != "note"]


@pytest.mark.parametrize(("least", "verdict"), [(0, Verdict.CORRECT), (1, Verdict.SUSPECT)])
def test_attributes_that_one_line_makes_are_items(least: int, verdict: Verdict) -> None:
    report = report_of(f"""
        import numpy as np
        class Net:
            def __init__(self):
                for k in (0, 1):
                    setattr(self, f"w{{k}}", np.random.randn(4, 4))
        net, x, y = Net(), np.random.randn(9, 4), np.random.randn(9, 4)
        for epoch in range(20):
            h = np.tanh(x @ net.w0)
            loss = 0.5 * np.sum((h @ net.w1 - y) ** 2)
            delta = h @ net.w1 - y
            grads = [x.T @ (delta @ net.w1.T * (1 - h ** 2)), h.T @ delta]
            for k in range({least}, 2):
                setattr(net, f"w{{k}}", getattr(net, f"w{{k}}") - 0.01 * grads[k])
    """)
    assert report.verdict is verdict
