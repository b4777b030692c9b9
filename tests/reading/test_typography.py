# ruff: noqa: RUF001
"""Characters of typography in code, what they are called and what was meant."""

from __future__ import annotations

import ast
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlint.reading.rewriting import rewritten
from gradlint.reading.typography import oddities


def _meant(text: str) -> str:
    return rewritten(text, (one.change for one in oddities(text))).new


@pytest.mark.parametrize(
    ("text", "meant", "name"),
    [
        pytest.param("x = ‘a’\n", "x = 'a'\n", "curly quote", id="single quotes"),
        pytest.param("x = ‘r-‘\n", "x = 'r-'\n", "curly quote", id="the same quote twice"),
        pytest.param("x = “a”\n", 'x = "a"\n', "curly quote", id="double quotes"),
        pytest.param("x = “a\"\n", 'x = "a"\n', "curly quote", id="curly and straight"),
        pytest.param("x = 'a’\n", "x = 'a'\n", "curly quote", id="straight and curly"),
        pytest.param("f(“a\", “b\")\n", 'f("a", "b")\n', "curly quote", id="two strings"),
        pytest.param("x = ‘it’s’\n", "x = 'it’s'\n", "curly quote", id="an apostrophe inside"),
        pytest.param("x = ‘it's’\n", 'x = "it\'s"\n', "curly quote", id="a straight one inside"),
        pytest.param("x = “say \"hi\"”\n", "x = 'say \"hi\"'\n", "curly quote", id="quotes inside"),
        pytest.param("“””a\nb”””\n", '"""a\nb"""\n', "curly quote", id="a long string"),
        pytest.param("x = a – b\n", "x = a - b\n", "typographic dash", id="a dash"),
        pytest.param("x = −1\n", "x = -1\n", "typographic minus sign", id="a minus sign"),
        pytest.param("w –= lr * g\n", "w -= lr * g\n", "typographic dash", id="an update"),
        pytest.param("x\u00a0= 1\n", "x = 1\n", "non-breaking space", id="a blank that holds on"),
        pytest.param("　x = 1\n", " x = 1\n", "full-width space", id="a wide blank"),
        pytest.param("x =\u200b 1\n", "x = 1\n", "invisible character", id="nothing to be seen"),
        pytest.param("f（1）\n", "f(1)\n", "full-width bracket", id="wide brackets"),
        pytest.param("f(1，2)\n", "f(1,2)\n", "full-width comma", id="a wide comma"),
        pytest.param("f(1、2)\n", "f(1,2)\n", "full-width comma", id="an ideographic comma"),
        pytest.param("if x：\n  y\n", "if x:\n  y\n", "full-width colon", id="a wide colon"),
        pytest.param("x[…, 0]\n", "x[..., 0]\n", "ellipsis character", id="three dots in one"),
        pytest.param("x = 1 ＃ it’s\n", "x = 1 # it’s\n", "full-width number sign", id="a comment"),
        pytest.param("x = ３\n", "x = 3\n", "full-width digit", id="a wide digit"),
    ],
)  # fmt: skip
def test_is_read_as_what_was_meant(text: str, meant: str, name: str) -> None:
    assert _meant(text) == meant
    assert {one.name for one in oddities(text)} == {name}
    ast.parse(meant.strip())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = 'it’s “so” – a\u00a0b…'\n", id="in a string"),
        pytest.param('"""say “hi”\n– or ‘no’"""\n', id="in a long string"),
        pytest.param("# it’s – “fine”（）\n", id="in a comment"),
        pytest.param("α = β * Δx\n", id="names in Greek"),
        pytest.param("x３ = 1\n", id="a wide digit in a name"),
        pytest.param("权重 = 1\n", id="names in Chinese"),
    ],
)
def test_what_the_user_may_write_is_left_alone(text: str) -> None:
    assert list(oddities(text)) == []


@settings(deadline=None, derandomize=True, database=None)
@given(st.text(alphabet="ab1 =,\n'\"#‘’“”–\u00a0\u200b（…", max_size=40))
def test_any_text_is_gone_through_once_and_in_order(text: str) -> None:
    changes = [one.change for one in oddities(text)]
    assert all(a.end <= b.start for a, b in itertools.pairwise(changes))
    assert len(rewritten(text, changes).changes) == len(changes)
