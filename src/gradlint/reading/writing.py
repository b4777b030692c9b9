"""Syntax back to text: what stands in the user's file is copied, what a repair made up is written."""

from __future__ import annotations

from gradlint.reading import syntax as s

_LEVELS = {
    "or": 1, "and": 2, "not": 3, "|": 5, "^": 6, "&": 7, "<<": 8, ">>": 8, "+": 9, "-": 9,
    "*": 10, "/": 10, "//": 10, "%": 10, "@": 10, "**": 12,
}  # fmt: skip
_COMPARISON, _UNARY, _ATOM = 4, 11, 13


def level(node: s.Expr) -> int:
    """How tightly an expression binds: 0 for a bare tuple, 13 for a name or a call."""
    match node:
        case s.BinOp() | s.BoolOp():
            return _LEVELS[node.op]
        case s.UnaryOp():
            return 3 if node.op == "not" else _UNARY
        case s.Constant():
            negative = isinstance(node.value, int | float) and node.value < 0
            return _UNARY if negative else _ATOM
        case s.Compare():
            return _COMPARISON
        case s.IfExp() | s.Lambda() | s.NamedExpr():
            return 0
        case s.Sequence():
            return 0 if node.kind == "tuple" else _ATOM
    return _ATOM


def write(node: s.Expr, module: s.Module) -> str:
    """The source text of an expression; parts that stand in the module keep their own text."""
    if node.span.line:
        return module.excerpt(node.span)
    match node:
        case s.Name():
            return node.id
        case s.Constant():
            return repr(node.value)
        case s.Attribute():
            return f"{_at_least(node.value, _ATOM, module)}.{node.attr}"
        case s.Subscript():
            return f"{_at_least(node.value, _ATOM, module)}[{write(node.index, module)}]"
        case s.Slice():
            parts = [node.lower, node.upper, *([node.step] if node.step is not None else [])]
            return ":".join(write(p, module) if p is not None else "" for p in parts)
        case s.Call():
            args = ", ".join(_argument(a, module) for a in node.args)
            return f"{_at_least(node.func, _ATOM, module)}({args})"
        case s.UnaryOp():
            space = " " if node.op == "not" else ""
            return f"{node.op}{space}{_at_least(node.operand, level(node), module)}"
        case s.BinOp():
            return _binary(node, module)
        case s.BoolOp():
            sides = (_at_least(side, level(node) + 1, module) for side in (node.left, node.right))
            return f" {node.op} ".join(sides)
        case s.Compare():
            return _comparison(node, module)
        case s.Sequence():
            inner = ", ".join(_at_least(e, 1, module) for e in node.elements)
            alone = "," if node.kind == "tuple" and len(node.elements) == 1 else ""
            return f"[{inner}]" if node.kind == "list" else inner + alone
    raise ValueError(f"a {type(node).__name__} cannot be written")


def _at_least(node: s.Expr, wanted: int, module: s.Module) -> str:
    text = write(node, module)
    return text if level(node) >= wanted else f"({text})"


def _argument(node: s.Argument, module: s.Module) -> str:
    text = _at_least(node.value, 1, module)
    return f"{node.keyword}={text}" if node.keyword else node.star + text


def _binary(node: s.BinOp, module: s.Module) -> str:
    own = _LEVELS[node.op]
    if node.op == "**":
        left = _at_least(node.left, own + 1, module)
        return f"{left} ** {_at_least(node.right, _UNARY, module)}"
    right = own if node.op in ("+", "*") and _is_same(node.right, node.op) else own + 1
    left = _at_least(node.left, own, module)
    return f"{left} {node.op} {_at_least(node.right, right, module)}"


def _is_same(node: s.Expr, op: str) -> bool:
    return isinstance(node, s.BinOp) and node.op == op


def _comparison(node: s.Compare, module: s.Module) -> str:
    text = _at_least(node.left, _COMPARISON + 1, module)
    for op, other in zip(node.ops, node.comparators, strict=True):
        text += f" {op} {_at_least(other, _COMPARISON + 1, module)}"
    return text
