"""Which of the values that one line stores in a round are those of a layer."""

from __future__ import annotations

from collections.abc import Callable

from gradlint.harness.result import RunResult
from gradlint.health import HealthOptions

Confirm = Callable[..., RunResult]


def test_what_a_line_stores_for_the_data_is_not_taken_for_what_it_stores_for_a_layer(
    confirm: Confirm,
) -> None:
    result = confirm(
        """
        import numpy as np

        class Linear:
            def __init__(self, n, m):
                self.w = np.random.randn(n, m) * 0.3

            def forward(self, x):
                self.x = x
                return x @ self.w

            def backward(self, d):
                self.dw = self.x.T @ d
                return d @ self.w.T

        first, second = Linear(4, 6), Linear(6, 1)
        data, target = 3 * np.random.randn(40, 4), np.random.randn(40, 1)
        for t in range(60):
            error = second.forward(np.tanh(first.forward(data) * 0.1)) - target
            loss = np.mean(error ** 2)
            first.backward(second.backward(2 * error / 40) * (1 - second.x ** 2) * 0.1)
            first.w -= 0.05 * first.dw
            second.w -= 0.05 * second.dw
        """,
        health=HealthOptions(),
    )
    (health,) = result.health
    assert [layer.kind for layer in health.layers] == ["tanh"]
    assert all(look.saturated == 0.0 for look in health.layers[0].looks)
