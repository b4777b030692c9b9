"""Expressions survive being read, rebuilt and written; statements keep their kind and place."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlint.model import Span
from gradlint.reading import UnreadableSyntax, might_hold_gradient, read_module
from gradlint.reading import syntax as s
from gradlint.reading.writing import write

NAMES: dict[str, Any] = {"a": 3, "b": 5, "c": -2, "v": np.array([1.5, -2.0, 0.5]), "abs": abs}

atoms = st.sampled_from(
    ["a", "b", "c", "v", "2", "0.5", "-3", "v[1]", "v.T", "abs(a)", "v[::2].sum()"]
)


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        st.tuples(atoms, st.sampled_from(["+", "-", "*"]), atoms, st.sampled_from(["*", "-", "/"]), atoms)
        .map(" ".join),
        inner.map(lambda e: f"-(1 * ({e}))"),
        inner.map(lambda e: f"({e}) ** 2"),
        inner.map(lambda e: f"abs({e})"),
    )  # fmt: skip


expressions = st.recursive(atoms, _joined, max_leaves=12)


def _expression(text: str) -> tuple[s.Expr, s.Module]:
    module = read_module(f"r = {text}\n", "script.py")
    (statement,) = module.body
    assert isinstance(statement, s.Assign)
    return statement.value, module


def _rebuilt(node: Any) -> Any:
    """The same tree without its places, so that nothing can be copied from the text."""
    if isinstance(node, tuple):
        return tuple(_rebuilt(part) for part in node)
    if not (is_dataclass(node) and isinstance(node, s.Node)):
        return node
    parts = {f.name: _rebuilt(getattr(node, f.name)) for f in fields(node) if f.name != "span"}
    return type(node)(**parts)


def _value(text: str) -> Any:
    with np.errstate(all="ignore"):
        return eval(text, dict(NAMES))


@settings(deadline=None, max_examples=150, derandomize=True, database=None)
@given(expressions)
def test_a_rebuilt_expression_means_the_same(text: str) -> None:
    tree, module = _expression(text)
    try:
        before = _value(text)
    except ZeroDivisionError:
        return
    np.testing.assert_equal(_value(write(_rebuilt(tree), module)), before)


@settings(deadline=None, max_examples=50, derandomize=True, database=None)
@given(expressions)
def test_what_stands_in_the_file_is_copied(text: str) -> None:
    tree, module = _expression(text)
    assert write(tree, module) in text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a - (b - c)", id="a difference on the right keeps its parentheses"),
        pytest.param("a / (b * c)", id="a product below a division line keeps its parentheses"),
        pytest.param("(-a) ** 2", id="a negative base keeps its parentheses"),
        pytest.param("-a ** 2", id="a minus before a power stays outside"),
        pytest.param("2 ** -a", id="a negative exponent"),
        pytest.param("2 ** 3 ** 2", id="a tower of powers binds to the right"),
        pytest.param("(2 ** 3) ** 2", id="a power of a power keeps its parentheses"),
        pytest.param("(a < b) * c", id="a comparison as a factor keeps its parentheses"),
        pytest.param("(a + b).__abs__()", id="a method of a sum keeps its parentheses"),
        pytest.param("not (a and b) or c", id="the logic of a condition"),
        pytest.param("v[a - 3 : b]", id="a slice"),
        pytest.param("v[::2]", id="a slice with a step"),
        pytest.param("v[None, :]", id="an index of several parts"),
        pytest.param("(-2) ** 2", id="a negative number as a base"),
        pytest.param("(a, b)[0]", id="an item of a tuple"),
    ],
)
def test_the_structure_survives(text: str) -> None:
    tree, module = _expression(text)
    np.testing.assert_equal(_value(write(_rebuilt(tree), module)), _value(text))


def test_spans_are_those_of_the_text() -> None:
    tree, module = _expression("a.T @ (b - c)")
    assert isinstance(tree, s.BinOp)
    assert module.excerpt(tree.right.span) == "b - c"
    assert tree.left.span == Span(1, 5, 1, 8)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param(
            "x = 1\nfor i in range(3)\n    x += 1\n", 2, "expected ':'", id="a missing colon"
        ),
        pytest.param("x = (1 + 2\ny = 3\n", 1, "never closed", id="an open bracket"),
        pytest.param("x = 'abc\n", 1, "unterminated", id="an open string"),
        pytest.param("if True:\nx = 1\n", 2, "indented block", id="a missing indent"),
        pytest.param("print 'loss'\nx = 3 4\n", 2, "invalid syntax", id="in Python 2"),
        pytest.param("x = ‘a\n", 1, "unterminated", id="a curly quote"),  # noqa: RUF001
    ],
)
def test_a_syntax_error_is_told_in_words_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(UnreadableSyntax) as refused:
        read_module(text, "script.py")
    assert words in refused.value.message
    assert refused.value.span.line == line


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty file"),
        pytest.param("# only words", id="a comment without a newline"),
        pytest.param("x = 1\r\ny = 2\r\n", id="line ends of Windows"),
        pytest.param("\ufeffx = 1\n", id="a byte order mark"),
        pytest.param("match x:\n    case 1:\n        y = 2\n", id="a match statement"),
        pytest.param("async def f():\n    await g()\n", id="a coroutine"),
        pytest.param("x: int\n@f\nclass C(B, metaclass=M): pass\n", id="declarations"),
        pytest.param("def f(a, /, b, *, c=1, **k): ...\n", id="parameters of every kind"),
    ],
)
def test_unusual_text_is_read(text: str) -> None:
    assert read_module(text, "script.py").text == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("import numpy as np\n", True, id="numpy"),
        pytest.param("from torch import nn\n", True, id="torch"),
        pytest.param("import os, numpy\n", True, id="numpy among others"),
        pytest.param(
            "learning_rate = 0.1\nm -= learning_rate * g\n", True, id="a descent in floats"
        ),
        pytest.param("import os\nprint(os.getcwd())\n", False, id="no arrays and no descent"),
        pytest.param("n = 0\nn += 1\n", False, id="a counter"),
        pytest.param("# the gradient of a colour\nx = 1\n", False, id="a word without a step"),
    ],
)
def test_files_without_a_gradient_are_left_alone(text: str, expected: bool) -> None:
    assert might_hold_gradient(text) is expected
