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
