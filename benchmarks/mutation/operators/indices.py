"""Indices: off by one, exchanged, another time, the wrong direction."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source


def _subscripts(source: Source) -> Iterator[ast.Subscript]:
    for node in source.within(ast.Subscript):
        if isinstance(node, ast.Subscript) and source.in_loop(node):
            yield node


def index_off_by_one(source: Source) -> Iterator[Change]:
    """`w[1]` becomes `w[0]` or `w[2]`; `x[1:]` becomes `x[2:]`."""
    for node in _subscripts(source):
        for number in ast.walk(node.slice):
            index = not isinstance(source.parents[number], ast.Compare)
            if index and isinstance(number, ast.Constant) and type(number.value) is int:
                for value in (number.value - 1, number.value + 1):
                    yield swap(source, number, str(value))


def indices_exchanged(source: Source) -> Iterator[Change]:
    """`w[0][1]` becomes `w[1][0]`, `w[i, j]` becomes `w[j, i]`."""
    for node in _subscripts(source):
        inner = node.value
        if isinstance(inner, ast.Subscript):
            outer = source.written(inner.value)
            first, second = map(source.written, (inner.slice, node.slice))
            yield swap(source, node, f"{outer}[{second}][{first}]")
        if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
            first, second = map(source.written, node.slice.elts)
            yield swap(source, node, f"{source.written(node.value)}[{second}, {first}]")


def time_index(source: Source) -> Iterator[Change]:
    """`h[t]` becomes `h[t - 1]` or `h[t + 1]`; `h[t - 1]` becomes `h[t]`."""
    for node in _subscripts(source):
        if isinstance(node.slice, ast.Name):
            for sign in "-+":
                yield swap(source, node.slice, f"{node.slice.id} {sign} 1")
        if isinstance(node.slice, ast.BinOp) and isinstance(node.slice.left, ast.Name):
            yield swap(source, node.slice, node.slice.left.id)


def direction(source: Source) -> Iterator[Change]:
    """`reversed(range(T))` becomes `range(T)`; a range loses or gains a round."""
    for node in source.within(ast.Call):
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and source.in_loop(node)
        ):
            continue
        if node.func.id == "reversed" and node.args:
            yield swap(source, node, source.written(node.args[0]))
        if node.func.id == "range" and node.args:
            bound = node.args[min(len(node.args), 2) - 1]
            for sign in "-+":
                yield swap(source, bound, f"{source.operand(bound)} {sign} 1")


OPERATORS = (
    Operator("index_off_by_one", "index", index_off_by_one),
    Operator("indices_exchanged", "index", indices_exchanged),
    Operator("time_index", "time index", time_index),
    Operator("direction", "time index", direction),
)
