"""Objects with a forward and a backward method: what comes back, and what they keep."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint import check_gradients

from .pairs import W, X, wrong


class Dense:
    def __init__(self, wrong_bias: bool = False) -> None:
        self.W, self.b = W.astype("f"), np.zeros(W.shape[1])
        self.wrong_bias = wrong_bias

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: Any) -> Any:
        self.dW = self.x.T @ dout
        self.db = dout.mean(axis=0) if self.wrong_bias else dout.sum(axis=0)
        return dout @ self.W.T


class Collected(Dense):
    """Keeps its parameters and gradients in dictionaries, and adds to the gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.params = {"W": self.W, "b": self.b}
        self.grads = {name: np.ones_like(value) for name, value in self.params.items()}

    def backward(self, dout: Any) -> Any:
        self.grads["W"] += self.x.T @ dout
        self.grads["b"] += dout.sum(axis=0)
        return dout @ self.params["W"].T


class Network:
    def __init__(self) -> None:
        self.layers = [Dense(), Dense()]
        self.layers[1].W = self.layers[1].W.T.copy()
        self.layers[1].b = np.zeros(3)

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backprop(self, grad: Any) -> Any:
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


class Parameter:
    def __init__(self, value: Any) -> None:
        self.value, self.grad = value, np.zeros_like(value)


class WithParameter:
    def __init__(self) -> None:
        self.weight = Parameter(W.copy())

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.weight.value

    def backward(self, dout: Any) -> Any:
        self.weight.grad = 2 * self.x.T @ dout
        return dout @ self.weight.value.T


def _names(check: Any) -> set[str]:
    return {one.name for one in check.inputs}


def test_a_layer_is_checked_with_the_gradients_that_it_keeps() -> None:
    assert _names(check_gradients(Dense(), X)) == {"x", "self.W", "self.b"}


def test_a_layer_that_was_used_before_is_checked_as_a_new_one() -> None:
    layer = Dense()
    layer.forward(2 * X)
    layer.backward(np.ones((5, 4)))
    assert _names(check_gradients(layer, X)) == {"x", "self.W", "self.b"}
    assert np.array_equal(layer.x, 2 * X)


def test_gradients_that_are_added_to_start_from_zero() -> None:
    assert {"self.params['W']", "self.params['b']"} <= _names(check_gradients(Collected(), X))


def test_the_layers_of_a_network_are_checked_too() -> None:
    assert "self.layers[0].W" in _names(check_gradients(Network(), X))


def test_a_wrong_gradient_that_is_kept_is_named_by_its_attribute() -> None:
    check = wrong(Dense(wrong_bias=True), X)
    assert [one.name for one in check.inputs if not one.is_right] == ["self.b"]
    assert "off by 1/N with N = 5" in (check["self.b"].likely or "")


def test_two_methods_of_one_object_are_that_object() -> None:
    layer = Dense(wrong_bias=True)
    assert not wrong(layer.forward, layer.backward, X)["self.b"].is_right


def test_an_object_of_a_value_and_its_gradient_is_a_parameter() -> None:
    check = wrong(WithParameter(), X)
    assert "factor 2" in (check["self.weight.value"].likely or "") and check["x"].is_right
