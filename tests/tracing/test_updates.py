"""What counts as the update of a parameter, and what looks like one and is none."""

from __future__ import annotations

import pytest

from gradlint.tracing.updates import movement

from ..analysing import moved, trace_of

HEAD = """\
import numpy as np
X, y = np.random.randn(40, 3), np.random.randn(40)
w = np.zeros(3)
lr = 0.1
"""
BEFORE = "for t in range(1, 100):\n    e = X @ w - y\n    g = X.T @ e / 40\n"

UPDATES = {
    "in place": ("", "w -= lr * g"),
    "in place, adding a negative rate": ("", "w += -lr * g"),
    "spelled out": ("", "w = w - lr * g"),
    "the rate folded into the gradient first": ("", "step = lr * g\nw = w - step"),
    "under a new name and back": ("", "new = w - lr * g\nw = new"),
    "divided by the size": ("", "w -= lr * g / len(X)"),
    "over the whole slice": ("", "w[:] = w - lr * g"),
    "by np.subtract with out": ("", "np.subtract(w, lr * g, out=w)"),
    "by a function that returns the new value": (
        "def step(w, g):\n    return w - lr * g\n", "w = step(w, g)",
    ),
    "by a function that changes its argument": ("def step(w, g):\n    w -= lr * g\n", "step(w, g)"),
    "by a lambda": ("step = lambda w, g: w - lr * g\n", "w = step(w, g)"),
    "with momentum": ("v = np.zeros(3)\n", "v = 0.9 * v + g\nw -= lr * v"),
    "with momentum, the rate inside": ("v = np.zeros(3)\n", "v = 0.9 * v - lr * g\nw += v"),
    "with momentum in place": ("v = np.zeros(3)\n", "v *= 0.9\nv += g\nw -= lr * v"),
    "with Adagrad": ("c = np.zeros(3)\n", "c += g ** 2\nw -= lr * g / (np.sqrt(c) + 1e-8)"),
    "with RMSprop": (
        "c = np.zeros(3)\n", "c = 0.9 * c + 0.1 * g ** 2\nw -= lr * g / (np.sqrt(c) + 1e-8)",
    ),
    "with Adam": (
        "m, v = np.zeros(3), np.zeros(3)\n",
        "m = 0.9 * m + 0.1 * g\nv = 0.99 * v + 0.01 * g * g\n"
        "w -= lr * (m / (1 - 0.9 ** t)) / (np.sqrt(v / (1 - 0.99 ** t)) + 1e-8)",
    ),
    "with averages in the other form": (
        "m = np.zeros(3)\n", "m += 0.1 * (g - m)\nw -= lr * m",
    ),
    "with weight decay": ("", "w = 0.999 * w - lr * g"),
    "with weight decay in a term": ("", "w = w - lr * (g + 0.01 * w)"),
    "with weight decay before it": ("", "w *= 0.999\nw -= lr * g"),
    "with weight decay after it": ("", "w -= lr * g\nw -= 0.001 * w"),
    "clipped": ("", "w -= lr * np.clip(g, -1, 1)"),
    "clipped by norm": ("", "n = np.linalg.norm(g)\nw -= lr * g / max(1.0, n)"),
    "item by item": ("", "for j in range(3):\n    w[j] -= lr * g[j]"),
    "at the items that are named": ("", "np.add.at(w, np.arange(3), -lr * g)"),
    "taken off the items that are named": ("", "np.subtract.at(w, [0, 1, 2, 0], lr * g[[0, 1, 2, 0]])"),
    "item by item, spelled out": ("", "for j in range(3):\n    w[j] = w[j] - lr * g[j]"),
}  # fmt: skip


def _script(head: str, body: str) -> str:
    return HEAD + head + BEFORE + "".join(f"    {line}\n" for line in body.splitlines())


@pytest.mark.parametrize(
    ("head", "body"), [pytest.param(*texts, id=name) for name, texts in UPDATES.items()]
)
def test_a_step_of_the_parameter_is_seen(head: str, body: str) -> None:
    assert set(moved(trace_of(_script(head, body)))) & {"w", "new"}


@pytest.mark.parametrize(
    ("head", "body"), [pytest.param(*texts, id=name) for name, texts in UPDATES.items()]
)
def test_the_state_of_the_optimiser_is_no_parameter(head: str, body: str) -> None:
    assert not set(moved(trace_of(_script(head, body)))) & {"v", "m", "c", "g", "t"}


@pytest.mark.parametrize(
    ("place", "text"),
    [
        pytest.param("params['w']", "params = {'w': np.zeros(3)}", id="in a dictionary"),
        pytest.param("ws[0]", "ws = [np.zeros(3)]", id="in a list"),
    ],
)
def test_a_parameter_in_a_container_is_named_by_its_place(place: str, text: str) -> None:
    body = f"for t in range(9):\n    {place} -= 0.1 * X.T @ (X @ {place} - y)\n"
    assert moved(trace_of(f"{HEAD}{text}\n{body}")) == [place]


def test_a_parameter_of_an_object_is_named_by_its_attribute() -> None:
    text = """
        import numpy as np
        X, y = np.random.randn(40, 3), np.random.randn(40)
        class Line:
            def __init__(self):
                self.w = np.zeros(3)
            def fit(self, X, y):
                for t in range(100):
                    self.w -= 0.1 * X.T @ (X @ self.w - y)
        Line().fit(X, y)
    """
    assert moved(trace_of(text)) == ["self.w"]


def test_what_is_added_up_at_named_items_is_no_parameter() -> None:
    body = (
        "    G = np.zeros((5, 3))\n    np.add.at(G, [0, 0, 4], np.stack([g, g, g]))\n"
        "    w -= lr * G.sum(0)\n"
    )
    assert moved(trace_of(HEAD + BEFORE + body)) == ["w"]


GATHERED = """
import numpy as np

class Unit:
    def __init__(self):
        self.w = np.random.randn(3)

units = [Unit() for _ in range(2)]
X, y = np.random.randn(40, 3), np.random.randn(40, 2)
for t in range(9):
    W = np.array([u.w for u in units])
    g = (X @ W.T - y).T @ X
    {step}
"""


@pytest.mark.parametrize(
    "step",
    [
        "new = W - 0.1 * g\n    for k, u in enumerate(units):\n        u.w = new[k]",
        "for u, row in zip(units, W - 0.1 * g):\n        u.w = row",
        "new = W.T - 0.1 * g.T\n    for k in range(2):\n        units[k].w = new[:, k]",
    ],
)
def test_parameters_that_are_put_together_are_updated_when_they_are_handed_back(step: str) -> None:
    assert len(trace_of(GATHERED.format(step=step)).updates) == 2


@pytest.mark.parametrize(
    "step",
    [
        pytest.param("for k, u in enumerate(units):\n        u.w = W[k]", id="as they were"),
        pytest.param(
            "new = W - W.mean(axis=0)\n    for k, u in enumerate(units):\n        u.w = new[k]",
            id="centred",
        ),
        pytest.param(
            "new = W - 0.1 * g\n    for k, u in enumerate(units):\n        u.w = new[1 - k]",
            id="each that of another",
        ),
    ],
)
def test_what_is_handed_back_without_a_step_of_its_own_is_no_update(step: str) -> None:
    assert not trace_of(GATHERED.format(step=step)).updates


def test_rows_of_a_torch_parameter_are_updated_by_index_add() -> None:
    text = """
        import torch
        W, x = torch.randn(9, 3), torch.randn(4, 3)
        for t in range(100):
            ids = torch.randint(0, 9, (4,))
            W.index_add_(0, ids, -0.1 * 2 * (W[ids] - x))
    """
    assert moved(trace_of(text)) == ["W"]


def test_a_torch_parameter_is_updated_through_its_data() -> None:
    text = """
        import torch
        X, y = torch.randn(40, 3), torch.randn(40, 1)
        w = torch.zeros(3, 1)
        for t in range(100):
            w.data -= 0.1 * X.t().mm(X.mm(w) - y)
    """
    assert len(moved(trace_of(text))) == 1


def test_a_torch_parameter_is_updated_by_a_method_in_place() -> None:
    text = """
        import torch
        X, y = torch.randn(40, 3), torch.randn(40, 1)
        w = torch.zeros(3, 1)
        for t in range(100):
            w.sub_(0.1 * X.t().mm(X.mm(w) - y))
    """
    assert moved(trace_of(text)) == ["w"]


def test_numbers_are_updated_like_arrays() -> None:
    text = """
        xs, ys = [1.0, 2.0, 3.0], [2.0, 4.0, 6.5]
        m = b = 0.0
        for t in range(100):
            gm = gb = 0.0
            for x, y in zip(xs, ys):
                gm += -2 * x * (y - (m * x + b)) / len(xs)
                gb += -2 * (y - (m * x + b)) / len(xs)
            m -= 0.1 * gm
            b -= 0.1 * gb
    """
    assert moved(trace_of(text)) == ["m", "b"]


NO_UPDATES = {
    "a number that gets smaller": "lr *= 0.99",
    "an array that gets smaller": "X *= 0.5",
    "a gradient that is collected": "g = np.zeros(3)\nfor i in range(40):\n    g += X[i] * y[i]",
    "a loss that is collected": "total = 0.0\nfor i in range(40):\n    total += (X[i] @ w - y[i]) ** 2",
    "a counter": "n = 0\nwhile n < 10:\n    n += 1",
    "data that are centred": "X -= X.mean(axis=0)",
    "data that are standardised": "X = (X - X.mean(axis=0)) / X.std(axis=0)",
    "data that are centred in place and scaled": "X -= X.mean(axis=0)\nX /= X.std(axis=0)",
    "a running mean": "m = np.zeros(3)\nfor i in range(40):\n    m = 0.9 * m + 0.1 * X[i]",
    "a decayed rate": "for t in range(50):\n    lr *= 0.95",
    "a cumulative product": "p = 1.0\nfor i in range(40):\n    p = p * y[i]",
    "a softmax made stable": "z = X @ np.ones((3, 4))\nz -= z.max(axis=1, keepdims=True)\np = np.exp(z)",
    "a label taken off a probability": "p = np.abs(X)\np[range(40), [0] * 40] -= 1",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NO_UPDATES.items()])
def test_no_parameter_is_seen_where_there_is_none(text: str) -> None:
    assert moved(trace_of(f"{HEAD}{text}\n")) == []


def test_what_many_steps_with_a_penalty_come_to_is_worked_out_once_for_each_step() -> None:
    steps = "    w = w - lr * (X.T @ (X @ w - y) + 0.5 * w)\n" * 60
    trace = trace_of(f"{HEAD}for t in range(1, 100):\n{steps}")
    first, last = trace.updates[0].old, trace.updates[-1].new
    terms = movement(trace, first, last)
    assert terms is not None
    assert len(terms) == 60
