"""Windows of a convolution: axes exchanged, a stride lost; what only looks like it is silent."""

from __future__ import annotations

import pytest

from gradlint.model import FileReport, Verdict

from ..analysing import report_of

_CONVOLUTION = """
import numpy as np
rng = np.random.default_rng(0)
x, k, y = rng.normal(size=(9, 8)), rng.normal(size=(3, 2)), rng.normal(size=(4, 4))
stride = 2
for step in range(20):
    out = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            out[i, j] = np.sum(x[i * stride:i * stride + 3, j * stride:j * stride + 2] * k)
    loss = 0.5 * np.sum((out - y) ** 2)
    d = out - y
    dk = np.zeros_like(k)
    for i in range(4):
        for j in range(4):
            dk += d[i, j] * x[{window}]
    k -= 0.01 * dk
"""
_RIGHT = "i * stride:i * stride + 3, j * stride:j * stride + 2"


def _report(window: str) -> FileReport:
    return report_of(_CONVOLUTION.format(window=window))


def test_the_right_windows_are_silent() -> None:
    report = _report(_RIGHT)
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())


@pytest.mark.parametrize(
    ("window", "written"),
    [
        ("i * stride:i * stride + 3, j:j + 2", "j * stride:j * stride + 2"),
        ("j * stride:j * stride + 3, i * stride:i * stride + 2", None),
    ],
)
def test_a_window_is_mended_after_the_one_beside_it(window: str, written: str | None) -> None:
    findings = [f for f in _report(window).findings if f.span.line == 15]
    assert findings
    if written is not None:
        assert findings[0].fix is not None and findings[0].fix.verified
        assert findings[0].fix.edits[0].content == written


def test_exchanged_indices_of_the_gradient_are_mended() -> None:
    text = _CONVOLUTION.format(window=_RIGHT).replace("dk += d[i, j]", "dk += d[j, i]")
    (found,) = report_of(text).findings
    assert (found.code, found.span.line) == ("GL101", 15)
    assert found.fix is not None and found.fix.verified
    assert found.fix.edits[0].content == "i, j"


_AXES = """
import numpy as np
rng = np.random.default_rng(0)
x, w, y = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(3, 6)), rng.normal(size=(2, 6, 4, 5))
for step in range(20):
    out = (x.transpose(0, 2, 3, 1) @ w).transpose(0, 3, 1, 2)
    loss = 0.5 * np.sum((out - y) ** 2)
    d = (out - y).transpose({axes}).reshape(-1, 6)
    w -= 0.01 * x.transpose(0, 2, 3, 1).reshape(-1, 3).T @ d
"""


def test_exchanged_axes_are_mended() -> None:
    (found,) = report_of(_AXES.format(axes="0, 3, 2, 1")).findings
    assert (found.code, found.span.line) == ("GL110", 7)
    assert found.fix is not None and found.fix.verified
    assert "0, 2, 3, 1" in found.fix.edits[0].content


def test_the_right_axes_are_silent() -> None:
    report = report_of(_AXES.format(axes="0, 2, 3, 1"))
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())
