"""A step of the wrong parameter, told by the name of its gradient; two steps of one that are right."""

from __future__ import annotations

from gradlint.model import Verdict

from ..analysing import report_of

_LINE = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=12), rng.normal(size=12)
w, b = rng.normal(), rng.normal()
for step in range(100):
    e = w * x + b - y
    loss = np.mean(e ** 2)
    dw = 2 * np.mean(e * x)
    db = 2 * np.mean(e)
    w -= 0.1 * dw
    {step}
"""


def test_a_step_of_another_parameter_is_named_and_mended() -> None:
    (found,) = report_of(_LINE.format(step="w -= 0.1 * db")).findings
    assert (found.code, found.span.line) == ("GL303", 11)
    assert found.fix is not None and found.fix.verified
    assert found.fix.edits[0].content == "b -= 0.1 * db"


def test_its_own_step_is_silent() -> None:
    report = report_of(_LINE.format(step="b -= 0.1 * db"))
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())


_NET = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))
w, b = rng.normal(size=(3, 5)), np.zeros(5)
v, c = rng.normal(size=(5, 2)), np.zeros(2)
for step in range(100):
    h = np.tanh(x @ w + b)
    out = h @ v + c
    loss = 0.5 * np.sum((out - y) ** 2)
    d = out - y
    e = d @ v.T * (1 - h ** 2)
    v -= 0.1 * (h.T @ d)
    c -= 0.1 * d.sum(axis=0)
    w -= 0.1 * (x.T @ e)
    {step} -= 0.1 * e.sum(axis=0)
"""


def test_a_step_without_a_name_is_that_of_the_only_parameter_that_is_left() -> None:
    text = _NET.replace(
        "c = rng.normal(size=(5, 2)), np.zeros(2)", "c = rng.normal(size=(5, 2)), np.zeros(1)"
    )
    text = text.replace("d.sum(axis=0)", "d.sum()")
    found = report_of(text.replace("    c -=", "    b -=").format(step="b"))
    assert [(f.code, f.span.line) for f in found.findings] == [("GL303", 13)]
    assert report_of(text.format(step="b")).verdict is Verdict.CORRECT


_SUMS = """
import numpy as np
rng = np.random.default_rng(0)
xs, ys = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
w, b = rng.normal(size=3), np.zeros(3)
for epoch in range(100):
    gw, gb, loss = np.zeros(3), np.zeros(3), 0.0
    for t in range(4):
        e = w * xs[t] + b - ys[t]
        loss += 0.5 * np.sum(e ** 2)
        gw += e * xs[t]
        {sum} += e
    w -= 0.1 * gw
    b -= 0.1 * gb
"""


def test_a_sum_that_goes_into_another_gradient_is_sent_where_it_belongs() -> None:
    (found,) = report_of(_SUMS.format(sum="gw")).findings
    assert (found.code, found.span.line) == ("GL101", 11)
    assert found.fix is not None and found.fix.verified
    assert found.fix.edits[0].content == "gb += e"


def test_a_sum_that_goes_into_its_own_gradient_is_silent() -> None:
    report = report_of(_SUMS.format(sum="gb"))
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())
