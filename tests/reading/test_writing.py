"""Syntax back to text: what a repair makes up says what it means."""

from __future__ import annotations

import ast
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from gradlint.model import Span
from gradlint.reading import read_module
from gradlint.reading import syntax as s
from gradlint.reading.writing import write

NOWHERE = Span(0, 0, 0, 0)


def _made_up(value: Any, keep: type | None = None) -> Any:
    """A tree as a repair makes it: no part stands in the file, but those of the type `keep`."""
    if keep is not None and isinstance(value, keep):
        return value
    if isinstance(value, tuple):
        return tuple(_made_up(one, keep) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    parts = {f.name: _made_up(getattr(value, f.name), keep) for f in fields(value) if f.init}
    return replace(value, **({**parts, "span": NOWHERE} if "span" in parts else parts))


@pytest.mark.parametrize("keep", [None, s.Sequence, s.BinOp])
@pytest.mark.parametrize(
    "text",
    [
        "x.sum(axis=(0, 1))", "x.sum((0, 1))", "x[0, 1]", "x[(0, 1), 2]", "f([(0, 1), (2,)])", "x.sum((0,))",
        "a - (b - c)", "(a + b) * c", "a @ (b @ c)", "-(a * b)", "(-a) ** 2", "-a ** 2", "a ** -b",
        "f(*a, b=c)", "not (a and b)", "(a or b) and c", "x[:, 1:]", "(a < b) * c", "(a + b).T",
    ],
)  # fmt: skip
def test_what_is_written_is_read_as_the_same(text: str, keep: type | None) -> None:
    module = read_module(f"y = {text}\n", "script.py")
    (statement,) = module.body
    assert isinstance(statement, s.Assign) and statement.value is not None
    written = write(_made_up(statement.value, keep), module)
    assert ast.dump(ast.parse(written)) == ast.dump(ast.parse(text))
