"""Factors that may be a matter of convention, and those that are none."""

from __future__ import annotations

from gradlint.model import Verdict

from ..analysing import problems, report_of

_PRODUCT = """
import numpy as np

class Product:
    def forward(self, x, w):
        return x @ w

    def backward(self, x, w, dz):
        return dz @ w.T, x.T @ dz / {count}
"""


def test_a_factor_of_one_of_two_gradients_is_a_convention_where_it_is_a_size() -> None:
    assert report_of(_PRODUCT.format(count="len(x)")).verdict is Verdict.CORRECT
    assert [line for _, line in problems(report_of(_PRODUCT.format(count="2")))] == [8]
