"""Parameters that start where the items of an array were set."""

from __future__ import annotations

import pytest

from ..analysing import report_of

SET = """
import numpy as np
x, y = np.random.randn(20, 3), np.random.randn(20)
w = np.zeros(3)
{start}
for t in range(100):
    {before}
    error = x @ w - y
    loss = np.sum(error ** 2)
    {after}
    w -= 0.01 * {gradient}
"""


def verdict(
    start: str, before: str = "pass", after: str = "pass", gradient: str = "2 * x.T @ error"
) -> str:
    text = SET.format(start=start, before=before, after=after, gradient=gradient)
    return report_of(text).verdict.value


STARTS = ["w[0] = 1.0", "w[:] = np.random.randn(3)", "for i in range(3): w[i] = np.random.rand()"]


@pytest.mark.parametrize("start", STARTS)
def test_a_parameter_may_be_filled_before_it_is_trained(start: str) -> None:
    assert verdict(start) == "correct"
    assert verdict(start, gradient="-2 * x.T @ error") == "wrong"


@pytest.mark.parametrize("item", ["w[0] = 0.0", "w[:] = np.clip(w, -1, 1)"])
def test_what_is_set_in_the_training_itself_starts_nothing(item: str) -> None:
    assert verdict("pass", after=item) not in ("wrong", "suspect")
    assert verdict("pass", before=item) not in ("wrong", "suspect")
