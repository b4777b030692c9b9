"""Activations and their derivatives, taken of the input or of the output."""

from __future__ import annotations

import pytest

from ..analysing import report_of
from .judging import NUMPY, assert_right, assert_silent, assert_wrong

SIGMOID = (
    NUMPY
    + """
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

"""
)


@pytest.mark.parametrize(
    "name",
    ["sigmoid_prime", "sigmoid_derivative", "d_sigmoid", "dsigmoid", "sigmoid_grad", "grad_sigmoid",
     "derivative_of_sigmoid", "sigmoidPrime", "sigmoid_to_derivative"],
)  # fmt: skip
def test_a_derivative_is_found_by_its_name(name: str) -> None:
    text = SIGMOID + f"def {name}(z):\n    return sigmoid(z) * (1 - sigmoid(z))\n"
    assert_right(text, "z")
    assert_wrong(text.replace("(1 - ", "(1 + "), "return sigmoid(z) *", "GL102", "GL105", "GL114")


@pytest.mark.parametrize("parameter", ["y", "a", "output", "x", "z"])
def test_a_derivative_of_the_output_is_right_whatever_its_parameter_is_called(
    parameter: str,
) -> None:
    body = f"    return {parameter} * (1 - {parameter})\n"
    assert_right(SIGMOID + f"def sigmoid_prime({parameter}):\n{body}", "z")


@pytest.mark.parametrize("flag", ["deriv", "derivative", "prime"])
def test_one_function_with_a_flag_gives_both(flag: str) -> None:
    text = (
        NUMPY
        + f"""
def tanh(x, {flag}=False):
    if {flag}:
        return 1 - x ** 2
    return np.tanh(x)
"""
    )
    assert_right(text, "x")
    assert_wrong(text.replace("x ** 2", "x * 2"), "return 1 - x", "GL105", "GL114")


def test_a_derivative_of_integers_is_a_derivative() -> None:
    text = (
        NUMPY
        + """
def relu(x):
    return np.maximum(0, x)

def relu_derivative(x):
    return np.where({mask}, 1, 0)
"""
    )
    assert_right(text.format(mask="x > 0"), "x")
    assert_wrong(text.format(mask="x < 0"), "return np.where", "GL111", "GL114")


def test_a_pair_of_helpers_is_judged_once() -> None:
    text = (
        NUMPY
        + """
def softplus(x):
    return np.log(1 + np.exp(x))

def grad_softplus(x):
    return 1 / (1 + np.exp(-x))
"""
    )
    assert len(report_of(text).gradients) == 1
    assert_right(text, "x")


def test_a_softmax_has_no_slope_of_its_own() -> None:
    text = (
        NUMPY
        + """
def softmax(x):
    e = np.exp(x)
    return e / e.sum()

def softmax_derivative(x):
    return softmax(x) * (1 - softmax(x))
"""
    )
    assert report_of(text).verdict.value != "correct"
    assert "error" not in {finding.severity.value for finding in report_of(text).findings}


def test_names_that_only_sound_like_derivatives_are_left_alone() -> None:
    assert_silent(NUMPY + "def add(x):\n    return x + 1\n\n\ndef added(x):\n    return x - 1\n")
    assert_silent(NUMPY + "def grade(x):\n    return x * 2\n\n\ndef plot(x):\n    return x\n")


ACTIVATION_CLASS = (
    NUMPY
    + """
class Tanh:
    def __call__(self, x):
        return np.tanh(x)

    def gradient(self, x):
        return 1 - {tanh} ** 2
"""
)


def test_the_slope_of_an_activation_class_is_held_against_its_value() -> None:
    assert_right(ACTIVATION_CLASS.format(tanh="np.tanh(x)"), "x")
    assert_right(ACTIVATION_CLASS.format(tanh="x"), "x")  # of the output


def test_a_wrong_slope_of_an_activation_class_is_found() -> None:
    found = report_of(ACTIVATION_CLASS.format(tanh="np.exp(x)"))
    assert found.verdict.value in ("wrong", "suspect")


JACOBIAN = (
    NUMPY
    + """

def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def softmax_prime(z):
    s = softmax(z).reshape(-1, 1)
    return np.diagflat(s) - np.dot(s, s.T)
"""
)
LOOPED = JACOBIAN[: JACOBIAN.index("    s = softmax")] + (
    """    s = softmax(z)
    D = np.zeros((z.shape[0], z.shape[0]))
    for i in range(z.shape[0]):
        for j in range(z.shape[0]):
            D[i, j] = s[i, 0] * (float(i == j) - s[j, 0])
    return D
"""
)


@pytest.mark.parametrize("text", [JACOBIAN, LOOPED], ids=["outer product", "two loops"])
def test_a_jacobian_is_the_derivative_of_a_softmax(text: str) -> None:
    assert_right(text, "z")


def test_a_wrong_jacobian_is_told() -> None:
    assert_wrong(JACOBIAN.replace("flat(s) -", "flat(s) +"), "np.diagflat(s) +", "GL102")


def test_the_diagonal_of_a_softmax_may_stand_for_its_derivative() -> None:
    """With a cross-entropy of the shares one by one it gives `p - y`: nothing is said."""
    assert_silent(
        JACOBIAN[: JACOBIAN.index("    s = softmax")]
        + "    s = softmax(z)\n    return s * (1 - s)\n"
    )


LEFT_OPEN = SIGMOID.replace("(z):", "(z, derivative=False):").replace(
    "    return",
    "    if derivative:\n        s = 1 / (1 + np.exp(-z))\n        return s * (1 - s)\n    return",
)


@pytest.mark.parametrize("nothing", ["pass", "raise NotImplementedError"])
def test_a_derivative_that_is_left_open_is_nothing_to_judge(nothing: str) -> None:
    text = (
        LEFT_OPEN
        + f"""
def softmax(z, derivative=False):
    if derivative:
        {nothing}
    else:
        return np.exp(z) / np.sum(np.exp(z))
"""
    )
    assert_right(text, "z")
    assert_wrong(text.replace("(1 - s)", "(1 + s)"), "return s *", "GL102", "GL105", "GL114")


def test_gradients_that_only_an_object_holds_stand_on_a_line() -> None:
    text = """\
    import numpy as np
    class Machine:
        def __init__(self, n, k):
            self.W = np.random.randn(n, k)
        def look(self, v):
            self.W_grad = v.T @ np.tanh(v @ self.W)
        def step(self, rate):
            self.W += rate * self.W_grad
    """
    report = report_of(text)
    assert all(row.line for row in report.gradients)
    assert "line 0" not in (report.reason or "")


@pytest.mark.parametrize(("returned", "verdict"), [("", "correct"), ("\n    return d", "wrong")])
def test_a_derivative_that_returns_nothing_is_nothing_to_judge(returned: str, verdict: str) -> None:
    text = f"def tanh_prime(z):\n    d = 1 + np.tanh(z) ** 2{returned}\n"
    tanh = "def tanh(z):\n    return np.tanh(z)\n"
    prime = "def sigmoid_prime(z):\n    return sigmoid(z) * (1 - sigmoid(z))\n"
    assert report_of(SIGMOID + prime + tanh + text).verdict.value == verdict
