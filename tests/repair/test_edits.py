"""Each family of edits finds the mistake it is for: code, line and the text of the fix."""

from __future__ import annotations

import pytest

from ..analysing import errors, line_of, mended, problems, report_of
from .scripts import NUMPY, TORCH, assert_mended


@pytest.mark.parametrize(
    ("right", "good", "bad", "codes", "fixed"),
    [
        pytest.param(NUMPY, "dw2 = a1.T @ d2", "dw2 = z1.T @ d2", "GL101|GL106", "a1.T",
                     id="names: the layer before its activation in a weight gradient"),
        pytest.param(NUMPY, "d3 = 2 * (out - Y) / N", "d3 = 2 * (Y - out) / N", "GL102", "out - Y",
                     id="signs: the difference turned round"),
        pytest.param(TORCH, "grad_h = grad_a * a * (1 - a)", "grad_h = -grad_a * a * (1 - a)", "GL102",
                     "grad_a * a", id="signs: a stray minus on one layer"),
        pytest.param(TORCH, "a * (1 - a)", "a * (1 + a)", "GL102|GL105", "(1 - a)",
                     id="signs: a plus inside the slope"),
        pytest.param(NUMPY, "dw3 = a2.T @ d3", "dw3 = a2.T @ d3 / N", "GL103", "a2.T @ d3",
                     id="numbers: one gradient divided by the size twice"),
        pytest.param(NUMPY, "dw2 = a1.T @ d2", "dw2 = 2 * a1.T @ d2", "GL113", "a1.T @ d2",
                     id="numbers: a stray two on one gradient"),
        pytest.param(NUMPY, "db1 = np.sum(", "db1 = np.mean(", "GL103", "np.sum(",
                     id="numbers: a mean for a sum"),
        pytest.param(NUMPY, "d2 = d3 @ w3.T * (1 - a2 ** 2)", "d2 = d3 @ w3.T", "GL104", "a2",
                     id="activations: the slope of tanh is missing"),
        pytest.param(NUMPY, "(1 - a2 ** 2)", "(1 - a2)", "GL105", "1 - a2 ** 2",
                     id="activations: the square in the slope of tanh is missing"),
        pytest.param(NUMPY, "(1 - a2 ** 2)", "(a2 * (1 - a2))", "GL105", "1 - a2 ** 2",
                     id="activations: the slope of a sigmoid for that of tanh"),
        pytest.param(NUMPY, "(1 - a2 ** 2)", "(1 - z2 ** 2)", "GL106", "a2",
                     id="activations: the slope taken before the activation"),
        pytest.param(NUMPY, "d1[z1 < 0] = 0", "d1[z1 > 0] = 0", "GL111", "z1 <",
                     id="masks: the mask is inverted"),
        pytest.param(NUMPY, "db3 = np.sum(d3, axis=0, keepdims=True)", "db3 = np.sum(d3)", "GL107",
                     "axis=0", id="reductions: the sum goes over all axes"),
        pytest.param(NUMPY, "b2 -= lr * db2", "b2 += lr * db2", "GL301", "b2 -=",
                     id="updates: one step climbs"),
        pytest.param(TORCH, "grad_y.mm(w2.t())", "grad_y.mm(w2.t()) * 0.5", "GL113", "mm(w2.t())",
                     id="numbers: half of what comes back"),
    ],
)  # fmt: skip
def test_the_mistake_is_found_and_mended(
    right: str, good: str, bad: str, codes: str, fixed: str | None
) -> None:
    assert_mended(right, good, bad, codes, fixed)


def test_the_scripts_are_right_before_they_are_spoiled() -> None:
    for right in (NUMPY, TORCH):
        assert (report_of(right).verdict.value, problems(report_of(right))) == ("correct", [])


@pytest.mark.parametrize(
    ("text", "line", "code", "fixed"),
    [
        pytest.param(NUMPY.replace("    d1[z1 < 0] = 0\n", ""), "d1 = d2", "GL111", "> 0",
                     id="the mask of the ReLU is missing"),
        pytest.param(NUMPY.replace("d1[z1 < 0]", "d1[d1 < 0]"), "d1[d1", "GL111", "1 <",
                     id="the mask is taken of the gradient itself"),
        pytest.param(TORCH.replace("    w1 -= lr * grad_w1\n", "")
                     .replace("    grad_a =", "    w2 -= lr * grad_w2\n    grad_a =")
                     .replace("mm(grad_h)\n    w2 -= lr * grad_w2\n",
                              "mm(grad_h)\n    w1 -= lr * grad_w1\n"),
                     "w2 -= lr", "GL302", "", id="a weight is stepped before it carries the error back"),
        pytest.param(NUMPY.replace("-= lr", "+= lr"), "w3 += lr", "GL301", "w3 -=",
                     id="all steps climb"),
    ],
)  # fmt: skip
def test_a_mistake_of_a_whole_line_is_found_and_mended(
    text: str, line: str, code: str, fixed: str
) -> None:
    report = report_of(text)
    assert (code, line_of(text, line)) in errors(report)
    assert {found for found, _ in errors(report)} == {code}
    after = mended(report)
    assert fixed in after and problems(report_of(after)) == []
