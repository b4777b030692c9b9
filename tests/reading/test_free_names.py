"""What a definition reads from around it."""

from __future__ import annotations

import pytest

from gradlint.reading import read_module
from gradlint.reading.free_names import changed_names, free_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(x): return x + W", {"W"}),
        ("def f(x, n=N): y = x\n", {"N"}),
        ("def f():\n    W = 1\n    return W", set()),
        ("def f():\n    global W\n    W = W + 1", {"W"}),
        ("def f(xs): return [x + b for x in xs]", {"b"}),
        ("def f():\n    g = lambda t: t * s\n    return g", {"s"}),
        ("def f():\n    def g(a): return a + c\n    return g(d)", {"c", "d"}),
        ("class A(Base):\n    def f(self): return self.x + scale", {"Base", "scale"}),
        ("import numpy as np\ny = np.ones(n)", {"n"}),
        ("for i in range(k): total += i", {"range", "k"}),
    ],
)
def test_free_names(text: str, names: set[str]) -> None:
    assert free_names(read_module(text, "script.py").body) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a, (b, *c) = v", {"a", "b", "c"}),
        ("params['W'] = 1", {"params"}),
        ("net.lr = 2", {"net"}),
        ("if x:\n    y = 1\nelse:\n    z = 2", {"y", "z"}),
    ],
)
def test_names_that_a_statement_changes(text: str, names: set[str]) -> None:
    (statement,) = read_module(text, "script.py").body
    assert changed_names(statement) == names
