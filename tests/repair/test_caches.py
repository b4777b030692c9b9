"""What the forward pass keeps: another value than the backward pass takes out, and what is right."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import report_of

_CACHED = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))
w1, w2 = rng.normal(size=(3, 5)), rng.normal(size=(5, 2))

def layer(x, w):
    z = x @ w
    a = np.tanh(z)
    cache = ({kept})
    return a, cache

def layer_back(d, cache):
    x, w, a = cache
    dz = d * (1 - a ** 2)
    return dz @ w.T, x.T @ dz

for step in range(100):
    h, first = layer(x, w1)
    p, second = layer(h, w2)
    loss = 0.5 * np.sum((p - y) ** 2)
    dh, dw2 = layer_back(p - y, second)
    dx, dw1 = layer_back(dh, first)
    w1 -= 0.1 * dw1
    w2 -= 0.1 * dw2
"""


@pytest.mark.parametrize("kept, written", [("x, w, z", "a"), ("x, w, w", "a")])
def test_another_value_that_is_kept_is_named_where_it_is_kept(kept: str, written: str) -> None:
    (found,) = report_of(_CACHED.format(kept=kept)).findings
    assert (found.code, found.span.line) == ("GL101", 9)
    assert found.fix is not None and found.fix.verified
    assert found.fix.edits[0].content == written


def test_what_is_kept_rightly_is_silent() -> None:
    report = report_of(_CACHED.format(kept="x, w, a"))
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())


def test_a_mistake_of_the_backward_pass_is_named_there() -> None:
    text = _CACHED.format(kept="x, w, a").replace("x.T @ dz", "x.T @ d")
    (found,) = report_of(text).findings
    assert found.span.line == 15


_FUNCTION = """
import numpy as np

class Tanh:
    def __init__(self, f, slope):
        self.f = f
        self.slope = {kept}

    def forward(self, x):
        self.x = x
        return self.f(x)

    def backward(self, d):
        return d * self.slope(self.x)

class Layers:
    def __init__(self):
        self.act = Tanh(np.tanh, lambda v: 1 - np.tanh(v) ** 2)

rng = np.random.default_rng(0)
x, y, w, v = rng.normal(size=(12, 3)), rng.normal(size=(12, 2)), rng.normal(size=(3, 2)), 0.5
act = Layers().act
for step in range(100):
    p = act.forward(x @ w)
    loss = 0.5 * np.sum((p - y) ** 2)
    w -= 0.1 * x.T @ act.backward(p - y)
"""


def test_another_function_that_is_kept_is_named() -> None:
    (found,) = report_of(_FUNCTION.format(kept="f")).findings
    assert (found.code, found.span.line) == ("GL101", 6)
    assert found.fix is not None and found.fix.verified


def test_functions_that_are_kept_as_what_they_are_are_silent() -> None:
    report = report_of(_FUNCTION.format(kept="slope"))
    assert (report.verdict, report.findings) == (Verdict.CORRECT, ())


def test_what_is_kept_under_the_name_of_another_is_named_by_its_key() -> None:
    kept = '{"x": x, "w": w, "a": z}'
    text = _CACHED.replace("({kept})", kept).replace(
        "x, w, a = cache", 'x, w, a = cache["x"], cache["w"], cache["a"]'
    )
    (found,) = [f for f in report_of(text).findings if f.severity.value != "note"]
    assert (found.code, found.fix is not None and found.fix.verified) == ("GL101", True)
    assert "z is kept as a" in found.message
    right = report_of(text.replace('"a": z', '"a": a'))
    assert right.verdict is Verdict.CORRECT
