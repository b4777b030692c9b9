"""Products: element by element or of matrices, the operands' order, transposes, lost brackets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source

_DOTS = ("dot", "matmul", "mm")
_LIBRARIES = ("np", "numpy", "torch")


def _matrix_products(source: Source) -> Iterator[tuple[ast.expr, ast.expr, ast.expr]]:
    """Each product of matrices with its two operands, however it is written."""
    for node in source.within((ast.BinOp, ast.Call)):
        if not source.in_loop(node):
            continue
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield node, node.left, node.right
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _DOTS
        ):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in _LIBRARIES and len(node.args) == 2:
                yield node, node.args[0], node.args[1]
            elif len(node.args) == 1:
                yield node, owner, node.args[0]


def star_for_matmul(source: Source) -> Iterator[Change]:
    """`a @ b` becomes `a * b`."""
    for node, left, right in _matrix_products(source):
        yield swap(source, node, f"({source.operand(left)} * {source.operand(right)})")


def matmul_for_star(source: Source) -> Iterator[Change]:
    """`a * b` becomes `a @ b`, in the way in which the script writes products."""
    pattern = "{} @ {}"
    for found, _, _ in _matrix_products(source):
        if isinstance(found, ast.Call):
            pattern = "np.dot({}, {})" if "np." in source.text else "torch.matmul({}, {})"
    for node in source.within(ast.BinOp):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and source.in_loop(node):
            left, right = source.operand(node.left), source.operand(node.right)
            yield swap(source, node, f"({pattern.format(left, right)})")


def operands_swapped(source: Source) -> Iterator[Change]:
    """`a @ b` becomes `b @ a`."""
    for node, left, right in _matrix_products(source):
        first, second = sorted((source.place(left), source.place(right)))
        between = source.text[first[1] : second[0]]
        called = isinstance(node, ast.Call) and len(node.args) == 1
        texts = source.operand(right) if called else source.written(right), source.written(left)
        yield Change(first[0], second[1], texts[0] + between + texts[1], source.statement(node))


def _turned(source: Source) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each transpose with what is transposed."""
    for node in source.within((ast.Attribute, ast.Call)):
        if isinstance(node, ast.Attribute) and node.attr == "T":
            yield node, node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "t" and not node.args:
                yield node, node.func.value
            if (
                node.func.attr == "transpose"
                and len(node.args) == 1
                and "np" in source.written(node.func)
            ):
                yield node, node.args[0]


def transpose_dropped(source: Source) -> Iterator[Change]:
    """`x.T` becomes `x`."""
    for node, inner in _turned(source):
        if source.in_loop(node):
            yield swap(source, node, source.operand(inner))


def transpose_added(source: Source) -> Iterator[Change]:
    """An operand of a product of matrices, or a whole gradient, becomes its transpose."""
    written = {id(n) for n, _ in _turned(source)}
    suffix = ".t()" if ".t()" in source.text else ".T"
    for _, left, right in _matrix_products(source):
        for operand in (left, right):
            if id(operand) not in written:
                yield swap(source, operand, source.operand(operand) + suffix)
    for node, _, _ in _matrix_products(source):
        if isinstance(source.parents[node], ast.Assign):
            yield swap(source, node, f"({source.written(node)}){suffix}")


def brackets_lost(source: Source) -> Iterator[Change]:
    """`a * (1 - a)` becomes `a * 1 - a`."""
    for node in source.within(ast.BinOp):
        if (
            isinstance(node, ast.BinOp)
            and isinstance(source.parents[node], ast.BinOp)
            and source.in_loop(node)
        ):
            start, end = source.place(node)
            before, after = source.text[:start], source.text[end:]
            opened, closed = re.search(r"\(\s*$", before), re.match(r"\s*\)", after)
            if opened and closed:
                statement = source.statement(node)
                yield Change(opened.start(), end + closed.end(), source.written(node), statement)


OPERATORS = (
    Operator("star_for_matmul", "matmul or *", star_for_matmul),
    Operator("matmul_for_star", "matmul or *", matmul_for_star),
    Operator("operands_swapped", "operands swapped", operands_swapped),
    Operator("transpose_dropped", "transpose", transpose_dropped),
    Operator("transpose_added", "transpose", transpose_added),
    Operator("brackets_lost", "brackets lost", brackets_lost),
)
