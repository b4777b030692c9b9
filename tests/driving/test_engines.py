"""Small autograds: the operators of a class of values, each by itself."""

from __future__ import annotations

import pytest

from ..analysing import report_of
from .judging import assert_right, assert_wrong

ENGINE = """
import math


class Value:
    def __init__(self, data, children=()):
        self.data, self.grad = data, 0.0
        self._backward, self._prev = lambda: None, set(children)

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad  # product
        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))
        def _backward():
            self.grad += (1 - t ** 2) * out.grad
        out._backward = _backward
        return out

    def backward(self):
        topo, visited = [], set()
        def build(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build(child)
                topo.append(v)
        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()
"""


def test_each_operator_of_an_engine_is_judged() -> None:
    assert_right(ENGINE, "a.data", "b.data")
    assert len(report_of(ENGINE).gradients) == 5


@pytest.mark.parametrize(
    ("written", "slip", "codes"),
    [
        ("(1 - t ** 2)", "(1 - t)", ("GL105", "GL114")),
        ("other.grad += self.data * out.grad", "other.grad += other.data * out.grad", ("GL101",)),
        (
            "self.grad += other.data * out.grad",
            "self.grad += self.data * out.grad",
            ("GL101",),
        ),
    ],
)
def test_a_slip_in_one_operator_is_found(written: str, slip: str, codes: tuple[str, ...]) -> None:
    assert_wrong(ENGINE.replace(written, slip), slip, *codes)


@pytest.mark.parametrize(
    "line", ["self.grad += out.grad", "other.grad += out.grad", "self.grad += other.data * out.grad",
             "other.grad += self.data * out.grad", "self.grad += (1 - t ** 2) * out.grad"],
)  # fmt: skip
def test_a_gradient_that_is_set_and_not_added_shows_where_a_value_is_used_twice(line: str) -> None:
    assert line in ENGINE
    wrong = ENGINE.replace(line, line.replace("+=", "="), 1)
    report = report_of(wrong)
    number = next(i for i, one in enumerate(ENGINE.strip().splitlines(), 1) if line in one)
    assert ("GL108", number) in [(found.code, found.span.line) for found in report.findings]


def test_an_engine_that_records_only_where_it_is_told_to_is_told_to() -> None:
    told = ENGINE.replace("children=()", "children=(), _require_grad=False").replace(
        "self._backward, self._prev = lambda: None, set(children)",
        "self._backward, self._prev = lambda: None, set(children)\n"
        "        self.records = _require_grad or any(c.records for c in children)",
    )
    for one in ("self", "other"):
        told = told.replace(f"{one}.grad +=", f"if {one}.records: {one}.grad +=")
    assert_right(told, "a.data", "b.data")
