"""What is not understood is named with its line, and no script takes long."""

from __future__ import annotations

import pytest

from gradlint.tracing import Budget

from ..analysing import last_value, line_of, moved, reason, trace_of

HEAD = "import numpy as np\nx = np.random.randn(30, 3)\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("a = load_my_data()", "load_my_data is not defined", id="an unknown name"),
        pytest.param("a = np.frobnicate(x)", "frobnicate", id="an unknown function of numpy"),
        pytest.param("a = x.frobnicate()", "frobnicate", id="an unknown method"),
        pytest.param("a = x @ np.zeros((7, 2))", "do not fit", id="shapes that do not fit"),
        pytest.param("a = x[99]", "", id="an index out of bounds"),
        pytest.param("a = await_me(lambda: (yield))", "", id="something odd"),
        pytest.param(
            "a = undefined_thing.attr[3](1) + x", "undefined_thing", id="a chain of unknowns"
        ),
    ],
)
def test_an_unknown_value_says_why_and_where(line: str, words: str) -> None:
    text = f"{HEAD}\n{line}\nb = a + 1\n"
    why, number = reason(trace_of(text), "b")
    assert words in why
    assert number == line_of(text, line)


def test_an_unknown_value_spoils_only_what_is_made_from_it() -> None:
    trace = trace_of(HEAD + "a = read_it()\nb = a * 2\nc = x * 2\n")
    assert last_value(trace, "c").shape == last_value(trace, "x").shape


def test_both_sides_of_an_unknown_condition_do_not_run() -> None:
    trace = trace_of(HEAD + "if read_it():\n    a = x * 2\nelse:\n    a = x * 3\n")
    ratio = last_value(trace, "a") / last_value(trace, "x")
    assert ratio == pytest.approx(2.0)


ENDLESS = {
    "an endless loop": "while True:\n    a = x * 2\n",
    "an endless loop without arrays": "n = 0\nwhile n >= 0:\n    n += 1\n",
    "a long nest of loops": "for i in range(10**6):\n    for j in range(10**6):\n        a = i * j\n",
    "a huge array": "a = np.zeros((10**6, 10**6))\nb = a + 1\n",
    "a literal huge array": "a = np.zeros((1000000, 300000))\nb = a.sum()\n",
    "an array that grows": "a = np.ones(2)\nwhile True:\n    a = np.concatenate([a, a])\n",
    "an outer product of outer products": "a = x.ravel()\nwhile True:\n    a = np.outer(a, a).ravel()\n",
    "a recursion without an end": "def f(n):\n    return f(n + 1)\na = f(0)\n",
    "two functions that call each other": "def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\nf(0)\n",
    "a list that grows": "q = [1]\nfor v in q:\n    q.append(v)\n",
    "a huge power": "a = 9 ** 9 ** 9\n",
    "a huge repetition": "a = [0] * 10**12\nb = 'x' * 10**12\n",
    "a huge range made a list": "a = list(range(10**12))\n",
    "a huge shift": "a = 1 << 10**12\n",
    "a deeply nested expression": f"a = {'-(' * 150}1.0{')' * 150}\n",
}


@pytest.mark.parametrize("body", [pytest.param(text, id=name) for name, text in ENDLESS.items()])
def test_no_script_is_walked_for_long(body: str) -> None:
    assert len(trace_of(HEAD + body).nodes) < 1000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(
            "for i in 'a' * 150:\n    for j in 'b' * 150:\n        a = x * 2\n",
            "too long",
            id="steps",
        ),
        pytest.param(
            "a = np.ones(2)\nwhile len(a) < 10**6:\n    a = np.concatenate([a, a])\n",
            "too large",
            id="elements",
        ),
    ],
)
def test_a_spent_budget_is_the_reason(body: str, words: str) -> None:
    stopped = trace_of(HEAD + body, Budget(steps=4000, array=10_000)).stopped
    assert stopped is not None
    assert words in stopped.reason and stopped.span.line > 2


def test_what_a_cut_loop_made_is_not_known_after_it() -> None:
    text = HEAD + "total = 0.0\nwhile total < 1e5:\n    total = total + 1.0\nb = total * 2\n"
    why, _ = reason(trace_of(text), "b")
    assert "too long" in why


def test_a_long_loop_before_the_training_does_not_hide_it() -> None:
    text = """
        import numpy as np
        X, y, w = np.random.randn(40, 3), np.random.randn(40), np.zeros(3)
        seen = 0
        for i in range(100000):
            seen += i
        for step in range(100):
            w -= 0.1 * X.T @ (X @ w - y)
    """
    assert moved(trace_of(text)) == ["w"]


PICTURE = """\
X = np.random.randn(40, 2) * 100
xs = np.arange(X[:, 0].min() - 1, X[:, 0].max() + 1, 0.01)
gx, gy = np.meshgrid(xs, xs)
z = np.c_[gx.ravel(), gy.ravel()] @ np.ones((2, 1))
z = z.reshape(len(xs), gx.shape[1])
"""


def test_a_picture_over_the_data_is_drawn_at_a_few_points() -> None:
    trace = trace_of("import numpy as np\n" + PICTURE)
    assert last_value(trace, "z").size < 400
    assert trace.stopped is None


@pytest.mark.parametrize(
    "line",
    [
        "a = np.arange(0.0, 30.0, 0.1)",
        "a = np.arange(0, x.max() * 0 + 300, 1)",
    ],
)
def test_a_range_that_does_not_span_the_data_has_all_its_points(line: str) -> None:
    assert last_value(trace_of(f"{HEAD}{line}\n"), "a").size == 300
