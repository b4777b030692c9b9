"""Windows of a convolution or a pooling: flips, strides, margins, axes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from mutation.mutant import Change, Operator, swap
from mutation.source import Source

_TURNS = ("flip", "rot90", "fliplr", "flipud")
_AXES = ("transpose", "permute")


def _minus_one(node: ast.expr | None) -> bool:
    return (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.operand, ast.Constant)
        and node.operand.value == 1
    )


def flip_lost(source: Source) -> Iterator[Change]:
    """`k[::-1, ::-1]` becomes `k[:, :]`, `np.rot90(k, 2)` becomes `k`."""
    for node in source.within((ast.Subscript, ast.Call)):
        if not source.in_loop(node):
            continue
        if isinstance(node, ast.Subscript):
            turned = [s for s in ast.walk(node.slice) if isinstance(s, ast.Slice)]
            if any(_minus_one(s.step) for s in turned):
                text = source.written(node).replace("::-1", ":")
                yield swap(source, node, text)
        elif isinstance(node, ast.Call) and _is_turn(node):
            yield swap(source, node, source.operand(node.args[0]))


def _is_turn(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in _TURNS and bool(node.args)


def _windows(source: Source) -> Iterator[tuple[ast.Subscript, list[ast.Slice]]]:
    """Subscripts with at least two slices that have bounds."""
    for node in source.within(ast.Subscript):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            found = [s for s in node.slice.elts if isinstance(s, ast.Slice) and s.lower]
            if len(found) > 1 and source.in_loop(node):
                yield node, found


def window_turned(source: Source) -> Iterator[Change]:
    """`x[:, i:i + h, j:j + w]` becomes `x[:, j:j + w, i:i + h]`."""
    for node, (first, *_, last) in _windows(source):
        start, end = source.place(node)
        (a, b), (c, d) = source.place(first), source.place(last)
        text = source.text
        yield swap(source, node, text[start:a] + text[c:d] + text[b:c] + text[a:b] + text[d:end])


def stride_lost(source: Source) -> Iterator[Change]:
    """`x[i * stride:i * stride + h]` becomes `x[i:i + h]`."""
    for node, found in _windows(source):
        for one in found:
            lower = one.lower
            if isinstance(lower, ast.BinOp) and isinstance(lower.op, ast.Mult):
                start, end = source.place(one)
                moved, plain = source.written(lower), source.written(lower.left)
                text = source.text[start:end].replace(moved, plain)
                yield Change(start, end, text, source.statement(node))


def margin_lost(source: Source) -> Iterator[Change]:
    """`dx[:, pad:pad + h]` becomes `dx[:, 0:0 + h]`: the margin stays on."""
    for node, found in _windows(source):
        for one in found:
            if isinstance(one.lower, ast.Name):
                start, end = source.place(one)
                text = source.text[start:end].replace(one.lower.id, "0")
                yield Change(start, end, text, source.statement(node))


def axes_exchanged(source: Source) -> Iterator[Change]:
    """`.transpose(0, 3, 1, 2)` becomes `.transpose(0, 1, 3, 2)`: two axes exchanged."""
    for node in source.within(ast.Call):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        axes = [a for a in node.args if isinstance(a, ast.Constant)]
        if node.func.attr in _AXES and len(axes) > 2 and source.in_loop(node):
            for first, second in combinations(axes, 2):
                start, middle = source.place(first), source.place(second)
                text = (
                    source.written(second)
                    + source.text[start[1] : middle[0]]
                    + source.written(first)
                )
                yield Change(start[0], middle[1], text, source.statement(node))


OPERATORS = tuple(
    Operator(function.__name__, "convolution", function)
    for function in (flip_lost, window_turned, stride_lost, margin_lost, axes_exchanged)
)
