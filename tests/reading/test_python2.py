"""Python 2 as Python 3, each token where the user wrote it."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlint.reading.python2 import NotPython2, modernised, sign_of_python2

LINES = [
    "print 'loss', x\n", "print >>f, x\n", "print\n", "for i in xrange(3): y = i\n", "x = `y`\n",
    "if x <> y: pass\n", "n = 0777 + 10L\n", "z = raw_input('a')\n", "d.has_key(x)\n",
    "for k, v in d.iteritems(): x = v\n", "try:\n    x\nexcept E, e:\n    raise F, 'b'\n",
    "exec 'x = 1'\n", "import cPickle\n", "w = cPickle.load(f)\n", "u = u'c' + ur'd'\n",
    "def g(a, (b, c)):\n\treturn b\n", "x = map(f, y)\n", "  # a comment\n", "\n", "x = {1: 2}\n",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("print 'a', x\n", "print('a', x)\n", id="print"),
        pytest.param("for i in xrange(3): pass\n", "for i in range(3): pass\n", id="xrange"),
        pytest.param("import cPickle as p\n", "import pickle as p\n", id="a library that moved"),
        pytest.param("x = `y`\n", "x = repr(y)\n", id="backticks"),
        pytest.param("x = 0777\n", "x = 0o777\n", id="an octal number"),
        pytest.param("if x <> 3: pass\n", "if x != 3: pass\n", id="unequal"),
        pytest.param("d.has_key('a')\n", "'a' in d\n", id="has_key"),
        pytest.param("print 'a'", "print('a')", id="no line end"),
        pytest.param("print 'a'\r\nprint 'b'\r\n", "print('a')\r\nprint('b')\r\n", id="Windows"),
    ],
)
def test_is_read_as_python_3(text: str, expected: str) -> None:
    assert modernised(text).new == expected


@settings(deadline=None, derandomize=True, database=None, max_examples=60)
@given(st.lists(st.sampled_from(LINES), max_size=8).map("".join))
def test_every_name_that_is_kept_stands_where_it_stood(text: str) -> None:
    made = modernised(text)
    ast.parse(made.new)
    for word in re.finditer(r"\b(?:loss|[a-e])\b|'\w+'", made.new):
        if not made.splits(word.start()) and not made.splits(word.end()):
            start, end = made.back(word.start()), made.back(word.end(), is_end=True)
            assert made.old[start:end] == word.group()


def test_an_indentation_that_fits_nowhere_is_refused_with_its_line() -> None:
    with pytest.raises(NotPython2) as refused:
        modernised("if x:\n        print 1\n    print 2\n")
    assert refused.value.line == 3


def test_what_is_not_python_2_either_is_refused_with_its_place() -> None:
    with pytest.raises(NotPython2) as refused:
        modernised("print 'a'\nfoo bar\n")
    assert (refused.value.line, refused.value.column) == (2, 5)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("for i in xrange(3): pass\n", True, id="xrange"),
        pytest.param("import cPickle\n", True, id="cPickle"),
        pytest.param("x = 1  # xrange\n", False, id="in a comment"),
        pytest.param("x = 'xrange'\n", False, id="in a string"),
        pytest.param("xrange = range\nfor i in xrange(3): pass\n", False, id="made by the script"),
        pytest.param("from six.moves import xrange\nxrange(3)\n", False, id="imported"),
        pytest.param(
            "try:\n    import cPickle as p\nexcept ImportError:\n    import pickle as p\n",
            False, id="a script for both",
        ),
        pytest.param("d.items()\n", False, id="Python of both kinds"),
    ],
)  # fmt: skip
def test_names_that_only_python_2_knows(text: str, found: bool) -> None:
    assert (sign_of_python2(text) is not None) is found
