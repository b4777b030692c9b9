"""What nothing calls is examined piece by piece: one that fails takes nothing else with it."""

from __future__ import annotations

import pytest

from gradlint.driving.layers import LayerDrive
from gradlint.tracing.statements import Interpreter

from .analysing import problems, report_of
from .driving.judging import NUMPY

TWO = (
    NUMPY
    + """
class Scale:
    def forward(self, x):
        return {unlike}x

    def backward(self, dout):
        return 3 * dout

def square_forward(x):
    return x ** 2, x

def square_backward(dout, x):
    return {slope} * x * dout
"""
)


@pytest.fixture
def failing_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(drive: LayerDrive, m: Interpreter) -> None:
        raise ZeroDivisionError("a mistake of gradlint's own")

    monkeypatch.setattr(LayerDrive, "__call__", fail)


@pytest.mark.usefixtures("failing_layers")
def test_a_failure_in_one_drive_leaves_only_that_unread() -> None:
    found = report_of(TWO.format(slope=2, unlike="(3) * "))
    assert found.verdict.value == "unverified"
    assert found.reason is not None
    assert found.reason.startswith("Scale.backward() could not be judged by itself: internal error")
    assert found.reason.endswith("please report (line 3)")
    assert [row.static.value for row in found.gradients] == ["equal"]


@pytest.mark.usefixtures("failing_layers")
def test_what_is_wrong_beside_a_failure_is_told() -> None:
    found = report_of(TWO.format(slope=3, unlike="3.0 * "))
    assert found.verdict.value == "suspect" and problems(found)
