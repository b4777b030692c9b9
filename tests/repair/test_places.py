"""Derived lines name items and attributes; ascents; losses that are only printed."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import mended, problems, report_of

_NET = """\
import numpy as np
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(20, 4)), rng.normal(size=(20, 3))
p = {"W1": rng.normal(size=(4, 6)), "W2": rng.normal(size=(6, 3))}
for epoch in range(100):
    h = np.tanh(X @ p["W1"])
    out = h @ p["W2"]
    loss = 0.5 * ((out - Y) ** 2).sum()
    d = out - Y
    dh = (d @ p["W2"].T) * (1 - h ** 2)
    p["W2"] -= 0.01 * h.T @ d
    p["W1"] -= 0.01 * X.T @ dh
"""
_CLASS = """\
import numpy as np
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(20, 4)), rng.normal(size=(20, 3))
class Net:
    def __init__(self):
        self.w, self.v = rng.normal(size=(4, 6)), rng.normal(size=(6, 3))
    def step(self):
        self.h = np.tanh(X @ self.w)
        self.out = self.h @ self.v
        loss = 0.5 * ((self.out - Y) ** 2).sum()
        self.d = self.out - Y
        self.dh = (self.d @ self.v.T) * (1 - self.h ** 2)
        self.v -= 0.01 * self.h.T @ self.d
        self.w -= 0.01 * X.T @ self.dh
        return loss
net = Net()
for epoch in range(100):
    print(net.step())
"""


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        pytest.param(_NET, '(d @ p["W2"].T) * ', id="a weight in a dictionary"),
        pytest.param(_CLASS, "(self.d @ self.v.T) * ", id="a weight of an object"),
    ],
)
def test_a_line_of_which_little_is_left_is_written_with_the_weights_it_can_name(
    text: str, lost: str
) -> None:
    assert report_of(text).verdict is Verdict.CORRECT
    found = report_of(text.replace(lost, ""))
    assert found.verdict is Verdict.WRONG
    assert report_of(mended(found)).verdict is Verdict.CORRECT


_CLIMBED = """\
import numpy as np
rng = np.random.default_rng(2)
X, T = rng.normal(size=(30, 4)), np.eye(3)[rng.integers(0, 3, 30)]
W, V = rng.normal(size=(4, 5)), rng.normal(size=(5, 3))
for epoch in range(100):
    Z = 1 / (1 + np.exp(-X @ W))
    e = np.exp(Z @ V)
    Y = e / e.sum(axis=1, keepdims=True)
    likelihood_cost = np.sum(T * np.log(Y))
    gV, gb = Z.T @ (T - Y), 0
    dZ = (T - Y) @ V.T * Z * (1 - Z)
    dU = dZ
    V += 0.01 * gV
    W += 0.01 * X.T @ dU
"""


def test_a_mistake_on_the_way_up_a_likelihood_is_mended_where_it_stands() -> None:
    assert report_of(_CLIMBED).verdict is Verdict.CORRECT
    bias = (
        _CLIMBED.replace(
            "V = rng.normal(size=(4, 5)), rng.normal(size=(5, 3))",
            "V, b = rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), np.zeros(3)",
        )
        .replace("Z @ V)", "Z @ V + b)")
        .replace("gb = Z.T @ (T - Y), 0", "gb = Z.T @ (T - Y), (T - Y).sum(0)")
    )
    bias = bias.replace("    V += 0.01 * gV\n", "    V += 0.01 * gV\n    b += 0.01 * gb\n")
    assert report_of(bias).verdict is Verdict.CORRECT
    assert problems(report_of(bias.replace("Z * (1 - Z)", "Z * (1 + Z)"))) == [("GL102", 11)]


_PRINTED = """\
import numpy as np
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(20, 4)), rng.normal(size=(20, 3))
W, V, b = rng.normal(size=(4, 6)), rng.normal(size=(6, 3)), np.zeros(3)
for epoch in range(100):
    h = np.tanh(X @ W)
    error = h @ V + b - Y
    print(epoch, 0.5 * np.sum(error ** 2))
    gW = X.T @ (error @ V.T * (1 - h ** 2))
    V -= 0.01 * h.T @ error
    b -= 0.01 * error.sum(axis=0)
    W -= 0.01 * gW
"""


def test_a_gradient_that_is_not_that_of_a_printed_loss_is_told() -> None:
    assert report_of(_PRINTED).verdict is Verdict.CORRECT
    slip = "np.outer(X.sum(axis=0), np.cos(h).sum(axis=0) ** 3)"
    found = report_of(_PRINTED.replace("X.T @ (error @ V.T * (1 - h ** 2))", slip))
    assert found.verdict in (Verdict.SUSPECT, Verdict.WRONG)
    assert [line for _, line in problems(found)] == [9]


_LOOP = """\
import numpy as np
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 20, 4)), rng.normal(size=(5, 20, 3))
w, c = rng.normal(size=(4, 3)), np.zeros(3)
for epoch in range(100):
    errors, loss = [], 0.0
    for t in range(5):
        errors.append(X[t] @ w + c - Y[t])
        loss += 0.5 * np.sum(errors[t] ** 2)
    dw, dc = np.zeros_like(w), np.zeros_like(c)
    for t in reversed(range(5)):
        d = {item}
        dw += X[t].T @ d
        dc += d.sum(axis=0)
    w -= 0.01 * dw
    c -= 0.01 * dc
"""


@pytest.mark.parametrize(
    ("item", "found"),
    [
        pytest.param("errors[t - 1]", [("GL101", 12)], id="a name for an item"),
        pytest.param("errors[t]", [], id="the item of the same time"),
    ],
)
def test_a_sum_that_is_right_tells_nothing_of_the_order_of_its_parts(
    item: str, found: list[tuple[str, int]]
) -> None:
    report = report_of(_LOOP.format(item=item))
    assert problems(report) == found
    assert mended(report) == _LOOP.format(item=item.replace("t - 1", "t"))


_HIDDEN = """\
import numpy as np
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 20, 4)), rng.normal(size=(5, 20, 3))
w, u, c = rng.normal(size=(4, 6)), rng.normal(size=(6, 3)), np.zeros(3)
for epoch in range(100):
    h = [np.tanh(X[t] @ w) for t in range(5)]
    p = [h[t] @ u + c for t in range(5)]
    loss = sum(0.5 * np.sum((p[t] - Y[t]) ** 2) for t in range(5))
    dw, du, dc = np.zeros_like(w), np.zeros_like(u), np.zeros_like(c)
    for t in reversed(range(5)):
        d = p[t - 1] - Y[t]
        dc += d.sum(axis=0)
        du += h[t].T @ d
        dw += X[t].T @ ((d @ u.T) * (1 - h[t] ** 2))
    w, u, c = w - 0.01 * dw, u - 0.01 * du, c - 0.01 * dc
"""


def test_what_a_right_gradient_was_made_from_is_looked_at_too_where_nothing_else_helps() -> None:
    report = report_of(_HIDDEN)
    assert problems(report) == [("GL101", 11)]
    assert mended(report) == _HIDDEN.replace("t - 1", "t")
