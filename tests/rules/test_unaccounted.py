"""What was never held against anything keeps the rest from being called correct."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import report_of

_DENSE = """
import numpy as np
import someone

class Dense:
    def __init__(self, n_in, n_out):
        self.weights = np.random.randn(n_in, n_out) * 0.1
        self.bias = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.weights + self.bias

    def backward(self, dout):
        {body}
        return dout @ self.weights.T
"""
_UNCHECKED = {
    "handed to an optimiser that is not there": (
        "dW = {product}\n        self.opt.step(self.weights, dW)",
        "dW",
    ),
    "made by a library that is not known": (
        "self.dW = someone.contract({product})",
        "self.dW could not be followed",
    ),
}
_CHECKED = {
    "kept": "self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)",
    "stepped along": "dx, dW = dout @ self.weights.T, self.x.T @ dout\n"
    "        self.weights -= 0.1 * dW\n        return dx",
    "kept with what came in, reshaped": "self.dout = dout.reshape(-1)\n        self.dW = self.x.T @ dout",
}


@pytest.mark.parametrize("case", _UNCHECKED)
@pytest.mark.parametrize("product", ["self.x.T @ dout", "2 * self.x.T @ dout"])
def test_a_gradient_that_nobody_looked_at_is_told_of(case: str, product: str) -> None:
    body, told = _UNCHECKED[case]
    found = report_of(_DENSE.format(body=body.format(product=product)))
    assert found.verdict is Verdict.UNVERIFIED
    assert told in (found.reason or "")


@pytest.mark.parametrize("case", _CHECKED)
def test_what_is_held_against_the_truth_is_correct(case: str) -> None:
    found = report_of(_DENSE.format(body=_CHECKED[case]))
    assert found.verdict is Verdict.CORRECT, found.reason


_SLOPES = """
import numpy as np
from absent import softmax

def mse_loss(out, y):
    return np.sum((out - y) ** 2) / len(y)

def grad_mse_loss(out, y):
    return 2 * (out - y) / len(y)
"""
_OF_ABSENT = """
def entropy_loss(out, y):
    return -np.sum(y * np.log(softmax(out, y))) / len(y)

def {name}(out, y):
    out = out + softmax(out, y)
    return (out - y) / len(y)
"""


def test_a_derivative_that_could_not_be_judged_is_named() -> None:
    found = report_of(_SLOPES + _OF_ABSENT.format(name="grad_entropy_loss"))
    assert found.verdict is Verdict.UNVERIFIED
    assert "grad_entropy_loss() could not be judged" in (found.reason or "")


@pytest.mark.parametrize("name", ["plot_entropy", "check_gradients", "gradual"])
def test_other_functions_are_not_taken_for_derivatives(name: str) -> None:
    assert report_of(_SLOPES + _OF_ABSENT.format(name=name)).verdict is Verdict.CORRECT


_NETWORK = """
class Model:
    def __init__(self, layers=[]):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = {back}
        return grad
"""


@pytest.mark.parametrize(
    ("back", "verdict"),
    [("layer.backward(grad)", Verdict.CORRECT), ("-layer.backward(grad)", Verdict.WRONG)],
)
def test_a_network_is_tried_with_layers_where_it_is_made_without(
    back: str, verdict: Verdict
) -> None:
    assert report_of(_NETWORK.format(back=back)).verdict is verdict


_LISTS = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 2))
w = [rng.normal(size=(4, 5)), rng.normal(size=(5, 2))]
b = [np.zeros(5), np.zeros(2)]
for epoch in range(20):
    h = np.tanh(x @ w[0] + b[0])
    error = h @ w[1] + b[1] - y
    loss = 0.5 * np.sum(error ** 2)
    delta = error @ w[1].T * (1 - h ** 2)
    grad_w, grad_b = [x.T @ delta, h.T @ error], [delta.sum(axis=0), error.sum(axis=0)]
    w = [one - 0.01 * grad for one, grad in zip(w, grad_w)]
    b = [{old} - 0.01 * grad for one, grad in zip(b, grad_b)]
"""


def test_a_step_that_makes_nonsense_of_a_parameter_is_not_passed_over() -> None:
    assert report_of(_LISTS.format(old="one")).verdict is Verdict.CORRECT
    found = report_of(_LISTS.format(old="grad_b"))
    assert found.verdict is Verdict.UNVERIFIED
    assert "the step of b[0] could not be followed" in (found.reason or "")


def test_a_gradient_that_a_layer_has_a_place_for_and_never_computes_is_told_of() -> None:
    empty = _DENSE.replace("n_out)\n\n", "n_out)\n        self.dweights = None\n\n", 1)
    assert "self.dweights = None" in empty
    found = report_of(empty.format(body="self.dbias = dout.sum(axis=0)"))
    assert found.verdict is Verdict.UNVERIFIED
    assert "self.dweights, the gradient of self.weights, is not computed" in (found.reason or "")
    both = "self.dbias, self.dweights = dout.sum(axis=0), self.x.T @ dout"
    assert report_of(empty.format(body=both)).verdict is Verdict.CORRECT


_FLAGGED = """
import numpy as np
import someone

def tanh(x, deriv=False):
    if deriv:
        return 1 - np.tanh(x) ** 2
    return np.tanh(x)

def cost(p, names, deriv=False):
    if deriv:
        {derivative}
    return len(names) - someone.measure(p)
"""


def test_a_derivative_behind_a_flag_that_could_not_be_judged_is_told_of() -> None:
    found = report_of(_FLAGGED.format(derivative="return p - 1"))
    assert found.verdict is Verdict.UNVERIFIED
    assert "cost(deriv=True) could not be judged" in (found.reason or "")
    none = report_of(_FLAGGED.format(derivative="raise NotImplementedError"))
    assert none.verdict is Verdict.CORRECT
