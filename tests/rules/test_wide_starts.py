"""GL802: weights that are drawn too large for the number of inputs that a unit adds up."""

from __future__ import annotations

import pytest

from gradlint.model import FileReport, Severity, Verdict
from tests.analysing import report_of

NET = """
import numpy as np

x, y = np.random.randn(40, 300), np.random.randn(40, 2)
w1 = np.random.randn(300, 8)
w2 = np.random.randn(8, 2)
for step in range(50):
    h = np.tanh(x @ w1)
    out = h @ w2
    loss = np.sum((out - y) ** 2)
    d = 2 * (out - y)
    dw2 = h.T @ d
    dw1 = x.T @ (d @ w2.T * (1 - h**2))
    w2 -= 0.001 * dw2
    w1 -= 0.001 * dw1
"""
RELU = NET.replace("np.tanh(x @ w1)", "np.maximum(x @ w1, 0)").replace("(1 - h**2)", "(h > 0)")


def _wide(report: FileReport) -> list[int]:
    assert report.verdict is Verdict.CORRECT
    found = [f for f in report.findings if f.code == "GL802"]
    assert all(f.severity is Severity.NOTE for f in found)
    return [f.span.line for f in found]


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        pytest.param(NET, "sqrt(1 / 300) = 0.058 (Xavier)", id="tanh wants the scale of Xavier"),
        pytest.param(RELU, "sqrt(2 / 300) = 0.082 (He)", id="ReLU wants the scale of He"),
    ],
)
def test_the_scale_to_use_is_told_with_its_number(source: str, advice: str) -> None:
    (found,) = report_of(source).findings
    assert (found.code, found.span.line) == ("GL802", 4)
    assert "300 inputs" in found.message and "17 times" in found.message
    assert found.help is not None and advice in found.help


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("np.random.normal(size=(300, 8))", id="a normal distribution as it is"),
        pytest.param("np.random.normal(0, 1, (300, 8))", id="one that says what it is"),
        pytest.param("np.random.randn(300, 8).astype(np.float32)", id="a cast of the draw"),
    ],
)
def test_other_ways_to_draw_are_known(new: str) -> None:
    assert _wide(report_of(NET.replace("np.random.randn(300, 8)", new))) == [4]


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("0.01 * np.random.randn(300, 8)", id="a factor"),
        pytest.param("np.random.randn(300, 8) / np.sqrt(300)", id="the scale itself"),
        pytest.param("np.random.normal(0, 0.1, (300, 8))", id="a standard deviation"),
        pytest.param("np.random.normal(size=(300, 8), scale=0.1)", id="one by keyword"),
        pytest.param("np.random.uniform(-1, 1, (300, 8))", id="another distribution"),
        pytest.param("np.random.rand(300, 8) - 0.5", id="numbers between two bounds"),
    ],
)
def test_what_is_drawn_smaller_is_left_alone(new: str) -> None:
    assert _wide(report_of(NET.replace("np.random.randn(300, 8)", new))) == []


def test_a_narrow_layer_is_left_alone() -> None:
    assert _wide(report_of(NET.replace("300", "30"))) == []


def test_a_last_layer_without_an_activation_is_left_alone() -> None:
    swapped = (
        NET.replace("(300, 8)", "(30, 200)").replace("40, 300", "40, 30").replace("8, 2", "200, 2")
    )
    assert _wide(report_of(swapped)) == []
