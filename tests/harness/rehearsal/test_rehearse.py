"""What nothing in a script calls is called for real, and its gradients meet both witnesses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from gradlint.analysis import numbered_subjects
from gradlint.harness.job import Job, job_of
from gradlint.harness.result import RunResult
from gradlint.reading import read_script

Send = Callable[[list[Job]], RunResult]

AFFINE = """
    import numpy as np

    def affine_forward(x, w, b):
        out = x.reshape(x.shape[0], -1) @ w + b
        return out, (x, w, b)

    def affine_backward(dout, cache):
        x, w, b = cache
        dx = (dout @ w.T).reshape(x.shape)
        dw = x.reshape(x.shape[0], -1).T @ dout
        db = dout.sum(axis=0)
        return dx, dw, db
"""

COURSE = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def forward_propagation(X, parameters):
        Z1 = parameters["W1"] @ X + parameters["b1"]
        A1 = np.tanh(Z1)
        Z2 = parameters["W2"] @ A1 + parameters["b2"]
        A2 = sigmoid(Z2)
        return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}

    def backward_propagation(parameters, cache, X, Y):
        m = X.shape[1]
        dZ2 = cache["A2"] - Y
        dW2 = dZ2 @ cache["A1"].T / m
        db2 = np.sum(dZ2, axis=1, keepdims=True) / m
        dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
        dW1 = dZ1 @ X.T / m
        db1 = np.sum(dZ1, axis=1, keepdims=True) / m
        return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}

    def compute_cost(A2, Y):
        m = Y.shape[1]
        return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
"""

LAYER = """
    import numpy as np

    class Dense:
        def __init__(self, n_in=784, n_out=100):
            self.W = np.random.randn(n_in, n_out) * 0.01
            self.b = np.zeros(n_out)

        def forward(self, x):
            self.x = x
            return np.maximum(x @ self.W + self.b, 0)

        def backward(self, grad):
            grad = grad * (self.x @ self.W + self.b > 0)
            self.dW = self.x.T @ grad
            self.db = grad.sum(axis=0)
            return grad @ self.W.T
"""

DROPOUT = """
    import numpy as np

    class Dropout:
        def __init__(self, p=0.4):
            self.p = p

        def forward(self, x):
            self.mask = np.random.rand(*x.shape) > self.p
            return x * self.mask / (1 - self.p)

        def backward(self, grad):
            return grad * self.mask / (1 - self.p)
"""

TRAINER = """
    import numpy as np

    class LogisticRegression:
        def fit(self, X, y, rate=0.1, epochs=50):
            self.w = np.zeros(X.shape[1])
            self.b = 0.0
            for _ in range(epochs):
                p = 1 / (1 + np.exp(-(X @ self.w + self.b)))
                loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
                error = p - y
                dw = X.T @ error / len(y)
                db = np.mean(error)
                self.w -= rate * dw
                self.b -= rate * db
"""

FUNCTION = """
    import torch

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            y = torch.tanh(x @ w)
            ctx.save_for_backward(x, w, y)
            return y

        @staticmethod
        def backward(ctx, grad_output):
            x, w, y = ctx.saved_tensors
            grad = grad_output * (1 - y * y)
            return grad @ w.t(), x.t() @ grad
"""

TORCH = """
    import torch

    def linear_forward(x, w):
        out = x.mm(w)
        return out, (x, w)

    def linear_backward(dout, cache):
        x, w = cache
        dx = dout.mm(w.t())
        dw = x.t().mm(dout)
        return dx, dw
"""

SINGLE = """
    import numpy as np

    def softplus_forward(x):
        out = np.log1p(np.exp(x.astype(np.float32)))
        return out, x

    def softplus_backward(dout, x):
        return dout / (1 + np.exp(-x.astype(np.float32)))
"""

LISTS = """
import random
import numpy as np

def squash(z):
    return 1 / (1 + np.exp(-z))

class Network:
    def __init__(self, widths):
        self.biases = [np.random.randn(n, 1) for n in widths[1:]]
        self.weights = [np.random.randn(n, m) for m, n in zip(widths[:-1], widths[1:])]

    def train(self, samples, epochs, size, eta):
        for epoch in range(epochs):
            random.shuffle(samples)
            for k in range(0, len(samples), size):
                self.step(samples[k : k + size], eta)

    def step(self, batch, eta):
        sum_b = [np.zeros(b.shape) for b in self.biases]
        sum_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in batch:
            db, dw = self.gradients(x, y)
            sum_b = [s + d for s, d in zip(sum_b, db)]
            sum_w = [s + d for s, d in zip(sum_w, dw)]
        self.weights = [w - eta * s for w, s in zip(self.weights, sum_w)]
        self.biases = [b - eta * s for b, s in zip(self.biases, sum_b)]

    def gradients(self, x, y):
        hidden = squash(self.weights[0] @ x + self.biases[0])
        out = squash(self.weights[1] @ hidden + self.biases[1])
        delta = (out - y) * out * (1 - out)
        below = self.weights[1].T @ delta * hidden * (1 - hidden)
        return [below, delta], [below @ x.T, delta @ hidden.T]
"""
GIVEN_LAYERS = """
import numpy as np

class Chain:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad
"""
DECORATED = """
import functools
from dataclasses import dataclass
import numpy as np

@functools.lru_cache(maxsize=None)
def scale(n):
    return np.sqrt(n)

@dataclass
class Scaled:
    weight: np.ndarray

    def forward(self, x):
        self.x = x
        return x @ self.weight / scale(4)

    def backward(self, grad):
        self.grad_weight = self.x.T @ grad / scale(4)
        return grad @ self.weight.T / scale(4)
"""
LINE = """
import numpy as np

def fit(x, y, w, b, alpha=0.01, rounds=100):
    path = []
    for _ in range(rounds):
        dw = np.mean((w * x + b - y) * x)
        db = np.mean(w * x + b - y)
        w -= alpha * dw
        b -= alpha * db
        path.append([w, b])
    return path

def loss(x, y, w, b):
    return np.mean((x * w + b - y) ** 2) / 2
"""
RIGHT = [
    pytest.param(LINE, 2, id="a function that trains two numbers for a loss of its own"),
    pytest.param(AFFINE, 3, id="a pair of functions with a cache"),
    pytest.param(COURSE, 4, id="parameters in a dictionary that nobody made"),
    pytest.param(LAYER, 3, id="a layer whose sizes are large"),
    pytest.param(DROPOUT, 1, id="a mask that is drawn"),
    pytest.param(TRAINER, 2, id="a method that trains"),
    pytest.param(LISTS, 4, id="lists of parameters that samples are summed for"),
    pytest.param(GIVEN_LAYERS, 4, id="a network that is given its layers"),
    pytest.param(DECORATED, 2, id="functions and classes with decorators"),
    pytest.param(
        GIVEN_LAYERS.replace("self, layers)", "self, *layers)"),
        4,
        id="a network of any number of layers",
    ),
    pytest.param(FUNCTION, 2, id="a function of torch's autograd"),
    pytest.param(TORCH, 2, id="functions of tensors"),
    pytest.param(SINGLE, 1, id="single precision"),
]


@pytest.mark.parametrize("source, count", RIGHT)
def test_both_witnesses_agree_with_what_is_right(
    sent: Send, tmp_path: Path, source: str, count: int
) -> None:
    result = _run(sent, tmp_path, source)
    assert (result.status, result.called) == ("ok", 1)
    said = [(w.autograd.value, w.finite_difference.value, w.detail) for w in result.witnesses]
    assert said == [("equal", "equal", None)] * count


WRONG = [
    pytest.param(AFFINE, "dout @ w.T", "dout @ w.T * 2", {"x": "scaled", "w": "equal", "b": "equal"},
                 id="a factor in one of a pair's gradients"),
    pytest.param(
        COURSE, " * (1 - cache", " * (1 + cache",
        {"parameters['W1']": "different", "parameters['b1']": "different",
         "parameters['W2']": "equal", "parameters['b2']": "equal"}, id="a slope in a network of functions",
    ),
    pytest.param(LAYER, "self.x.T @ grad", "-self.x.T @ grad",
                 {"self.W": "opposite", "self.b": "equal", "x": "equal"}, id="a sign in a layer"),
    pytest.param(DROPOUT, "return grad * self.mask / (1 - self.p)", "return grad * self.mask",
                 {"x": "scaled"}, id="a mask that is not scaled"),
    pytest.param(TRAINER, "X.T @ error", "X.T @ (error * p)",
                 {"self.w": "different", "self.b": "equal"}, id="a factor in a training method"),
    pytest.param(FUNCTION, "(1 - y * y)", "(1 - y)", {"x": "different", "w": "different"},
                 id="a slope in a function of torch's autograd"),
    pytest.param(GIVEN_LAYERS, "grad = layer.backward(grad)", "layer.backward(grad)",
                 {"x": "different", "layers[0]": "different", "layers[1]": "different",
                  "layers[2]": "equal"}, id="a gradient that a network does not hand on"),
    pytest.param(SINGLE, "np.exp(-x", "np.exp(x", {"x": "different"}, id="a sign in single precision"),
]  # fmt: skip


@pytest.mark.parametrize("source, right, wrong, expected", WRONG)
def test_exactly_the_wrong_gradient_is_told(
    sent: Send, tmp_path: Path, source: str, right: str, wrong: str, expected: dict[str, str]
) -> None:
    assert right in source
    result = _run(sent, tmp_path, source.replace(right, wrong))
    assert {w.place: w.autograd.value for w in result.witnesses} == expected
    assert {w.place: w.finite_difference.value for w in result.witnesses} == expected


def test_a_function_that_fails_is_said_with_its_line(sent: Send, tmp_path: Path) -> None:
    broken = AFFINE.replace("db = dout.sum(axis=0)", "db = dout.sum(axis=0); undefined_name")
    result = _run(sent, tmp_path, broken)
    assert result.status == "failed"
    assert result.detail == "NameError: name 'undefined_name' is not defined (line 12)"


def test_a_gradient_that_is_handed_out_after_steps_is_not_held_against_the_first(
    sent: Send, tmp_path: Path
) -> None:
    source = (Path(__file__).parents[3] / "fixtures/uncalled_logistic_of_one_unit.py").read_text()
    found = [(w.autograd.value, w.detail) for w in _run(sent, tmp_path, source).witnesses]
    assert found[:4] == [("equal", None)] * 4  # what is returned by one call, then two steps
    assert (
        found[4:] == [("not-run", "it is handed out after more steps than the analysis makes")] * 2
    )


def test_the_training_of_the_script_is_left_alone(sent: Send, tmp_path: Path) -> None:
    guarded = "\n    raise SystemExit('never')\n"
    main = dedent(AFFINE) + "\nif __name__ == '__main__':" + guarded
    assert _run(sent, tmp_path, main).status == "ok"


def _run(sent: Send, tmp_path: Path, source: str) -> RunResult:
    path = tmp_path / "script.py"
    path.write_text(dedent(source), encoding="utf-8")
    subjects = numbered_subjects(read_script(dedent(source), str(path)).module)
    judged = [(one, one.judgement) for one in subjects if one.judgement is not None]
    return sent([job_of(s.case, j.spec, first=s.first, limit=20.0) for s, j in judged])
