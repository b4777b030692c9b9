"""Edits for what stands between lines: a lost term, lines in the wrong order, another axis, a lone step."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict
from tests.analysing import mended, report_of

ELMAN = """\
import numpy as np
rng = np.random.default_rng(0)
U, W, V = rng.normal(size=(4, 3)), rng.normal(size=(4, 4)), rng.normal(size=(2, 4))
xs, ys = rng.normal(size=(5, 3, 1)), rng.normal(size=(5, 2, 1))
for step in range(100):
    hs, errors, loss = {-1: np.zeros((4, 1))}, {}, 0.0
    for t in range(5):
        hs[t] = np.tanh(U @ xs[t] + W @ hs[t - 1])
        errors[t] = V @ hs[t] - ys[t]
        loss += 0.5 * np.sum(errors[t] ** 2)
    dU, dW, dV, later = np.zeros_like(U), np.zeros_like(W), np.zeros_like(V), np.zeros((4, 1))
    for t in reversed(range(5)):
        dV += errors[t] @ hs[t].T
        dh = V.T @ errors[t] + later
        dz = dh * (1 - hs[t] ** 2)
        dU += dz @ xs[t].T
        dW += dz @ hs[t - 1].T
        later = W.T @ dz
    U -= 0.01 * dU
    W -= 0.01 * dW
    V -= 0.01 * dV
"""

SOFTMAX = """\
import numpy as np
X, y = np.random.randn(30, 4), np.random.randint(0, 3, 30)
W = np.random.randn(4, 3)
for step in range(100):
    scores = X @ W
    p = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    n = scores.shape[0]
    loss = -np.sum(np.log(p[np.arange(n), y])) / n + 0.05 * np.sum(W ** 2)
    d = p.copy()
    m = p.shape[0]
    d[np.arange(30), y] -= 1
    d /= m
    dW = X.T @ d + 0.1 * W
    W -= 0.5 * dW
"""

ONE_STEP = """\
import numpy as np
X, y = np.random.randn(30, 4), np.random.randn(30)
w = np.zeros(4)
for step in range(100):
    err = X @ w - y
    loss = 0.5 * np.sum(err ** 2)
    grad = X.T @ err
    w -= 0.01 * grad
"""

MISTAKES = [
    pytest.param(ELMAN, " + later", "", "GL108", 14, id="the carry of a recurrence is not added"),
    pytest.param(ELMAN, "dh * (1 - hs[t] ** 2)", "dh", "GL104", 15, id="a slope of an item is lost"),
    pytest.param(
        SOFTMAX, "    d[np.arange(30), y] -= 1\n    d /= m\n",
        "    d /= m\n    d[np.arange(30), y] -= 1\n", "GL302", 11,
        id="a gradient is divided before it is complete",
    ),
    pytest.param(
        SOFTMAX, "m = p.shape[0]", "m = p.shape[1]", "GL103|GL204", 10, id="the size of another axis"
    ),
    pytest.param(ONE_STEP, "w -= ", "w = ", "GL304", 8, id="the only step is an assignment"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "right", "wrong", "codes", "line"), MISTAKES)
def test_a_mistake_is_named_where_it_stands(
    script: str, right: str, wrong: str, codes: str, line: int
) -> None:
    found = [
        f for f in report_of(script.replace(right, wrong)).findings if f.code in codes.split("|")
    ]
    assert found and found[0].span.line <= line <= found[0].span.end_line


def test_lines_that_were_exchanged_are_written_in_their_order() -> None:
    divided, counted = "    d /= m\n", "    d[np.arange(30), y] -= 1\n"
    right = SOFTMAX.replace(counted + divided, counted + divided + "    d = 1.0 * d\n")
    wrong = right.replace(counted + divided, divided + counted)
    assert mended(report_of(wrong)) == right


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ELMAN, id="a recurrence"),
        pytest.param(SOFTMAX, id="a softmax of labels"),
        pytest.param(ONE_STEP, id="one step"),
        pytest.param(
            ONE_STEP.replace("w -= 0.01 * grad", "step_w = 0.01 * grad\n    w = w - step_w"),
            id="a step by a name of its own",
        ),
    ],
)
def test_right_scripts_are_left_alone(script: str) -> None:
    report = report_of(script)
    assert report.verdict is Verdict.CORRECT, report.findings


SUMMED = """\
points = [(1.0, 2.9), (2.0, 5.1), (3.0, 7.2), (4.0, 8.8)]
m = 0.1
b = 0.2
for step in range(50):
    loss = 0.0
    grad_m = 0.0
    grad_b = 0.0
    for x, y in points:
        error = m * x + b - y
        loss += error**2
        grad_m += 2 * error * x
        grad_b += 2 * error
    print(step, loss)
    m -= 0.01 * grad_m
    b -= 0.01 * grad_b
"""


def test_a_gradient_that_is_summed_up_and_never_used_is_told_of() -> None:
    report = report_of(SUMMED.replace("    b -= 0.01 * grad_b\n", ""))
    assert [f.code for f in report.findings if f.code == "GL305"] == ["GL305"]
    assert report_of(SUMMED).verdict is Verdict.CORRECT


SPREAD = """\
import numpy as np
x, y = np.random.randn(9, 4), np.random.randn(9, 4)
w, n = np.random.randn(4), 9
for step in range(100):
    z = x * w
    c = z - z.sum(0) / 9
    var = (c ** 2).sum(0) / {forward}
    e = c / np.sqrt(var + 1e-5) - y
    loss = np.sum(e ** 2)
    dn = 2 * e
    dvar = (dn * c).sum(0) * -0.5 * (var + 1e-5) ** -1.5
    dc = dn / np.sqrt(var + 1e-5)
    dc = dc + 2 * c * dvar / {backward}
    dz = dc - dc.sum(0) / 9
    w -= 0.01 * (x * dz).sum(0)
"""


@pytest.mark.parametrize("own", ["len(x)", "(len(x) - 1)", "n"])
@pytest.mark.parametrize("other", ["len(x)", "(len(x) - 1)", "(n - 1)"])
def test_a_variance_is_divided_by_the_same_number_on_the_way_back(own: str, other: str) -> None:
    found = report_of(SPREAD.format(forward=own, backward=other))
    if ("- 1" in own) == ("- 1" in other):
        assert found.verdict is Verdict.CORRECT
        return
    (finding,) = [f for f in found.findings if f.severity.value == "error"]
    assert finding.code in ("GL103", "GL114") and finding.span.line == 13
    assert finding.fix is not None and finding.fix.verified
