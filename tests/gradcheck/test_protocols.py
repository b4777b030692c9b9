"""Right backward passes, however they are called: nothing may be said against them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradlint import Agreement, check_gradients

from .pairs import (
    IDS,
    TABLE,
    B,
    W,
    X,
    affine,
    affine_backward,
    mse,
    norm,
    norm_backward,
    relu,
    rows,
    rows_backward,
    sigmoid,
    softmax,
)


def _loss_and_gradient(x: Any, target: Any) -> Any:
    return np.sum((x - target) ** 2), 2 * (x - target)


def _two_outputs(x: Any) -> Any:
    return np.sin(x), np.cos(x), x


RIGHT = {
    "output and cache": (affine, affine_backward, X, W, B),
    "cache first": (affine, lambda cache, dout: affine_backward(dout, cache), X, W, B),
    "no cache but the inputs": (
        lambda x, w: x @ w,
        lambda dout, x, w: (dout @ w.T, x.T @ dout),
        X,
        W,
    ),
    "inputs before the gradient": (
        lambda x, w: x @ w,
        lambda x, w, dout: (dout @ w.T, x.T @ dout),
        X,
        W,
    ),
    "an array as the cache": (relu, lambda dout, x: dout * (x > 0), X),
    "the output as the cache": (sigmoid, lambda dout, out: dout * out * (1 - out), X),
    "softmax of its output": (
        softmax,
        lambda d, s: s * (d - (d * s).sum(axis=1, keepdims=True)),
        X,
    ),
    "a slope of the input": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z)), X),
    "a slope of the output": (sigmoid, lambda a: a * (1 - a), X),
    "a normalisation": (norm, norm_backward, X, np.array([0.5, 2.0, -1.0])),
    "a loss of two inputs": (
        mse,
        lambda prediction, target: 2 * (prediction - target) / X.size,
        X,
        -X,
    ),
    "a loss that takes a gradient": (
        lambda x: np.sum(x**2),
        lambda dout: 2 * X * dout,
        X,
    ),
    "a loss with its own gradient": (_loss_and_gradient, None, X, 2 * X + 1),
    "two outputs": (
        _two_outputs,
        lambda ds, dc, x: ds * np.cos(x) - dc * np.sin(x),
        X,
    ),
    "integers are no inputs": (rows, rows_backward, TABLE, IDS),
    "None for an input": (affine, lambda d, c: (None, c[0].T @ d, d.sum(0)), X, W, B),
    "a dictionary by name": (
        affine,
        lambda d, c: {"dx": d @ c[1].T, "dw": c[0].T @ d, "db": d.sum(0)},
        X,
        W,
        B,
    ),
    "plain numbers": (
        lambda a: sum(v * v for v in a),
        lambda a: [2 * v for v in a],
        [1.5, -2.0, 3.0],
    ),
    "a single number": (lambda v: v**3, lambda v: 3 * v**2, 1.7),
    "single precision": (affine, affine_backward, X.astype("f"), W.astype("f"), B.astype("f")),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_backward_pass_is_found_right(name: str) -> None:
    check = check_gradients(*RIGHT[name])
    assert check.is_right
    assert any(one.agreement is Agreement.EQUAL and one.compared for one in check.inputs)


def test_settings_go_by_keyword_to_both() -> None:
    def forward(x: Any, w: Any, scale: float = 1.0) -> Any:
        return scale * (x @ w), (x, w)

    def backward(dout: Any, cache: Any, scale: float = 1.0) -> Any:
        return scale * dout @ cache[1].T, scale * cache[0].T @ dout

    assert [one.name for one in check_gradients(forward, backward, X, W, scale=3.0).inputs] == [
        "x",
        "w",
    ]


def test_arrays_may_come_by_keyword() -> None:
    check = check_gradients(affine, affine_backward, X, w=W, b=B)
    assert [one.name for one in check.inputs] == ["x", "w", "b"]


def test_parameters_in_a_dictionary_are_checked_one_by_one() -> None:
    def forward(x: Any, params: Any) -> Any:
        return np.tanh(x @ params["W1"]) @ params["W2"], (x, params)

    def backward(dout: Any, cache: Any) -> Any:
        x, params = cache
        h = np.tanh(x @ params["W1"])
        d = dout @ params["W2"].T * (1 - h**2)
        return d @ params["W1"].T, {"W2": h.T @ dout, "W1": x.T @ d}

    check = check_gradients(forward, backward, X, {"W1": W, "W2": W.T})
    assert {one.name for one in check.inputs} == {"x", "params['W1']", "params['W2']"}


def test_dropout_draws_the_same_mask_each_time() -> None:
    def forward(x: Any) -> Any:
        mask = (np.random.rand(*x.shape) < 0.6) / 0.6
        return x * mask, mask

    state: Any = np.random.get_state()
    assert check_gradients(forward, lambda dout, mask: dout * mask, X).is_right
    after: Any = np.random.get_state()
    assert np.array_equal(state[1], after[1])


def test_inputs_are_not_changed_by_passes_that_work_in_place() -> None:
    def forward(x: Any) -> Any:
        x *= 2
        return x

    before = X.copy()
    assert check_gradients(forward, lambda dout: 2 * dout, X).is_right
    assert np.array_equal(X, before)
