"""Signs: a difference turned round, a minus lost or added, `+` for `-`, `+=` for `-=`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source


def difference_turned(source: Source) -> Iterator[Change]:
    """`p - y` becomes `y - p`."""
    for node in source.within(ast.BinOp):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and source.in_loop(node):
            yield swap(source, node, f"{source.operand(node.right)} - {source.operand(node.left)}")


def _repeated(source: Source, kind: type[ast.AST]) -> Iterator[ast.AST]:
    yield from (node for node in source.within(kind) if source.in_loop(node))


def minus_dropped(source: Source) -> Iterator[Change]:
    """`-x` becomes `x`."""
    for node in _repeated(source, ast.UnaryOp):
        index = isinstance(source.parents[node], ast.Subscript | ast.Slice)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not index:
            yield swap(source, node, source.instead(node, node.operand))


def minus_added(source: Source) -> Iterator[Change]:
    """`d = x` becomes `d = -x`."""
    for statement in source.simple:
        if (
            isinstance(statement, ast.Assign | ast.AugAssign | ast.Return)
            and source.in_loop(statement)
            and statement.value is not None
        ):
            yield swap(source, statement.value, f"-{source.operand(statement.value)}")


def step_turned(source: Source) -> Iterator[Change]:
    """`W -= step` becomes `W += step`, and the other way round."""
    for statement in _repeated(source, ast.AugAssign):
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
            at = source.text.index("=", source.place(statement.target)[1]) - 1
            yield Change(at, at + 1, "-" if source.text[at] == "+" else "+", statement)


def plus_for_minus(source: Source) -> Iterator[Change]:
    """`a - b` becomes `a + b`, and the other way round."""
    for node in source.within(ast.BinOp):
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Add | ast.Sub)
            and source.in_loop(node)
        ):
            old, new = ("+", "-") if isinstance(node.op, ast.Add) else ("-", "+")
            at = source.text.index(old, source.place(node.left)[1])
            yield Change(at, at + 1, new, source.statement(node))


OPERATORS = (
    *(
        Operator(function.__name__, "sign", function)
        for function in (difference_turned, minus_dropped, minus_added, step_turned)
    ),
    Operator("plus_for_minus", "+ for -", plus_for_minus),
)
