"""What the script itself calls, outside of a training loop, is held at the arguments that it gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from gradlint.analysis import numbered_subjects
from gradlint.harness.job import Job, job_of, shown_job
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

rng = np.random.default_rng(1)
x, w, b, dout = (rng.normal(size=s) for s in ((10, 2, 3), (6, 5), (5,), (10, 5)))
"""
PLAIN = """
out, cache = affine_forward(x, w, b)
dx, dw, db = affine_backward(dout, cache)
print(dx.shape)
"""
IN_MAIN = """
def main():
    out, cache = affine_forward(x, w, b)
    return affine_backward(dout, cache)

if __name__ == "__main__":
    main()
"""
TWICE = """
for n in (2, 3, 4):
    out, cache = affine_forward(x[:n], w, b)
    affine_backward(
        dout[:n], cache)
"""
CHECKED_BEFORE = """
out, cache = affine_forward(x, w, b)
slopes = np.zeros_like(w)
for i in range(3):
    for sign in (1, -1):
        w[0, i] += sign * 1e-5
        slopes[0, i] += sign * (affine_forward(x, w, b)[0] * dout).sum() / 2e-5
        w[0, i] -= sign * 1e-5
dx, dw, db = affine_backward(dout, cache)
"""
LAYER = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.01
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return np.tanh(x @ self.W + self.b)

    def backward(self, grad):
        grad = grad * (1 - np.tanh(self.x @ self.W + self.b) ** 2)
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T

layer = Dense(7, 4)
layer.W += 0.5
seen = layer.forward(np.random.randn(9, 7))
grad = layer.backward(np.ones_like(seen))
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

drop = Dropout(0.7)
drop.forward(np.random.randn(5, 4))
drop.backward(np.random.randn(5, 4))
"""
LOSS = """
import numpy as np

def softmax_loss(W, X, y, reg=0.0):
    scores = X @ W
    scores = scores - scores.max(axis=1, keepdims=True)
    probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(len(y)), y]).mean() + reg * np.sum(W * W)
    dscores = probs.copy()
    dscores[np.arange(len(y)), y] -= 1
    dW = X.T @ dscores / len(y) + 2 * reg * W
    return loss, dW

loss, grad = softmax_loss(np.random.randn(8, 3), np.random.randn(20, 8), np.arange(20) % 3, reg=0.7)
"""
TORCH = """
import torch

def linear_forward(x, w):
    out = torch.sigmoid(x.mm(w))
    return out, (x, w, out)

def linear_backward(dout, cache):
    x, w, out = cache
    dz = dout * out * (1 - out)
    return dz.mm(w.t()), x.t().mm(dz)

x, w = torch.randn(4, 3, dtype=DTYPE), torch.randn(3, 2, dtype=DTYPE, requires_grad=True)
with torch.no_grad():
    out, cache = linear_forward(x, w)
    dx, dw = linear_backward(torch.ones_like(out), cache)
"""
NETWORK = """
import numpy as np

class Network:
    def __init__(self, n_in, n_hidden):
        self.params = {"W1": np.random.randn(n_in, n_hidden), "W2": np.random.randn(n_hidden, 1)}

    def train_step(self, X, y):
        W1, W2 = self.params["W1"], self.params["W2"]
        hidden = np.maximum(X @ W1, 0)
        scores = hidden @ W2
        loss = np.mean((scores - y) ** 2)
        grads = {}
        dscores = 2 * (scores - y) / y.size
        grads["W2"] = hidden.T @ dscores
        dhidden = dscores @ W2.T
        dhidden[hidden <= 0] = 0
        grads["W1"] = X.T @ dhidden
        return loss, grads

if __name__ == "__main__":
    network = Network(5, 8)
    X, y = np.random.randn(11, 5), np.random.randn(11, 1)
    loss, grads = network.train_step(X, y)
"""
COURSE = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def forward_propagation(X, parameters):
    A1 = np.tanh(parameters["W1"] @ X)
    A2 = sigmoid(parameters["W2"] @ A1)
    return A2, {"A1": A1, "A2": A2}

def compute_cost(A2, Y):
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1]

def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dW2 = dZ2 @ cache["A1"].T / m
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    return {"dW1": dZ1 @ X.T / m, "dW2": dW2}

X = np.random.randn(3, 20)
Y = (X[:1] > 0).astype(float)
parameters = {"W1": np.random.randn(4, 3), "W2": np.random.randn(1, 4)}
A2, cache = forward_propagation(X, parameters)
grads = backward_propagation(parameters, cache, X, Y)
"""
GRADES = """import numpy as np

data = np.loadtxt("grades.csv", delimiter=",")
X, y = data[:, :-1], data[:, -1]

def cost_and_gradient(theta, X, y):
    error = X @ theta - y
    cost = np.sum(error ** 2) / (2 * len(y))
    grad = X.T @ error / len(y)
    return cost, grad

cost, grad = cost_and_gradient(np.zeros(X.shape[1]), X, y)
"""
APPLIED = """
import torch

class Squash(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, power=1.0):
        y = torch.tanh(x.mm(w)) * power
        ctx.save_for_backward(x, w, y)
        ctx.power = power
        return y

    @staticmethod
    def backward(ctx, g):
        x, w, y = ctx.saved_tensors
        d = g * (1 - (y / ctx.power) ** 2) * ctx.power
        return d.mm(w.t()), x.t().mm(d), None

x, w = torch.randn(40, 7), torch.randn(7, 5, requires_grad=True)
for i in range(20):
    loss = Squash.apply(x, w, 3.0).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad.zero_()
"""
ENGINE = """
import math

class Value:
    def __init__(self, data, children=()):
        self.data, self.grad, self.children = data, 0.0, children
        self._backward = lambda: None

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))
        def _backward():
            self.grad += (1 - t ** 2) * out.grad
        out._backward = _backward
        return out

    def backward(self):
        order = []
        def visit(v):
            if v not in order:
                for child in v.children:
                    visit(child)
                order.append(v)
        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v._backward()

a = Value(0.3)
for step in range(3):
    a = a * Value(-1.5)
a.tanh().backward()
"""
STATIC = """
import numpy as np

class Fit:
    @staticmethod
    def loss_and_gradient(w, x, y):
        error = x @ w - y
        loss = np.sum(error ** 2)
        grad = 2 * x.T @ error
        return loss, grad

loss, grad = Fit.loss_and_gradient(np.random.randn(3), np.random.randn(6, 3), np.random.randn(6))
"""
TRAINING = (
    AFFINE
    + """
def check():
    out, cache = affine_forward(x, w, b)
    return affine_backward(dout, cache)

eval("check()")  # which no walk can see
data, target = rng.normal(size=(20, 3)), rng.normal(size=20)
v = np.zeros(3)
for step in range(50):
    error = data @ v - target
    loss = np.mean(error ** 2)
    grad_v = 2 * data.T @ error / len(error)
    v -= 0.1 * grad_v
"""
)
OWN = [
    pytest.param(AFFINE + PLAIN, [("affine_backward", 19)], 3, id="a pair called at the top level"),
    pytest.param(AFFINE + IN_MAIN, [("affine_backward", 20)], 3, id="a pair called in a function"),
    pytest.param(AFFINE + TWICE, [("affine_backward", 20)] * 2, 3, id="the first calls of several"),
    pytest.param(AFFINE + CHECKED_BEFORE, [("affine_backward", 25)], 3, id="numerical slopes in between"),
    pytest.param(LAYER, [("backward", 22)], 3, id="an object whose weights were changed since"),
    pytest.param(DROPOUT, [("backward", 17)], 1, id="a mask that the script drew"),
    pytest.param(LOSS, [("softmax_loss", 14)], 1, id="a loss with labels and another option"),
    pytest.param(TORCH.replace("DTYPE", "torch.float32"), [("linear_backward", 16)], 2, id="tensors"),
    pytest.param(TORCH.replace("DTYPE", "torch.bfloat16"), [("linear_backward", 16)], 2, id="half precision"),
    pytest.param(NETWORK, [("train_step", 24)], 2, id="an object with parameters in a dictionary"),
    pytest.param(COURSE, [("backward_propagation", 26)], 2, id="a target beside a cache"),
    pytest.param(APPLIED, [("Squash.apply", 20)] * 2, 2, id="a function of torch's, with an option"),
    pytest.param(STATIC, [("loss_and_gradient", 12)], 1, id="a static method"),
    pytest.param(TRAINING, [("affine_backward", 20)], 4, id="a training loop beside it"),
]  # fmt: skip


@pytest.mark.parametrize("source, own, count", OWN)
def test_the_witnesses_see_what_the_script_called(
    sent: Send, tmp_path: Path, source: str, own: list[tuple[str, int]], count: int
) -> None:
    result = _run(sent, tmp_path, source)
    assert (result.status, result.called, result.detail) == ("ok", 1, None)
    assert [(call.name, call.line) for call in result.own] == own
    said = [(w.autograd.value, w.finite_difference.value, w.detail) for w in result.witnesses]
    assert said == [("equal", "equal", None)] * count


def test_operators_are_called_with_the_values_that_the_script_gives_them(
    sent: Send, tmp_path: Path
) -> None:
    result = _run(sent, tmp_path, ENGINE)
    assert [(call.name, call.line) for call in result.own] == [
        ("Value.__mul__", 39), ("Value.__mul__", 39), ("Value.tanh", 40)
    ]  # fmt: skip
    assert {w.autograd.value for w in result.witnesses} == {"equal"}
    wrong = _run(sent, tmp_path, ENGINE.replace("(1 - t ** 2)", "(1 - t)"))
    assert [w.autograd.value for w in wrong.witnesses] == ["equal", "equal", "different"]


def test_what_cannot_be_copied_is_not_heard_and_ends_nothing(sent: Send, tmp_path: Path) -> None:
    lazy = APPLIED.replace("power=1.0", "power=None").replace("* power", "* power()")
    lazy = lazy.replace("ctx.power = power", "ctx.power = power()").replace("3.0)", "lambda: 3.0)")
    result = _run(sent, tmp_path, lazy)
    assert result.own == ()


def test_a_mistake_is_seen_at_the_arguments_that_the_script_gives(
    sent: Send, tmp_path: Path
) -> None:
    wrong = AFFINE.replace("x.shape[0], -1).T @ dout", "x.shape[0], -1).T @ (dout * 2)")
    result = _run(sent, tmp_path, wrong + PLAIN)
    assert len(result.own) == 1
    assert {w.place: w.autograd.value for w in result.witnesses} == {
        "x": "equal",
        "w": "scaled",
        "b": "equal",
    }


UNSEEN = "the script's own calls were not seen: "
UNHEARD = [
    pytest.param("open('w.bin')", UNSEEN + "FileNotFoundError", id="a script that fails before"),
    pytest.param(
        "while True: pass", UNSEEN + "stopped after 1 s (line 17)", id="one that never gets there"
    ),
]


@pytest.mark.parametrize("before, detail", UNHEARD)
def test_made_inputs_stand_in_and_it_is_said_why(
    sent: Send, tmp_path: Path, before: str, detail: str
) -> None:
    result = _run(sent, tmp_path, AFFINE + before + PLAIN, limit=1.0)
    assert (result.status, result.called, result.own) == ("ok", 1, ())
    assert str(result.detail).startswith(detail)
    assert {w.autograd.value for w in result.witnesses} == {"equal"}


def test_a_cache_that_is_not_that_of_the_forward_pass_is_not_held(
    sent: Send, tmp_path: Path
) -> None:
    other = PLAIN.replace("(dout, cache)", "(dout, (x, w * 2, b))")
    result = _run(sent, tmp_path, AFFINE + other)
    assert (result.called, result.own) == (1, ())
    assert result.detail == (
        "the call of affine_backward in line 19 could not be held: the script calls it with other things "
        "than the analysis does"
    )


@pytest.mark.parametrize("stub_data", [False, True], ids=["offered", "made"])
def test_data_that_are_not_there_are_made_for_a_script_that_only_shows(
    sent: Send, tmp_path: Path, stub_data: bool
) -> None:
    module = read_script(GRADES, str(tmp_path / "script.py")).module
    (tmp_path / "script.py").write_text(GRADES, encoding="utf-8")
    shown, *driven = numbered_subjects(module)
    jobs = [
        job_of(one.case, one.judgement.spec, first=one.first, stub_data=stub_data)
        for one in driven if one.judgement is not None
    ]  # fmt: skip
    result = sent([*jobs, shown_job(module, shown.case.facts, stub_data=stub_data)])
    assert {w.autograd.value for w in result.witnesses} == {"equal"}
    if stub_data:
        assert [call.name for call in result.own] == ["cost_and_gradient"]
        assert str(result.detail).startswith("ran on made data: ")
    else:
        assert result.own == ()
        assert str(result.detail).endswith(
            "grades.csv not found (line 3); --stub-data runs the script on made data"
        )


def test_a_script_that_only_defines_is_not_run(sent: Send, tmp_path: Path) -> None:
    functions = AFFINE[: AFFINE.index("rng =")]
    result = _run(sent, tmp_path, functions)
    assert (result.called, result.own, result.detail) == (1, (), None)


def _run(sent: Send, tmp_path: Path, source: str, limit: float = 20.0) -> RunResult:
    path = tmp_path / "script.py"
    path.write_text(dedent(source), encoding="utf-8")
    subjects = numbered_subjects(read_script(dedent(source), str(path)).module)
    judged = [(one, one.judgement) for one in subjects if one.judgement is not None]
    return sent([job_of(s.case, j.spec, first=s.first, limit=limit) for s, j in judged])
