"""Mean or sum: a division by the number of samples lost, added, or by another number."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source, sets


def _divisions(source: Source) -> Iterator[ast.BinOp]:
    for node in source.within(ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Div) and source.in_loop(node):
            yield node


def division_dropped(source: Source) -> Iterator[Change]:
    """`x / m` becomes `x`."""
    for node in _divisions(source):
        yield swap(source, node, source.instead(node, node.left))
    for statement in source.simple:
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Div):
            yield Change(*source.place(statement), "pass", statement, frozenset(sets(statement)))


def division_added(source: Source) -> Iterator[Change]:
    """`x` becomes `x / m`, where the script divides by `m` or asks for a length elsewhere."""
    for statement in source.simple:
        if isinstance(statement, ast.Assign | ast.AugAssign) and source.in_loop(statement):
            for count in _counts(source):
                yield swap(source, statement.value, f"{source.operand(statement.value)} / {count}")


def _counts(source: Source) -> list[str]:
    """What the script may take for the number of samples, as it writes it."""
    known = [
        source.written(n.right)
        for n in _divisions(source)
        if isinstance(n.right, ast.Name | ast.Call | ast.Subscript)
    ]
    sizes = [
        n.id
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Name) and n.id in ("N", "m", "n", "batch_size")
    ]
    return list(dict.fromkeys([*known, *sizes]))[:3] or ["10"]


def _reductions(source: Source) -> Iterator[tuple[int, int, str, ast.stmt]]:
    for node in source.within(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        parent = source.parents[node]
        if node.attr in ("sum", "mean") and isinstance(parent, ast.Call) and parent.func is node:
            end = source.place(node)[1]
            yield end - len(node.attr), end, node.attr, source.statement(node)


def sum_for_mean(source: Source) -> Iterator[Change]:
    """`.sum(` for `.mean(`, and `.mean(` for `.sum(`."""
    for start, end, name, statement in _reductions(source):
        yield Change(start, end, "mean" if name == "sum" else "sum", statement)


OPERATORS = tuple(
    Operator(function.__name__, "mean or sum", function)
    for function in (division_dropped, division_added, sum_for_mean)
)
