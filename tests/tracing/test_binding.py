"""Assignments of every form leave the values that Python leaves."""

from __future__ import annotations

import pytest

from ..analysing import last_value, trace_of
from .running import DATA, assert_walks_as_it_runs


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("a, b = x @ w, s + 1", "a b", id="a tuple is taken apart"),
        pytest.param("a = b = v * 2", "a b", id="a chain binds every name"),
        pytest.param("a: float = s * 2", "a", id="an annotation changes nothing"),
        pytest.param("(a, b), c = (s, s * 2), v", "a b c", id="a nested tuple is taken apart"),
        pytest.param("a, b = s, 2.0\na, b = b, a + b", "a b", id="two names are exchanged"),
        pytest.param("p, q = w.shape\na = s * p + q", "a", id="a shape is taken apart"),
        pytest.param("r1, r2 = x\na = r1 * r2", "a", id="the rows of a matrix are taken apart"),
        pytest.param(
            "a = s\na += 2\na *= 3\na -= v[0]\na /= 4\na **= 2", "a", id="augmented number"
        ),
        pytest.param("a = v.copy()\na += 1\na *= x[0]", "a v", id="augmented array"),
        pytest.param(
            "d = {'k': v}\nd['k'] = d['k'] * 2\na = d['k'] + 1", "a v", id="dictionary item"
        ),
        pytest.param("d = [v, s]\nd[1] += 1\na = d[1] * d[0]", "a", id="augmented list item"),
        pytest.param(
            "d = dict(a=v, b=s)\na = d.get('b') + d['a']", "a", id="dictionary by keywords"
        ),
        pytest.param("if (a := s * 2) > 1:\n    b = a + 1", "b", id="an assignment expression"),
        pytest.param("a = v if s > 1 else x[0]", "a", id="a conditional expression"),
        pytest.param("a = s > 1 and s or 3.0\nb = a + 0", "b", id="and, or give their operands"),
        pytest.param("a = float(1 < s < 2) + s", "a", id="a chained comparison"),
        pytest.param("a = s; b = a * 2; del a", "b", id="statements on one line"),
        pytest.param(
            "try:\n    a = s * 2\nexcept ValueError:\n    a = 0.0", "a", id="a try that works"
        ),
        pytest.param(
            "for i in range(2):\n    a = v * i\nelse:\n    b = v + i", "a b", id="for and else"
        ),
        pytest.param("import math\na = math.sqrt(s) + math.exp(-s)", "a", id="functions of math"),
        pytest.param("a = s * 7 // 2 % 3 + (-s)", "a", id="floor division and remainder"),
        pytest.param("a = abs(-s) + round(s, 1) * 0 + min(s, 1) + max(v)", "a", id="builtins"),
        pytest.param("a = sum(v) + sum([s, 2])", "a", id="the sum of a sequence"),
    ],
)
def test_what_is_bound_is_what_python_binds(text: str, names: str) -> None:
    assert_walks_as_it_runs(DATA + text, *names.split())


def test_an_augmented_assignment_changes_all_names_of_an_array() -> None:
    assert_walks_as_it_runs(DATA + "a = v\na += 1\nb = v * 1", "b")


def test_an_augmented_assignment_leaves_other_names_of_a_number() -> None:
    assert_walks_as_it_runs(DATA + "a = s\na += 1\nb = s * 1", "b")


def test_rebinding_leaves_other_names_of_an_array() -> None:
    assert_walks_as_it_runs(DATA + "a = v\na = a + 1\nb = v * 1", "b")


def test_a_torch_number_changes_in_place() -> None:
    trace = trace_of("import torch\na = torch.tensor(2.0)\nb = a\nb += 1\nc = a * 1")
    assert last_value(trace, "c") == 3.0


def test_printing_and_formatting_stop_nothing() -> None:
    text = "print(f'{s:.3f} {v}', 'x' * 3, end='')\nprint('%d %s' % (3, v))\na = s * 2"
    assert_walks_as_it_runs(DATA + text, "a")
