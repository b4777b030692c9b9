"""Whole files of every kind: what is analysed, where it stands in them, what is said of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlint.model import Span
from gradlint.reading import Script, UnreadableSyntax, read_script
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend


def notebook(*sources: str, **metadata: Any) -> str:
    """A notebook of code cells."""
    cells = [{"cell_type": "code", "source": source.splitlines(True)} for source in sources]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}, indent=1)


def place(script: Script, name: str) -> Span:
    """Where the user wrote the first `name`."""
    nodes = (n for n in descend(script.module.body) if isinstance(n, s.Name) and n.id == name)
    return script.module.origin.span(next(nodes).span)


def codes(script: Script) -> list[tuple[str, int | None, int]]:
    return [(n.code, n.span.cell, n.span.line) for n in script.notices]


LINES = [
    "x = 1\n", "print x\n", "print 'it’s', x\n", "y = ‘r-‘\n", "%matplotlib inline\n", "!ls\n",  # noqa: RUF001
    "for i in xrange(3):\n\tx\n        y\n", "# é ‘\n", "def f(:\n", "a = b – c\n", '"""\n', ")\n",  # noqa: RUF001
    "```python\n", "```\n", ">>> x\n", "    x = 2\n", "x = np.int\n", "import numpy as np\n", "\ufeff", "\0",
    "x = '\n", "\\\n", "class A: pass\n", "\r", "\x0c", "Some words, and more.\n", "x =\n", "(\n",
]  # fmt: skip
mixtures = st.lists(st.sampled_from(LINES), max_size=10).map("".join) | st.text(max_size=40)


@settings(deadline=None, derandomize=True, database=None, max_examples=150)
@given(mixtures, st.sampled_from(["a.py", "a.md"]))
def test_reading_ends_with_a_script_or_with_its_one_error(text: str, path: str) -> None:
    try:
        script = read_script(text, path)
    except UnreadableSyntax as error:
        assert error.span.line >= 1 and error.span.column >= 1 and error.message
        return
    most = text.count("\n") + text.count("\r") + 1
    for node in descend(script.module.body):
        span = script.module.origin.span(node.span)
        assert 1 <= span.line <= span.end_line <= most + 1


@settings(deadline=None, derandomize=True, database=None, max_examples=60)
@given(st.lists(mixtures, max_size=4))
def test_reading_a_notebook_raises_nothing_else(sources: list[str]) -> None:
    try:
        script = read_script(notebook(*sources), "a.ipynb")
    except UnreadableSyntax:
        return
    for node in descend(script.module.body):
        span = script.module.origin.span(node.span)
        assert span.cell is not None and 1 <= span.cell <= len(sources)


@settings(deadline=None, derandomize=True, database=None, max_examples=60)
@given(st.text(alphabet='{}[]":,cels aourdp_ty0', max_size=60))
def test_what_is_no_notebook_raises_nothing_else(text: str) -> None:
    with pytest.raises(UnreadableSyntax):
        read_script(text, "a.ipynb")


def test_plain_python_is_analysed_as_it_is() -> None:
    script = read_script("x = 1\n", "a.py")
    assert (script.module.text, script.notices, script.module.python2) == ("x = 1\n", (), False)


def test_cells_are_one_script_and_their_lines_their_own() -> None:
    script = read_script(notebook("x = 1\n%time y = x", "", "z = y"), "a.ipynb")
    assert place(script, "y") == Span(2, 7, 2, 8, cell=1)
    assert place(script, "z") == Span(1, 1, 1, 2, cell=3)


def test_a_broken_cell_is_named_and_the_others_are_read() -> None:
    script = read_script(notebook("x = 1", "y = (\n", "z = x"), "a.ipynb")
    assert codes(script) == [("GL006", 2, 1)]
    assert place(script, "z").cell == 3


def test_a_notebook_of_broken_cells_alone_is_unreadable() -> None:
    with pytest.raises(UnreadableSyntax) as refused:
        read_script(notebook("y = (\n"), "a.ipynb")
    assert refused.value.span.cell == 1


@pytest.mark.parametrize(
    ("text", "python2"),
    [
        pytest.param("print 'a'\n", True, id="a print statement"),
        pytest.param("for i in xrange(3): pass\n", True, id="a name of Python 2"),
        pytest.param("from __future__ import division\nprint 'a'\n", False, id="true division"),
        pytest.param("print('a')\n", False, id="Python 3"),
    ],
)
def test_python_2_divides_integers_as_it_does(text: str, python2: bool) -> None:
    assert read_script(text, "a.py").module.python2 is python2


def test_one_cell_of_python_2_makes_the_notebook_python_2() -> None:
    script = read_script(notebook("for i in range(3): pass", "print 'a'", "x = y"), "a.ipynb")
    assert script.module.python2
    assert codes(script) == [("GL004", 2, 1)]
    assert place(script, "y") == Span(1, 5, 1, 6, cell=3)


def test_a_cell_of_python_2_under_a_kernel_of_python_3_changes_no_division() -> None:
    kernel = {"kernelspec": {"name": "python3"}}
    script = read_script(notebook("print 'a'", "x = 1", **kernel), "a.ipynb")
    assert not script.module.python2 and codes(script) == [("GL004", 1, 1)]


def test_tabs_count_as_python_2_counts_them() -> None:
    script = read_script("for i in x:\n\tprint i\n        y = i\n", "a.py")
    (loop,) = script.module.body
    assert isinstance(loop, s.For) and len(loop.body) == 2
    assert place(script, "y") == Span(3, 9, 3, 10)


def test_tabs_and_spaces_in_python_3_are_named() -> None:
    script = read_script("for i in x:\n\tprint(i)\n        y = i\n", "a.py")
    assert codes(script) == [("GL003", None, 2)]


def test_magics_in_a_script_are_named_and_in_a_notebook_at_home() -> None:
    assert codes(read_script("%matplotlib inline\nx = 1\n", "a.py")) == [("GL007", None, 1)]
    assert codes(read_script(notebook("%matplotlib inline\nx = 1"), "a.ipynb")) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# %% [markdown]\n# words\n# %%\nx = 1\n", id="cells by comments"),
        pytest.param("# In[3]:\nget_ipython().magic('pylab')\nx = 1\n", id="exported"),
    ],
)
def test_scripts_made_of_cells_are_scripts(text: str) -> None:
    script = read_script(text, "a.py")
    assert script.notices == () and place(script, "x").line == text.count("\n")


MARKDOWN = """\
# Title
```python
x = 1
```
Words with `code`.

1. In a list:
   ```py
   y = x
   for i in y:
       z = i
   ```
```
not = python(
```
```pycon
>>> u = z
>>> u
3
```
~~~ python
v = u
~~~
"""


def test_the_python_blocks_of_markdown_are_one_script() -> None:
    script = read_script(MARKDOWN, "README.md")
    assert [type(n).__name__ for n in script.module.body] == [
        "Assign", "Assign", "For", "Assign", "ExprStmt", "Assign"
    ]  # fmt: skip
    assert place(script, "z") == Span(11, 8, 11, 9)
    assert place(script, "u") == Span(17, 5, 17, 6)
    assert place(script, "v") == Span(22, 1, 22, 2)


def test_a_block_that_is_not_whole_is_noted_and_left_out() -> None:
    script = read_script("```python\nx = (\n```\n```python\ny = 1\n```\n", "a.md")
    (note,) = script.notices
    assert (note.code, note.severity.value, note.span.line) == ("GL006", "note", 2)


def test_a_line_of_prose_is_named_and_nothing_is_guessed() -> None:
    with pytest.raises(UnreadableSyntax) as refused:
        read_script("x = 1\nThis is how it works\ny = 2\n", "a.py")
    assert refused.value.span.line == 2
