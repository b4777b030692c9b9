"""Cotangents known by heart: an output less its target, found by value."""

from __future__ import annotations

import numpy as np
import pytest

from gradlint.deriving.fused import error_of as fused

P, T = np.random.default_rng(0).random((2, 7, 3))


@pytest.mark.parametrize(
    ("wanted", "text"),
    [(P - T, "p - t"), (T - P, "t - p"), (2 * (P - T) / 7, "2 * (p - t) / N"), ((T - P) / 7, "(t - p) / N")],
)  # fmt: skip
def test_the_difference_is_written_with_its_constant(wanted: np.ndarray, text: str) -> None:
    found = fused(wanted, {"p": P}, {"t": T}, {7: "N"})
    assert found is not None and found.text == text


def test_a_constant_without_a_name_and_another_tensor_are_not_written() -> None:
    assert fused(0.37 * (P - T), {"p": P}, {"t": T}, {7: "N"}) is None
    assert fused((P - T) * P, {"p": P}, {"t": T}, {}) is None
