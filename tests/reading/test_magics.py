"""IPython's own syntax as Python, line for line."""

from __future__ import annotations

import ast

import pytest

from gradlint.reading.magics import without_magics
from gradlint.reading.prompts import without_prompts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("%matplotlib inline\n", "pass\n", id="a line magic"),
        pytest.param("if x:\n    %timeit f()\n", "if x:\n    pass\n", id="alone in a block"),
        pytest.param("%time y = f(3)\n", "y = f(3)\n", id="a timed statement is run"),
        pytest.param("!pip install torch\n", "pass\n", id="a shell line"),
        pytest.param("!echo 'it\nx = 1\n", "pass\nx = 1\n", id="a quote in a shell line"),
        pytest.param("!pip install a \\\n  b\nx = 1\n", "pass\n\nx = 1\n", id="it goes on"),
        pytest.param("x = !ls\n", "x = get_ipython()\n", id="what the shell answers"),
        pytest.param("a, b = %sql select\n", "a, b = get_ipython()\n", id="what a magic answers"),
        pytest.param("np.dot?\n", "pass\n", id="a question behind"),
        pytest.param("??w[0].shape\n", "pass\n", id="a question before"),
        pytest.param("%%time\nx = 1\n", "\nx = 1\n", id="a timed cell"),
        pytest.param("# setup\n%%capture out\nx = 1\n", "# setup\n\nx = 1\n", id="a captured cell"),
        pytest.param("%%bash\nls -l (\n", "\n\n", id="a cell of another language"),
        pytest.param(
            "get_ipython().run_line_magic(\n    'matplotlib', 'inline')\nx = 1\n",
            "pass\n\nx = 1\n", id="an exported magic",
        ),
        pytest.param("get_ipython().magic('pylab')\n", "pass\n", id="exported by an old version"),
    ],
)  # fmt: skip
def test_magics_become_python(text: str, expected: str) -> None:
    made = without_magics(text)
    assert made.new == expected
    ast.parse(made.new)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = (7\n% 3)\n", id="a remainder on a line of its own"),
        pytest.param('s = """\n%matplotlib inline\n!ls\n"""\n', id="in a string"),
        pytest.param("print('a = %d' % 3)\n", id="formatting"),
        pytest.param("print 'loss = %f' % loss\n", id="formatting in Python 2"),
        pytest.param("# is it right?\n", id="a question in a comment"),
        pytest.param("x != y\n", id="an inequality"),
    ],
)
def test_python_is_left_alone(text: str) -> None:
    assert without_magics(text).new == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(">>> x = 1\n>>> x\n1\n", "x = 1\nx\n\n", id="a session"),
        pytest.param(
            ">>> for i in y:\n...     f(i)\n...\n0\n", "for i in y:\n    f(i)\n\n\n", id="a block"
        ),
        pytest.param("In [1]: x = 1\n   ...: y = 2\nOut[1]: 3\n", "x = 1\ny = 2\n\n", id="IPython"),
        pytest.param("x = 1\n>>> y\n", "x = 1\n>>> y\n", id="no session"),
    ],
)
def test_prompts_and_answers_are_left_out(text: str, expected: str) -> None:
    assert without_prompts(text).new == expected
