"""Layers whose forward pass returns nothing: it leaves its output on the object, beside its input."""

from __future__ import annotations

from gradlint.model import Verdict

from ..analysing import problems, report_of
from .judging import NUMPY, assert_right

LAYERS = (
    NUMPY
    + """

class Rectifier:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(inputs, 0)

    def backward(self, dvalues):
        self.dinputs = dvalues.copy()
        self.dinputs[self.inputs <= 0] = 0


class Tanh:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.tanh(inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues * (1 - self.output ** 2)


class Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases, self.dinputs = np.sum(dvalues, axis=0, keepdims=True), np.dot(dvalues, self.weights.T)
"""
)


def test_what_a_layer_is_given_and_keeps_is_not_its_output() -> None:
    assert_right(LAYERS, "inputs", "self.weights", "self.biases")


def test_a_slip_in_a_layer_that_keeps_its_output_is_found() -> None:
    wrong = report_of(LAYERS.replace("1 - self.output ** 2", "1 - self.output"))
    assert problems(wrong) == [("GL105", 20)]


PENALISED = (
    NUMPY
    + """

class Dense:
    def __init__(self, n_inputs, n_neurons, weight_regularizer_l1=0,
                 bias_regularizer_l1=0, bias_regularizer_l2=0.):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))
        self.weight_regularizer_l1 = weight_regularizer_l1
        self.bias_regularizer_l1 = bias_regularizer_l1
        self.bias_regularizer_l2 = bias_regularizer_l2

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        if self.weight_regularizer_l1 > 0:
            slope = np.ones_like(self.weights)
            slope[self.weights < 0] = -1
            self.dweights += self.weight_regularizer_l1 * slope
        if self.bias_regularizer_l1 > 0:
            slope = np.ones_like(self.biases)
            slope[self.biases < 0] = -1
            self.dbiases += self.bias_regularizer_l1 * slope
        if self.bias_regularizer_l2 > 0:
            self.dbiases += 2 * self.bias_regularizer_l2 * self.biases
        self.dinputs = np.dot(dvalues, self.weights.T)
"""
)


def test_a_penalty_on_biases_that_start_at_zero_is_no_mistake() -> None:
    found = report_of(PENALISED)
    assert problems(found) == [] and found.verdict is Verdict.UNVERIFIED
    assert "is right without" in (found.reason or "")
    assert problems(report_of(PENALISED.replace("self.weights.T)", "self.weights.T) / 2")))
