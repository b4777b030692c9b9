"""Made-up training scripts of any depth, with a right backward pass written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable

Maker = Callable[[int], str]


def numpy_layers(layers: int) -> str:
    """A network of `layers` tanh layers in numpy, trained by gradient descent."""
    every = range(1, layers + 1)
    setup = [f"w{i} = np.random.randn(16, 16) * 0.1" for i in every]
    forward = [f"    h{i} = np.tanh(h{i - 1}.dot(w{i}))" for i in every]
    backward = []
    for i in reversed(every):
        backward.append(f"    d{i} = g{i} * (1 - h{i} ** 2)")
        backward.append(f"    grad_w{i} = h{i - 1}.T.dot(d{i})")
        if i > 1:
            backward.append(f"    g{i - 1} = d{i}.dot(w{i}.T)")
    updates = [f"    w{i} -= 1e-3 * grad_w{i}" for i in every]
    return _joined(
        ["import numpy as np", "h0 = np.random.randn(64, 16)", "y = np.random.randn(64, 16)"],
        setup,
        ["for step in range(100):"],
        forward,
        [f"    loss = np.square(h{layers} - y).sum()", f"    g{layers} = 2 * (h{layers} - y)"],
        backward,
        updates,
    )


def torch_layers(layers: int) -> str:
    """The same network in torch, its slopes multiplied in place."""
    every = range(1, layers + 1)
    setup = [f"w{i} = torch.randn(16, 16) * 0.1" for i in every]
    forward, backward = [], []
    for i in every:
        forward += [f"    z{i} = h{i - 1}.mm(w{i})", f"    h{i} = torch.tanh(z{i})"]
    for i in reversed(every):
        backward += [f"    d{i} = g{i}.clone()", f"    d{i} *= 1 - h{i}.pow(2)"]
        backward.append(f"    grad_w{i} = h{i - 1}.t().mm(d{i})")
        if i > 1:
            backward.append(f"    g{i - 1} = d{i}.mm(w{i}.t())")
    updates = [f"    w{i} -= 1e-3 * grad_w{i}" for i in every]
    return _joined(
        ["import torch", "h0 = torch.randn(64, 16)", "y = torch.randn(64, 16)"],
        setup,
        ["for step in range(100):"],
        forward,
        [f"    loss = (h{layers} - y).pow(2).sum()", f"    g{layers} = 2.0 * (h{layers} - y)"],
        backward,
        updates,
    )


def _joined(*parts: list[str]) -> str:
    return "\n".join(line for part in parts for line in part) + "\n"


MAKERS: dict[str, Maker] = {"numpy": numpy_layers, "torch": torch_layers}


def thousand_statements(wrong: bool = False) -> str:
    """A thousand plain statements on arrays, then a small training loop."""
    setup = ["import numpy as np", "x = np.random.randn(64, 16)", "y = np.random.randn(64, 4)"]
    setup += [
        "w1 = np.random.randn(16, 8) * 0.1",
        "w2 = np.random.randn(8, 4) * 0.1",
        "t0 = x * 0.5",
    ]
    plain = [f"t{i} = np.tanh(t{i - 1} + x) * 0.9" for i in range(1, 1001)]
    return _joined(setup, plain, _loop(wrong))


def notebook(wrong: bool = False, cells: int = 100) -> str:
    """A notebook of so many cells: tables and averages that feed nothing, then a training loop."""
    head = ["import numpy as np", "x = np.random.randn(64, 16)", "y = np.random.randn(64, 4)"]
    head += ["w1 = np.random.randn(16, 8) * 0.1", "w2 = np.random.randn(8, 4) * 0.1"]
    aside = [
        [
            f"part{i} = x[:, {i % 16}] * {i + 1}",
            f"mean{i} = part{i}.mean()",
            f"print(mean{i}, part{i}[:3])",
        ]
        for i in range(cells - 2)
    ]
    return _notebook([head, *aside, _loop(wrong)])


def _loop(wrong: bool) -> list[str]:
    sign = "+" if wrong else "-"
    return [
        "for step in range(200):",
        "    h = np.tanh(x.dot(w1))",
        "    p = h.dot(w2)",
        "    loss = np.square(p - y).sum()",
        "    d2 = 2 * (p - y)",
        "    dw2 = h.T.dot(d2)",
        f"    d1 = d2.dot(w2.T) * (1 {sign} h ** 2)",
        "    dw1 = x.T.dot(d1)",
        "    w1 -= 1e-3 * dw1",
        "    w2 -= 1e-3 * dw2",
    ]


def _notebook(cells: list[list[str]]) -> str:
    made: list[dict[str, object]] = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [],
         "source": [f"{line}\n" for line in cell]}
        for cell in cells
    ]  # fmt: skip
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def unrolled_lstm(wrong: bool = False, steps: int = 3) -> str:
    """An LSTM through time, its four gates in one matrix."""
    kept = "c[t]" if wrong else "np.tanh(c[t])"
    return f"""\
import numpy as np

hidden, size = 12, 5
W = np.random.randn(4 * hidden, hidden + size) * 0.1
b = np.zeros((4 * hidden, 1))
V = np.random.randn(size, hidden) * 0.1
xs = [np.random.randn(size, 1) for _ in range({steps})]
ys = [np.random.randn(size, 1) for _ in range({steps})]

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

for epoch in range(100):
    h, c, z, f, i, o, g, p = {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}
    h[-1], c[-1] = np.zeros((hidden, 1)), np.zeros((hidden, 1))
    loss = 0
    for t in range({steps}):
        z[t] = np.vstack((h[t - 1], xs[t]))
        a = np.dot(W, z[t]) + b
        f[t] = sigmoid(a[:hidden])
        i[t] = sigmoid(a[hidden:2 * hidden])
        o[t] = sigmoid(a[2 * hidden:3 * hidden])
        g[t] = np.tanh(a[3 * hidden:])
        c[t] = f[t] * c[t - 1] + i[t] * g[t]
        h[t] = o[t] * np.tanh(c[t])
        p[t] = np.dot(V, h[t])
        loss += 0.5 * np.sum((p[t] - ys[t]) ** 2)
    dW, db, dV = np.zeros_like(W), np.zeros_like(b), np.zeros_like(V)
    dh_next, dc_next = np.zeros_like(h[0]), np.zeros_like(c[0])
    for t in reversed(range({steps})):
        dp = p[t] - ys[t]
        dV += np.dot(dp, h[t].T)
        dh = np.dot(V.T, dp) + dh_next
        do = dh * np.tanh(c[t]) * o[t] * (1 - o[t])
        dc = dh * o[t] * (1 - {kept} ** 2) + dc_next
        df = dc * c[t - 1] * f[t] * (1 - f[t])
        di = dc * g[t] * i[t] * (1 - i[t])
        dg = dc * i[t] * (1 - g[t] ** 2)
        da = np.vstack((df, di, do, dg))
        dW += np.dot(da, z[t].T)
        db += da
        dz = np.dot(W.T, da)
        dh_next, dc_next = dz[:hidden], dc * f[t]
    W -= 0.01 * dW
    b -= 0.01 * db
    V -= 0.01 * dV
"""


LONG: dict[str, Callable[[bool], str]] = {
    "1,000 statements.py": thousand_statements,
    "100 cells.ipynb": notebook,
    "LSTM of 3 steps.py": unrolled_lstm,
}
