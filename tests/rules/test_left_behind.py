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


_BIASES = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 2))
net = {{"W1": rng.normal(size=(4, 5)), "W2": rng.normal(size=(5, 2)), "b1": np.zeros(5), "b2": np.zeros(2)}}
for epoch in range(20):
    h = np.tanh(x @ net["W1"] + net["b1"])
    out = h @ net["W2"] + net["b2"]
    loss = 0.5 * np.sum((out - y) ** 2)
    d2 = out - y
    d1 = d2 @ net["W2"].T * (1 - h ** 2)
    g = {{"dW1": x.T @ d1, "db1": d1.sum(0), "dW2": h.T @ d2, "db2": d2.sum(0)}}
    for k in (1, 2):
        net[f"W{{k}}"] -= 0.01 * g[f"dW{{k}}"]
{step}"""


def test_items_that_lost_their_step_get_one_like_that_of_the_others() -> None:
    report = report_of(_BIASES.format(step=""))
    (found,) = [f for f in report.findings if f.severity.value != "note"]
    assert (found.code, found.fix is not None and found.fix.verified) == ("GL305", True)
    assert found.fix is not None
    assert found.fix.edits[0].content.strip() == 'net[f"b{k}"] -= 0.01 * g[f"db{k}"]'


def test_items_of_each_kind_that_are_stepped_are_silent() -> None:
    step = '        net[f"b{k}"] -= 0.01 * g[f"db{k}"]\n'
    assert report_of(_BIASES.format(step=step)).verdict is Verdict.CORRECT


_TWO_LISTS = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 2))
weights, biases = [rng.normal(size=(4, 5)), rng.normal(size=(5, 2))], [np.zeros(5), np.zeros(2)]
for epoch in range(20):
    h = np.tanh(x @ weights[0] + biases[0])
    out = h @ weights[1] + biases[1]
    loss = 0.5 * np.sum((out - y) ** 2)
    by_weight, by_bias = [0, 0], [0, 0]
    for i in (1, 0):
        delta = out - y if i else delta @ weights[1].T * (1 - h ** 2)
        by_weight[i], by_bias[i] = (h if i else x).T @ delta, delta.sum(0)
    for i in range(2):
        weights[i] -= 0.01 * by_weight[i]
{step}"""


def test_a_list_of_parameters_without_a_step_is_told_where_its_gradients_are_unused() -> None:
    report = report_of(_TWO_LISTS.format(step=""))
    (found,) = [f for f in report.findings if f.severity.value != "note"]
    assert "biases[0] never moves: its gradient by_bias[0]" in found.message
    assert found.fix is not None
    assert found.fix.edits[0].content.strip() == "biases[i] -= 0.01 * by_bias[i]"


@pytest.mark.parametrize(
    "step", ["        biases[i] -= 0.01 * by_bias[i]\n", "    print(by_bias[0])\n"]
)
def test_a_list_whose_gradients_are_used_or_shown_is_silent(step: str) -> None:
    report = report_of(_TWO_LISTS.format(step=step))
    assert not [f for f in report.findings if f.severity.value != "note"]
