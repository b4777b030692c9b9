"""Telling who is called changes nothing that is computed, and only plain functions tell."""

from __future__ import annotations

import ast
import builtins
from typing import Any

import numpy as np
import pytest

from gradlint.harness.calls.listening import NAME, Listener, Wanted
from gradlint.harness.calls.weaving import tell_calls

SCRIPT = '''
import functools
import numpy as np

def forward(x, w, *, scale=1.0):
    """What it computes."""
    if x.size == 0:
        return None
    inner = lambda z: np.tanh(z)
    def deeper(z):
        return z * scale
    out = deeper(inner(x @ w))
    return out, (x, w, out)

def backward(dout, cache):
    x, w, out = cache
    dz = dout * (1 - out ** 2)
    x += 0
    return dz @ w.T, x.T @ dz

class Layer:
    @staticmethod
    def forward(x, w):
        return forward(x, w)

    def backward(self, dout):
        self.last = dout

@functools.lru_cache
def cached(n):
    return n + 1

def counted(n):
    yield n

rng = np.random.default_rng(3)
x, w = rng.normal(size=(6, 4)), rng.normal(size=(4, 3))
for step in range(5):
    out, cache = forward(x, w)
    dx, dw = backward(np.ones_like(out), cache)
    w = w - 0.1 * dw
try:
    forward(x, w[:1])
except ValueError:
    failed = True
again = Layer.forward(x, w)
layer = Layer()
nothing = layer.backward(dx), forward(x[:0], w)
total = cached(2) + sum(counted(3))
doc = forward.__doc__
'''
WANTED = [
    Wanted(("forward", "backward"), None),
    Wanted(("cached",), None),
    Wanted(("counted",), None),
]


def _run(told: bool) -> tuple[dict[str, Any], Listener]:
    tree = ast.parse(SCRIPT)
    listener = Listener(WANTED, "<script>", frozenset({"x"}), [])
    if told:
        tell_calls(tree, {"forward", "backward", "cached", "counted"}, NAME)
    setattr(builtins, NAME, listener)
    scope: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(tree, "<script>", "exec"), scope)
    finally:
        delattr(builtins, NAME)
    return scope, listener


def test_the_script_computes_bit_for_bit_what_it_would() -> None:
    (bare, _), (told, _) = _run(False), _run(True)
    for name in ("w", "x", "dx", "dw", "out"):
        assert bare[name].tobytes() == told[name].tobytes()
    for name in ("failed", "nothing", "total", "doc"):
        assert bare[name] == told[name]
    assert all(
        np.array_equal(a, b) for a, b in zip(bare["again"][1], told["again"][1], strict=True)
    )


def test_the_first_calls_are_heard_with_copies_of_what_they_were_given() -> None:
    scope, listener = _run(True)
    heard = listener.told[0]
    assert [told.last.name for told in heard] == ["backward", "backward"]
    (forward, backward), *_ = heard[1].ways()
    assert (forward.name, forward.args["scale"], forward.line) == ("forward", 1.0, 39)
    assert backward.result[1].value.shape == (4, 3)
    assert not np.array_equal(forward.args["w"].value, scope["w"])


@pytest.mark.parametrize("number", [1, 2], ids=["a decorated function", "a generator"])
def test_what_is_no_plain_function_is_left_alone(number: int) -> None:
    _, listener = _run(True)
    assert listener.told[number] == []
