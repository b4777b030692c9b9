"""The slope of an activation: lost, another formula, or taken of something else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source, sets

_ACTIVATION = re.compile(r"tanh|sig|relu|max|clamp|clip|act|nonlin|soft|^f$|^g$")


def is_slope(source: Source, node: ast.expr) -> bool:
    """Whether a factor looks like a slope: `1 - a`, `1 - a ** 2`, `z > 0`, `sigmoid_prime(z)`."""
    if isinstance(node, ast.Compare):
        return True
    if isinstance(node, ast.Call):
        text = source.written(node).lower()
        return any(word in text for word in ("prime", "deriv", "grad", "_d(", "d_", "where"))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return isinstance(node.left, ast.Constant)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return is_slope(source, node.left) or is_slope(source, node.right)
    return isinstance(node, ast.Attribute) and is_slope(source, node.value)


def products(source: Source) -> Iterator[ast.BinOp]:
    """Every `a * b` that runs again and again."""
    for node in source.within(ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Mult) and source.in_loop(node):
            yield node


def slope_dropped(source: Source) -> Iterator[Change]:
    """`back * slope` becomes `back`."""
    for node in products(source):
        for kept, lost in ((node.left, node.right), (node.right, node.left)):
            if is_slope(source, lost):
                yield swap(source, node, source.instead(node, kept))
    for statement in source.simple:
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Mult):
            yield Change(*source.place(statement), "pass", statement, frozenset(sets(statement)))


def slope_formula(source: Source) -> Iterator[Change]:
    """`1 - a ** 2` becomes `1 - a` or `1 + a ** 2`; `a * (1 - a)` becomes `a * (1 + a)` or `a * a`."""
    for node in source.within(ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if not (
            isinstance(node.op, ast.Sub)
            and isinstance(node.left, ast.Constant)
            and source.in_loop(node)
        ):
            continue
        one, inner = source.written(node.left), source.operand(node.right)
        yield swap(source, node, f"{one} + {inner}")
        if isinstance(node.right, ast.BinOp):
            yield swap(source, node, f"{one} - {source.operand(node.right.left)}")
        else:
            yield swap(source, node, f"{one} - {inner} ** 2")
            yield swap(source, node, inner)


def _named_functions(source: Source) -> list[ast.FunctionDef]:
    return [n for n in source.within(ast.FunctionDef) if isinstance(n, ast.FunctionDef)]


def other_function(source: Source) -> Iterator[Change]:
    """`sigmoid` where `sigmoid_prime` belongs: another function of the script, called alike."""
    functions = {f.name: len(f.args.args) for f in _named_functions(source)}
    for node in source.within(ast.Call):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in functions
        ):
            for other, count in functions.items():
                if other != node.func.id and count == functions[node.func.id]:
                    yield swap(source, node.func, other)


def derivative_flag(source: Source) -> Iterator[Change]:
    """`nonlin(x, deriv=True)` loses its flag."""
    for node in source.within(ast.Call):
        if isinstance(node, ast.Call) and len(node.args) == 1 and len(node.keywords) == 1:
            value = node.keywords[0].value
            if (
                isinstance(value, ast.Constant)
                and value.value is True
                and "deriv" in (node.keywords[0].arg or "")
            ):
                yield swap(
                    source, node, f"{source.written(node.func)}({source.written(node.args[0])})"
                )


def _activated(source: Source) -> dict[str, str]:
    """`{a: z}` for each `a = f(z)`."""
    found = {}
    for statement in source.simple:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = statement.value
            if isinstance(value, ast.Call) and _ACTIVATION.search(
                source.written(value.func).lower()
            ):
                inner = [
                    n.id
                    for n in ast.walk(value)
                    if isinstance(n, ast.Name) and n.id in source.names(statement)
                ]
                if len(inner) == 1:
                    found[statement.targets[0].id] = inner[0]
    return found


def before_for_after(source: Source) -> Iterator[Change]:
    """Both of `a * (1 - a)` become the value before the activation, or the slope is of its input."""
    activated = _activated(source)
    names = activated | {z: a for a, z in activated.items()}
    for node in source.within(ast.BinOp):
        if isinstance(node, ast.BinOp) and source.in_loop(node) and is_slope(source, node):
            for name, other in names.items():
                mentions = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name]
                if mentions:
                    yield _all_renamed(source, node, mentions, other)


def _all_renamed(source: Source, node: ast.expr, mentions: list[ast.Name], other: str) -> Change:
    start, end = source.place(node)
    text = source.text[start:end]
    for mention in sorted(mentions, key=lambda m: -source.place(m)[0]):
        at, to = source.place(mention)
        text = text[: at - start] + other + text[to - start :]
    return Change(start, end, text, source.statement(node))


OPERATORS = (
    Operator("slope_dropped", "activation derivative dropped", slope_dropped),
    Operator("derivative_flag", "activation derivative dropped", derivative_flag),
    Operator("slope_formula", "derivative formula", slope_formula),
    Operator("other_function", "derivative formula", other_function),
    Operator("before_for_after", "before or after activation", before_for_after),
)
