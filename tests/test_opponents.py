"""Several losses in one training: opponents, each with its own, and parts of one sum."""

from __future__ import annotations

from .analysing import problems, report_of

HEADS = """
import numpy as np
np.random.seed(1)
x, y, t = np.random.randn(9, 4), np.random.randn(9, 2), np.random.randn(9, 3)
shared, head, other = np.random.randn(4, 5), np.random.randn(5, 2), np.random.randn(5, 3)
for step in range(50):
    h = np.tanh(x @ shared)
    e, f = h @ head - y, h @ other - t
    first_loss, second_loss = 0.5 * np.sum(e ** 2), 0.5 * np.sum(f ** 2)
    {total}
    dh = {dh}
    d_head, d_other = h.T @ e, h.T @ f
    d_shared = x.T @ (dh * (1 - h ** 2))
    head -= 0.01 * d_head
    other -= 0.01 * d_other
    shared -= 0.01 * d_shared
"""
TOTAL = "total_loss = first_loss + second_loss\n    print(step, total_loss)"
BOTH = "e @ head.T + f @ other.T"


def test_two_heads_descend_the_sum_of_their_losses() -> None:
    found = report_of(HEADS.format(total=TOTAL, dh=BOTH))
    assert found.verdict.value == "correct" and problems(found) == []


def test_what_two_heads_share_needs_both_gradients() -> None:
    """The gradient of one part alone is right under that part, and wrong all the same."""
    found = report_of(HEADS.format(total=TOTAL, dh="e @ head.T"))
    assert found.verdict.value in ("wrong", "suspect")


PENALTY = """
import numpy as np
np.random.seed(1)
x, y = np.random.randn(9, 4), np.random.randn(9, 2)
u, w = np.random.randn(4, 5), np.random.randn(5, 2)
for step in range(50):
    h = np.tanh(x @ u)
    e = h @ w - y
    data_loss = 0.5 * np.sum(e ** 2)
    loss = data_loss + 0.1 * np.sum(u ** 2) + 0.1 * np.sum(w ** 2)
    dw = h.T @ e + 0.2 * w
    du = x.T @ (e @ w.T * (1 - h ** 2)){term}
    u -= 0.01 * du
    w -= 0.01 * dw
    print(step, loss)
"""


def test_a_penalty_that_one_gradient_lacks_is_no_loss_of_its_own() -> None:
    assert report_of(PENALTY.format(term=" + 0.2 * u")).verdict.value == "correct"
    assert report_of(PENALTY.format(term="")).verdict.value in ("wrong", "suspect")


HELD_OUT = """
import numpy as np
np.random.seed(1)
x, y, xv, yv = (np.random.randn(9, k) for k in (4, 2, 4, 2))
w, b = np.random.randn(4, 2), np.zeros(2)
for step in range(50):
    e = x @ w + b - y
    train_loss = 0.5 * np.sum(e ** 2)
    valid_loss = 0.5 * np.sum((xv @ w + b - yv) ** 2)
    w -= 0.01 * x.T @ e
    b -= 0.01 * e.{reduced}(axis=0)
    print(step, train_loss, valid_loss)
"""


def test_a_loss_that_is_only_looked_at_explains_no_gradient() -> None:
    assert report_of(HELD_OUT.format(reduced="sum")).verdict.value == "correct"
    found = report_of(HELD_OUT.format(reduced="mean"))
    assert found.verdict.value == "wrong"
    assert {row.loss for row in found.gradients} == {"train_loss"}


LAYERS = """
import numpy as np
np.random.seed(0)

def squash(x):
    return 1 / (1 + np.exp(-x))

class Dense:
    def __init__(self, i, o):
        self.W = np.random.randn(i, o) * 0.3

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, d):
        self.dW = self.x.T @ d
        return d @ self.W.T

    def step(self, rate):
        self.W -= rate * self.dW

forger, critic = Dense(3, 2), Dense(2, 1)
for turn in range(500):
    forged = forger.forward(np.random.randn(32, 3))
    p = squash(critic.forward(np.vstack((np.random.randn(32, 2) + 3, forged))))
    marks = np.vstack((np.ones((32, 1)), np.zeros((32, 1))))
    critic_loss = -np.mean(marks * np.log(p) + (1 - marks) * np.log(1 - p))
    critic.backward((p - marks) / 64)
    critic.step(0.05)
    told = squash(critic.forward(forged))
    forger_loss = -np.mean(np.log(told))
    forger.backward(critic.backward((told - 1) / 32))
    forger.step(0.05)
    print(turn, critic_loss, forger_loss)
"""


def test_opponents_whose_steps_stand_in_one_line_are_not_accused() -> None:
    """The layers of both are stepped by one method, so that neither can be held back."""
    found = report_of(LAYERS)
    assert problems(found) == [] and found.verdict.value in ("unverified", "correct")
