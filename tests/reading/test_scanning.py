"""Strings, comments and logical lines in any text, Python or not."""

from __future__ import annotations

import io
import itertools
import tokenize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlint.reading.scanning import CODE, COMMENT, OPEN, STRING, logical_lines, scan

anything = st.text(alphabet="ab='\"\\#()[]\n\r‘“ %!?", max_size=60)  # noqa: RUF001
pieces = st.lists(
    st.sampled_from(
        ["x = 1\n", "'a # b'\n", '"""c\n\'d"""\n', "f(1,\n  2)  # e 'f\n", "r'\\''\n", "b'g' 'h'\n",
         "y = [\n# i (\n]\n", "z = 3 \\\n + 4\n", '"\\\\"\n', "s = f'{x}'\n"]
    ), max_size=8,
).map("".join)  # fmt: skip


@settings(deadline=None, derandomize=True, database=None)
@given(anything)
def test_the_stretches_give_any_text_back(text: str) -> None:
    assert "".join(text[part.start : part.end] for part in scan(text)) == text


@settings(deadline=None, derandomize=True, database=None)
@given(anything)
def test_the_logical_lines_leave_out_nothing_but_line_ends(text: str) -> None:
    lines = list(logical_lines(text))
    between = text
    for line in reversed(lines):
        between = between[: line.start] + between[line.end :]
    assert set(between) <= {"\r", "\n"}
    assert all(a.end <= b.start for a, b in itertools.pairwise(lines))


@settings(deadline=None, derandomize=True, database=None)
@given(pieces)
def test_python_is_told_apart_as_python_does(text: str) -> None:
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    comments = [t.string for t in tokens if t.type == tokenize.COMMENT]
    ends = [t for t in tokens if t.type == tokenize.NEWLINE]
    assert [text[p.start : p.end] for p in scan(text) if p.kind == COMMENT] == comments
    blank = [text[line.start : line.end].split("#")[0].strip() for line in logical_lines(text)]
    assert len([line for line in blank if line]) == len(ends)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("x = 'a\ny = 2", [CODE, OPEN, CODE], id="a string that its line cuts off"),
        pytest.param('"""a\nb', [OPEN], id="a long string that is never closed"),
        pytest.param("'a\\\nb'", [STRING], id="a string over two lines"),
        pytest.param("‘a # b‘", [CODE, COMMENT], id="a curly quote is no string"),  # noqa: RUF001
        pytest.param("don't", [CODE, OPEN], id="an apostrophe in prose"),
    ],
)
def test_what_is_not_closed_is_open(text: str, kinds: list[str]) -> None:
    assert [part.kind for part in scan(text)] == kinds
