"""Recurrent layers over batches of sequences, whose gradients are held in bounds on their way."""

from __future__ import annotations

from .judging import NUMPY, assert_right, assert_wrong

RECURRENT = (
    NUMPY
    + """

class RNN:
    def __init__(self, n_in, n_hidden):
        self.Wx = np.random.randn(n_in, n_hidden) * 0.5
        self.Wh = np.random.randn(n_hidden, n_hidden) * 0.5
        self.b = np.zeros(n_hidden)

    def forward(self, x):
        self.x, self.h = x, [np.zeros((x.shape[0], self.b.shape[0]))]
        for t in range(x.shape[1]):
            self.h.append(np.tanh(x[:, t] @ self.Wx + self.h[-1] @ self.Wh + self.b))
        return np.stack(self.h[1:], axis=1)

    def backward(self, dh):
        self.dWx, self.dWh, self.db = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.b)
        carry = np.zeros_like(self.h[0])
        for t in reversed(range(dh.shape[1])):
            dz = (dh[:, t] + carry) * (1 - self.h[t + 1] ** 2)
            self.db += dz.sum(axis=0)
            self.dWx += self.x[:, t].T @ dz
            self.dWh += self.h[t].T @ dz
            carry = dz @ self.Wh.T
            np.clip(carry, -1, 1, out=carry)
"""
)


def test_a_carry_that_is_clipped_against_explosions_is_right() -> None:
    assert_right(RECURRENT, "self.Wx", "self.Wh", "self.b")


def test_a_slip_beside_a_clipped_carry_is_found() -> None:
    assert_wrong(RECURRENT.replace("self.h[t].T", "self.h[t + 1].T"), "self.dWh += ", "GL101")
