"""Layers whose forward pass returns nothing: it leaves its output on the object, beside its input."""

from __future__ import annotations

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
