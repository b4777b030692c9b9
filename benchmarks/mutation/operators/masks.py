"""Masks of a ReLU, of dropout, of labels: inverted, lost, on the wrong side."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source, sets

_INVERSE = {ast.Gt: "<=", ast.GtE: "<", ast.Lt: ">=", ast.LtE: ">", ast.Eq: "!=", ast.NotEq: "=="}


def mask_inverted(source: Source) -> Iterator[Change]:
    """`z > 0` becomes `z <= 0`."""
    for node in source.within(ast.Compare):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in _INVERSE and source.in_loop(node):
            right, inverse = node.comparators[0], _INVERSE[type(node.ops[0])]
            yield swap(
                source, node, f"{source.written(node.left)} {inverse} {source.written(right)}"
            )


def mask_dropped(source: Source) -> Iterator[Change]:
    """`d[z < 0] = 0` goes."""
    for statement in source.simple:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Compare):
            yield Change(*source.place(statement), "pass", statement, frozenset(sets(statement)))


def branches_exchanged(source: Source) -> Iterator[Change]:
    """`np.where(c, a, b)` becomes `np.where(c, b, a)`."""
    for node in source.within(ast.Call):
        if (
            (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "where"
            )
            and len(node.args) == 3
            and source.in_loop(node)
        ):
            c, a, b = map(source.written, node.args)
            yield swap(source, node, f"{source.written(node.func)}({c}, {b}, {a})")


OPERATORS = tuple(
    Operator(function.__name__, "mask", function)
    for function in (mask_inverted, mask_dropped, branches_exchanged)
)
