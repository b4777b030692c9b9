"""Optimiser state in all the places where it is kept, and names that only borrow a parameter."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import problems, report_of, subject_of

SCRIPT = """
import numpy as np
from collections import defaultdict

class Optimiser:
    def __init__(self):
        {init}

    def update(self, params, grads):
        for key in params:
            {step}

X, y = np.random.randn(30, 3), np.random.randn(30, 2)
params = {{"w": np.zeros((3, 2)), "b": np.zeros(2)}}
optimiser = Optimiser()
for t in range(50):
    e = X @ params["w"] + params["b"] - y
    loss = 0.5 * np.sum(e ** 2)
    optimiser.update(params, {{"w": {sign}X.T @ e, "b": {sign}e.sum(axis=0)}})
"""
MOVE = "self.v[key] = 0.9 * self.v[key] - 0.01 * grads[key]; params[key] += self.v[key]"
KEPT = {
    "made where the key is missing": ("self.v = {}", f"""
            if key not in self.v:
                self.v[key] = np.zeros_like(params[key])
            {MOVE}""".strip()),
    "a default of get": (
        "self.v = {}",
        "self.v[key] = 0.9 * self.v.get(key, 0) - 0.01 * grads[key]; params[key] += self.v[key]",
    ),
    "a defaultdict": ("self.v = defaultdict(float)", MOVE),
    "made where nothing is yet": ("self.v = None", f"""
            if self.v is None:
                self.v = {{k: np.zeros_like(p) for k, p in params.items()}}
            {MOVE}""".strip()),
}  # fmt: skip


@pytest.mark.parametrize(("init", "step"), KEPT.values(), ids=KEPT.keys())
def test_state_that_the_first_step_makes_is_looked_through(init: str, step: str) -> None:
    assert report_of(SCRIPT.format(init=init, step=step, sign="")).verdict is Verdict.CORRECT
    assert report_of(SCRIPT.format(init=init, step=step, sign="-")).verdict is Verdict.WRONG


def test_a_sum_that_starts_from_a_bias_moves_no_parameter() -> None:
    text = """
        w = [0.1, -0.2, 0.3]
        rows, wanted = [[1.0, 2.0], [0.5, -1.0], [-0.3, 0.7]], [1.0, 0.0, 0.5]
        def output(row):
            total = w[-1]
            for k in range(2):
                total += w[k] * row[k]
            return total
        for epoch in range(100):
            for row, y in zip(rows, wanted):
                error = output(row) - y
                for k in range(2):
                    w[k] -= 0.1 * error * row[k]
                w[-1] -= 0.1 * error
        print(sum((output(row) - y) ** 2 for row, y in zip(rows, wanted)))
    """
    assert report_of(text).verdict is Verdict.CORRECT
    assert [claim.place for claim in subject_of(text).case.claims] == ["w[0]", "w[1]", "w[2]"]


def test_a_layer_whose_step_does_not_fit_keeps_the_verdict_open() -> None:
    text = """
        import numpy as np
        X, y = np.random.randn(40, 4), np.random.randn(40, 2)
        sizes = [4, 7, 2]
        w = [np.random.randn(a, b) for a, b in zip(sizes, sizes[1:])]
        for epoch in range(100):
            h = np.tanh(X @ w[0])
            delta = (h @ w[1] - y) / len(X)
            loss = 0.5 * np.sum((h @ w[1] - y) ** 2) / len(X)
            grads = [h.T @ (delta @ w[1].T * (1 - h ** 2)), h.T @ delta]
            w = [p - 0.1 * g for p, g in zip(w, grads)]
    """
    found = report_of(text)
    assert found.verdict is Verdict.UNVERIFIED
    assert found.reason is not None and "do not fit" in found.reason


BUFFERED = """
import numpy as np

class Layer:
    def __init__(self):
        self.w, self.b = np.random.randn(3), 0.0
        self.grad_w, self.grad_b = np.zeros(3), 0.0

X, y = np.random.randn(30, 3), np.random.randn(30)
layer = Layer()
for t in range(50):
    e = X @ layer.w + layer.b - y
    loss = 0.5 * np.sum(e ** 2)
    {write}
    layer.w -= 0.1 * layer.grad_w
    layer.b -= 0.1 * layer.grad_b
    {after}
"""
BUFFERS = {
    "set item by item": (
        "for i in range(3): layer.grad_w[i] = {sign}np.sum(e * X[:, i])\n    layer.grad_b = e.sum()",
        "pass",
    ),
    "summed up and replaced by zeros": (
        "layer.grad_w += {sign}X.T @ e\n    layer.grad_b += e.sum()",
        "layer.grad_w, layer.grad_b = np.zeros(3), 0.0",
    ),
}


@pytest.mark.parametrize(("write", "after"), BUFFERS.values(), ids=BUFFERS.keys())
def test_a_buffer_of_which_nothing_is_left_is_no_state(write: str, after: str) -> None:
    right = report_of(BUFFERED.format(write=write.format(sign=""), after=after))
    assert (right.verdict, problems(right)) == (Verdict.CORRECT, [])
    wrong = report_of(BUFFERED.format(write=write.format(sign="-"), after=after))
    assert [code for code, _ in problems(wrong)] == ["GL102"]
