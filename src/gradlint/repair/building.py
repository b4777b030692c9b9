"""Small helpers that build syntax for the edits."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from gradlint.ops import Dialect
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend


def name(text: str) -> s.Expr:
    """The expression for a place or a size: `w1`, `self.W`, `params['W1']`, `X.shape[0]`, `len(X)`."""
    return _converted(_parsed(text))


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _converted(node: ast.expr) -> s.Expr:
    match node:
        case ast.Name():
            return s.Name(node.id)
        case ast.Attribute():
            return s.Attribute(_converted(node.value), node.attr)
        case ast.Subscript():
            return s.Subscript(_converted(node.value), _converted(node.slice))
        case ast.Call():
            return s.Call(
                _converted(node.func), tuple(s.Argument(_converted(a)) for a in node.args)
            )
        case ast.Constant():
            return s.Constant(node.value)
        case ast.UnaryOp(op=ast.USub()):
            return s.UnaryOp("-", _converted(node.operand))
        case ast.BinOp(op=ast.Add() | ast.Sub() as op):
            sign = "+" if isinstance(op, ast.Add) else "-"
            return s.BinOp(sign, _converted(node.left), _converted(node.right))
    raise ValueError(f"{ast.unparse(node)} names no tensor")


def number(value: float) -> s.Expr:
    return s.Constant(int(value) if float(value).is_integer() else value)


def times(left: s.Expr, right: s.Expr) -> s.Expr:
    return s.BinOp("*", left, right)


def call(func: str, *args: s.Expr, **options: s.Expr) -> s.Expr:
    parts = [s.Argument(a) for a in args] + [s.Argument(v, k) for k, v in options.items()]
    return s.Call(name(func), tuple(parts))


def method(value: s.Expr, attr: str, *args: s.Expr, **options: s.Expr) -> s.Expr:
    parts = [s.Argument(a) for a in args] + [s.Argument(v, k) for k, v in options.items()]
    return s.Call(s.Attribute(value, attr), tuple(parts))


def transposed(value: s.Expr, dialect: Dialect) -> s.Expr:
    """The transpose in the script's dialect."""
    if dialect.transpose == "{a}.t()":
        return method(value, "t")
    return s.Attribute(value, "T")


def product(left: s.Expr, right: s.Expr, dialect: Dialect) -> s.Expr:
    """The matrix product in the script's dialect."""
    style = dialect.product
    if style == "{a}.dot({b})":
        return method(left, "dot", right)
    if style == "{a}.mm({b})":
        return method(left, "mm", right)
    if style.startswith("{module}"):
        func = style.removeprefix("{module}").partition("(")[0]
        return call(f"{dialect.module}{func}", left, right)
    return s.BinOp("@", left, right)


def summed(value: s.Expr, axis: int | None, keepdims: bool, dialect: Dialect) -> s.Expr:
    """The sum over an axis in the script's dialect."""
    options: dict[str, s.Expr] = {} if axis is None else {dialect.axis: s.Constant(axis)}
    if keepdims:
        options[dialect.keepdims] = s.Constant(True)
    if dialect.total.startswith("{a}"):
        return method(value, "sum", **options)
    return call(f"{dialect.module}sum", value, **options)


def right_side(statement: s.Stmt) -> s.Expr | None:
    """The expression that a statement computes."""
    match statement:
        case s.Assign() | s.AugAssign() | s.ExprStmt():
            return statement.value
        case s.Return():
            return statement.value
    return None


def parts(statement: s.Stmt) -> Iterator[s.Expr]:
    """All expressions of a statement's right-hand side, and those that index its targets."""
    value = right_side(statement)
    if value is not None:
        yield from (n for n in descend(value) if isinstance(n, s.Expr))
    targets = statement.targets if isinstance(statement, s.Assign) else ()
    targets = (statement.target,) if isinstance(statement, s.AugAssign) else targets
    for target in targets:
        if isinstance(target, s.Subscript):
            yield from (n for n in descend(target.index) if isinstance(n, s.Expr))


def matrix_product(node: s.Expr) -> tuple[s.Expr, s.Expr] | None:
    """The operands of a matrix product, however it is spelled."""
    match node:
        case s.BinOp(op="@"):
            return node.left, node.right
        case s.Call(func=s.Attribute(value=value, attr=attr), args=args):
            if attr not in ("dot", "mm", "matmul"):
                return None
            if len(args) == 2:
                return args[0].value, args[1].value
            return (value, args[0].value) if len(args) == 1 else None
        case s.Call(func=s.Name(id=func), args=(first, second)) if func in ("dot", "matmul", "mm"):
            return first.value, second.value
    return None


def untransposed(node: s.Expr) -> s.Expr | None:
    """`a` where `node` is `a.T`, `a.t()`, `a.transpose()` or `np.transpose(a)`, else None."""
    match node:
        case s.Attribute(value=value, attr="T"):
            return value
        case s.Call(func=s.Attribute(value=value, attr="t"), args=()):
            return value
        case s.Call(func=s.Attribute(value=value, attr="transpose"), args=()):
            return value
        case s.Call(func=s.Attribute(attr="transpose"), args=(only,)):
            return only.value
    return None
