"""Numbers: a stray factor, a constant changed, a factor lost."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.operators.activations import is_slope, products
from mutation.source import Source


def stray_factor(source: Source) -> Iterator[Change]:
    """`d = x` becomes `d = 2 * x` or `d = 0.5 * x`."""
    for statement in source.simple:
        if isinstance(statement, ast.Assign | ast.AugAssign) and source.in_loop(statement):
            for number in ("2", "0.5"):
                yield swap(source, statement.value, f"{number} * {source.operand(statement.value)}")


def constant_changed(source: Source) -> Iterator[Change]:
    """Each number becomes twice, half, or one more; exponents and factors alike."""
    for node in source.within(ast.Constant):
        if not isinstance(node, ast.Constant) or not source.in_loop(node):
            continue
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float) or _is_index(source, node):
            continue
        for other in sorted({value * 2, value / 2, value + 1} - {value}):
            yield swap(source, node, repr(int(other) if float(other).is_integer() else other))


def _is_index(source: Source, node: ast.AST) -> bool:
    parent = source.parents[node]
    return isinstance(parent, ast.Subscript | ast.Slice | ast.keyword) or (
        isinstance(parent, ast.UnaryOp) and isinstance(source.parents[parent], ast.Subscript)
    )


def factor_dropped(source: Source) -> Iterator[Change]:
    """`a * b` becomes `a` or `b` where what is lost is no slope."""
    for node in products(source):
        for kept, lost in ((node.left, node.right), (node.right, node.left)):
            if not is_slope(source, lost):
                yield swap(source, node, source.instead(node, kept))


OPERATORS = (
    Operator("stray_factor", "stray factor", stray_factor),
    Operator("constant_changed", "constant changed", constant_changed),
    Operator("factor_dropped", "factor dropped", factor_dropped),
)
