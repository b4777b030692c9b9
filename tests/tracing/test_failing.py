"""Reasons are told in the words of the script: nobody has heard of what stands in for its values."""

from __future__ import annotations

import pytest

from gradlint.model import Span
from gradlint.tracing.failing import told, unknown_in
from gradlint.tracing.trace import Opaque


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("int() argument must be a real number, not 'Opaque'", "these values are not followed"),
        ("'Filling' object has no attribute 'most_common'", ".most_common is not known here"),
        ("'str' object has no attribute 'decode'", "'str' object has no attribute 'decode'"),
        ("math domain error\nand more", "math domain error"),
    ],
)
def test_types_of_the_interpreter_are_not_named(said: str, expected: str) -> None:
    assert told(TypeError(said)) == expected


def test_an_error_without_a_word_is_told_by_its_kind() -> None:
    assert told(ZeroDivisionError()) == "ZeroDivisionError"


def test_what_is_not_known_is_found_in_a_shape() -> None:
    unknown = Opaque("what n is, is not known", Span(1, 1, 1, 2))
    assert unknown_in([3, (4, [unknown])]) is unknown
    assert unknown_in([3, (4, [5])]) is None
