"""GL309: loops that leave the last sample out, and those that only look as if they did."""

from __future__ import annotations

import pytest

from gradlint.model import Severity, Verdict

from ..analysing import report_of

_HEAD = """import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(20, 3)), rng.normal(size=20)
s = np.sin(np.arange(30) * 0.3)
w, lr = np.zeros(3), 0.01
for epoch in range(100):
"""
_EACH = ["e = x[i] @ w - y[i]", "w -= lr * e * x[i]"]

_SHORT = {
    "counted by len": ["for i in range(len(x) - 1):", *_EACH],
    "counted by its shape": ["for i in range(x.shape[0] - 1):", *_EACH],
    "counted by the targets": ["for i in range(len(y) - 1):", *_EACH],
    "with a report now and then": [
        "for i in range(len(x) - 1):", *_EACH, "if i % 5 == 0: print(epoch, i)",
    ],
}  # fmt: skip
_WHOLE = {
    "all of them": ["for i in range(len(x)):", *_EACH],
    "the next of a series": [
        "for i in range(len(s) - 1):", "e = w[0] * s[i] - s[i + 1]", "w[0] -= lr * e * s[i]",
    ],
    "the last is kept for a test": [
        "for i in range(len(x) - 1):", *_EACH, "print(x[-1] @ w - y[-1])",
    ],
    "the one before": ["for i in range(len(x) - 1):", "e = x[i] @ w - y[i - 1]", "w -= lr * e * x[i]"],
}  # fmt: skip


def _script(loop: list[str]) -> str:
    head, *body = loop
    return _HEAD + f"    {head}\n" + "".join(f"        {line}\n" for line in body)


@pytest.mark.parametrize("loop", _SHORT.values(), ids=_SHORT.keys())
def test_a_loop_that_leaves_the_last_sample_out_is_named(loop: list[str]) -> None:
    (found,) = (f for f in report_of(_script(loop)).findings if f.severity is not Severity.NOTE)
    assert (found.code, found.span.line) == ("GL309", 7)
    assert found.fix is not None
    assert found.fix.verified


@pytest.mark.parametrize("loop", _WHOLE.values(), ids=_WHOLE.keys())
def test_a_loop_with_a_reason_to_end_there_is_silent(loop: list[str]) -> None:
    report = report_of(_script(loop))
    assert not [f for f in report.findings if f.code == "GL309"]
    assert report.verdict is Verdict.CORRECT
