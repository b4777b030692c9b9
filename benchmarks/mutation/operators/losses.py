"""The error of the output as another loss has it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source, moves_itself


def _errors(source: Source) -> Iterator[ast.BinOp]:
    """Each difference of two variables: `p - y`, `out - target`."""
    for node in source.within(ast.BinOp):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and source.in_loop(node):
            statement = source.statement(node)
            step = isinstance(statement, ast.Assign) and moves_itself(statement)
            if not isinstance(node.left, ast.Constant) and not step and not _rate(source, node):
                yield node


def _rate(source: Source, node: ast.BinOp) -> bool:
    """`b - rate * gradient` is a step whatever it is called."""
    return any(
        word in source.written(node.right) for word in ("rate", "lr", "alpha", "eta", "gamma")
    )


def extra_slope(source: Source) -> Iterator[Change]:
    """`p - y` becomes `(p - y) * p * (1 - p)`: the sigmoid's slope where it cancels, or twice."""
    for node in _errors(source):
        for p in (node.left, node.right):
            name = source.operand(p)
            yield swap(source, node, f"(({source.written(node)}) * {name} * (1 - {name}))")


def slope_cancelled(source: Source) -> Iterator[Change]:
    """`p - y` becomes `(p - y) / (p * (1 - p))`: cross-entropy by the output, the slope not applied."""
    for node in _errors(source):
        name = source.operand(node.left)
        yield swap(source, node, f"(({source.written(node)}) / ({name} * (1 - {name})))")


def sign_of_error(source: Source) -> Iterator[Change]:
    """`p - y` becomes its sign (mean absolute error), or its square."""
    library = "np" if "np." in source.text else "torch"
    for node in _errors(source):
        yield swap(source, node, f"{library}.sign({source.written(node)})")
        yield swap(source, node, f"({source.written(node)}) ** 2")


OPERATORS = tuple(
    Operator(function.__name__, "delta of another loss", function)
    for function in (extra_slope, slope_cancelled, sign_of_error)
)
