"""The two ways to read a script, by Python's own parser and by libcst, give the same tree."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import libcst
import pytest

from gradlint.reading import read_module
from gradlint.reading import syntax as s
from gradlint.reading.converting import convert
from gradlint.reading.lowering import lower
from gradlint.reading.walking import children

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").glob("*.py"))

_UNPLACED = (s.Argument, s.Generator, s.Parameter)
"""Nodes whose span the two see differently, by a keyword or a parenthesis, and nobody uses."""


def _outline(node: Any) -> Any:
    """A node with its span, its own values and its children, as tuples that compare by value."""
    if isinstance(node, tuple):
        return tuple(_outline(part) for part in node)
    if not isinstance(node, s.Node):
        return node
    span = None if isinstance(node, _UNPLACED) else node.span
    own = [
        getattr(node, name, None) for name in ("id", "attr", "op", "kind", "name", "value", "star")
    ]
    values = tuple((type(v).__name__, v) for v in own if not isinstance(v, s.Node | tuple))
    return type(node).__name__, span, values, tuple(_outline(child) for child in children(node))


def _is_plain(path: Path) -> bool:
    """Whether a fixture is Python 3 as it stands, without magics or typographic characters."""
    try:
        ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("path", [p for p in FIXTURES if _is_plain(p)], ids=lambda path: path.stem)
def test_both_ways_read_a_fixture_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    by_libcst = lower(libcst.parse_module(text), str(path), text)
    assert _outline(convert(text, str(path)).body) == _outline(by_libcst.body)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = (1), (2)", id="a bare tuple of parenthesised numbers"),
        pytest.param("x = ( (1), (2) )", id="a tuple in parentheses of its own"),
        pytest.param("x = (\n    1,  # one\n    2\n)", id="a tuple over several lines"),
        pytest.param("x = (1,)", id="a tuple of one"),
        pytest.param("é = 'ü' + y", id="letters of more than one byte before the operand"),
        pytest.param("x = f(*a, k=1, **b)", id="starred arguments"),
        pytest.param("x = a and b and c or not d", id="a chain of and, or, not"),
        pytest.param("x = 0 < a <= 3 in b", id="a chained comparison"),
        pytest.param("x = -2 ** -1", id="minus signs around a power"),
        pytest.param("x[1:2, ..., None] -= y[:, 0]", id="slices and an ellipsis"),
        pytest.param(
            "def f(a, /, b=1, *c, d, e=2, **g):\n    yield a", id="every kind of parameter"
        ),
        pytest.param("x = {**a, 'b': {1, 2}}", id="an unpacked dictionary"),
        pytest.param("if a:\n    pass\nelif b:\n    pass\nelse:\n    del c, d", id="elif and else"),
        pytest.param("try:\n    pass\nexcept A as e:\n    raise\nfinally:\n    pass", id="try"),
        pytest.param("@d(1)\nclass A(B, m=C):\n    x: int = 1\n    y: int", id="a decorated class"),
        pytest.param("from ..a import b as c\nfrom d import *\nimport e.f as g", id="imports"),
    ],
)
def test_both_ways_read_this_alike(text: str) -> None:
    by_libcst = lower(libcst.parse_module(text), "x.py", text)
    ours = convert(text, "x.py")
    assert _outline(ours.body) == _outline(by_libcst.body)


def test_a_syntax_of_a_later_python_is_read_by_libcst(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str, path: str) -> s.Module:
        raise SyntaxError("not in this version")

    monkeypatch.setattr("gradlint.reading.converting.convert", refuse)
    module = read_module("x = 1\n", "x.py")
    assert [type(one).__name__ for one in module.body] == ["Assign"]
