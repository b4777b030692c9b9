"""Expressions and statements that no file holds: read, and written back as they were."""

from __future__ import annotations

import pytest

from gradlint.reading import read_module
from gradlint.reading import syntax as s
from gradlint.reading.snippets import expression, statement
from gradlint.reading.walking import descend
from gradlint.reading.writing import write


@pytest.mark.parametrize(
    "text",
    ["np.dot(a.T, b) * (1 - h ** 2)", "-(p - T) / N", "np.sum(d, axis=0, keepdims=True)",
     "a[:, None] * (z > 0)", "d.t().mm(x)"],
)  # fmt: skip
def test_an_expression_is_written_as_it_was_read(text: str) -> None:
    assert write(expression(text), read_module("x = 1\n", "script.py")) == text


def test_a_snippet_has_no_place_in_the_file_it_is_written_into() -> None:
    found = statement("w -= lr * dw")
    assert isinstance(found, s.AugAssign)
    assert all(node.span == s.NOWHERE for node in descend(found))


def test_two_statements_are_no_statement() -> None:
    with pytest.raises(ValueError):
        statement("a = 1\nb = 2")
