"""What functions compute inside gets names behind the loss, and is derived by them."""

from __future__ import annotations

import textwrap

import pytest

from gradlint.composing import Backward, Underivable, compose
from gradlint.model import Verdict
from gradlint.reading import read_script

from ..analysing import report_of

HEAD = """\
import numpy as np

class Net:
    def __init__(self):
        self.params = {"W1": np.random.randn(4, 5), "W2": np.random.randn(5, 3)}

    def predict(self, x):
        h = np.tanh(x @ self.params["W1"])
        return softmax(h @ self.params["W2"])

def softmax(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

x, t = np.random.randn(30, 4), np.eye(3)[np.random.randint(0, 3, 30)]
net, e = Net(), 7
losses = []
for i in range(50):
"""


def _composed(text: str, loss: str | None = None) -> Backward:
    return compose(read_script(textwrap.dedent(text), "script.py").module, (), loss)


def test_what_methods_compute_inside_is_computed_once_more_with_names() -> None:
    text = f"{HEAD}    losses.append(-np.sum(t * np.log(net.predict(x))) / len(x))\n"
    made = _composed(text)
    assert made.lines[1:5] == (
        'h = np.tanh(x @ net.params["W1"])',
        'a = h @ net.params["W2"]',
        "e_ = np.exp(a - a.max(axis=1, keepdims=True))",  # e is taken
        "loss = -np.sum(t * np.log(e_ / e_.sum(axis=1, keepdims=True))) / len(x)",
    )
    assert "dW2 = h.T @ da" in made.lines
    steps = "".join(f"    net.params['{k}'] -= 0.1 * d{k}\n" for k in ("W1", "W2"))
    told = report_of(made.text + steps)
    assert told.verdict in (Verdict.CORRECT, Verdict.SUSPECT), told.reason


def test_functions_that_draw_are_not_computed_a_second_time() -> None:
    text = HEAD.replace("h = np.tanh(", "h = np.random.rand() * np.tanh(")
    with pytest.raises(Underivable):
        _composed(f"{text}    losses.append(-np.sum(t * np.log(net.predict(x))) / len(x))\n")


def test_a_loss_over_a_list_that_a_loop_fills_is_known_behind_the_loop() -> None:
    made = _composed(
        """\
        w, x, y = [0.3, 0.2], [0.6, 0.4], [0.1, 1.0]
        for epoch in range(20):
            errors = [0, 0]
            for i in range(len(y)):
                errors[i] = (w[i] * x[i] - y[i]) ** 2
            print(errors)
        """,
        "sum(errors)",
    )
    assert made.after.span.told == "line 4"
    assert len(made.parameters) == 2


def test_counts_that_are_unpacked_at_once_are_no_sizes() -> None:
    made = _composed(
        """\
        import random
        w1, w2, w3, w4 = [random.uniform(-1, 1) for _ in range(4)]
        rows = [(0.1, 0.2), (0.3, 0.4), (0.5, 0.9)]
        for epoch in range(500):
            for p, q in rows:
                loss = (w1 * p + w2 * q + w3 * p * q + w4) ** 2
        """
    )
    assert set(made.parameters) == {"w1", "w2", "w3", "w4"}


def test_a_zero_that_an_object_keeps_is_learnt_and_what_it_counts_is_not() -> None:
    made = _composed(
        """\
        import numpy as np
        class Line:
            def __init__(self):
                self.w = np.random.randn(3)
                self.d = 0.0
                self.seen = 0.0
            def fit(self, x, y):
                for epoch in range(20):
                    self.seen = self.seen + 1.0
                    loss = np.mean((x @ self.w + self.d - y) ** 2)
        Line().fit(np.random.randn(30, 3), np.random.randn(30))
        """
    )
    assert set(made.parameters) == {"self.w", "self.d"}
