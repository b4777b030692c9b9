"""Formulas as text: the fewest parentheses that keep their meaning."""

from __future__ import annotations

import numpy as np
import pytest

from gradlint.ops import Text, Writer

A, B, C = Text("a"), Text("b"), Text("c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param((A + B) * C, "(a + b) * c", id="a sum inside a product"),
        pytest.param(A + B * C, "a + b * c", id="a product inside a sum"),
        pytest.param(A - (B + C), "a - (b + c)", id="a sum taken away"),
        pytest.param(A - (B - C), "a - (b - c)", id="a difference taken away"),
        pytest.param(A * (B / C), "a * b / c", id="a quotient as a factor"),
        pytest.param(A / (B * C), "a / (b * c)", id="division by a product"),
        pytest.param((A - B) ** 2, "(a - b) ** 2", id="a power of a difference"),
        pytest.param(-(A**2), "-a ** 2", id="minus a power"),
        pytest.param((-A) ** 2, "(-a) ** 2", id="a power of minus"),
        pytest.param(0 - (0 - A), "a", id="minus minus"),
        pytest.param(-(A * B), "-a * b", id="minus a product"),
        pytest.param(A - (-B), "a + b", id="taking a minus away"),
        pytest.param(A + (-B) * C, "a - b * c", id="adding a negative product"),
        pytest.param(1 * A * 1.0, "a", id="factors of one"),
        pytest.param(A * -1, "-a", id="a factor of minus one"),
        pytest.param(A + 0, "a", id="adding zero"),
        pytest.param(0 - A, "-a", id="zero minus"),
        pytest.param(A * (B > 0), "a * (b > 0)", id="a mask as a factor"),
        pytest.param(A**0.5, "a ** 0.5", id="a root"),
        pytest.param(Writer().matmul(A * B, C), "(a * b) @ c", id="a product before @"),
        pytest.param(A * Writer().matmul(B, C), "a * (b @ c)", id="@ as a right factor"),
        pytest.param(Writer().matmul(-A, B + C), "-a @ (b + c)", id="@ of a sum"),
    ],
)
def test_parentheses_are_those_that_are_needed(text: Text, expected: str) -> None:
    values = {"a": np.array([[3.0, 5.0], [2.0, 7.0]]), "b": np.eye(2) + 0.5, "c": np.eye(2) * 2 + 1}
    assert str(text) == expected
    assert np.all(np.isfinite(eval(text.text, values)))
