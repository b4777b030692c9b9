"""Transposes that undo one another: `w.t().t()` is `w`, `(a.T @ b).T` is `b.T @ a`."""

from __future__ import annotations

import ast

_PRODUCTS = ("mm", "matmul", "dot")


def untransposed(tree: ast.expr) -> ast.expr | None:
    """`tree` with fewer transposes; None where there is none to spare."""
    before = ast.dump(tree)
    made: ast.expr = _Untransposer().visit(tree)
    return None if ast.dump(made) == before else made


class _Untransposer(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        return _spared(node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return _spared(node)


def _spared(node: ast.expr) -> ast.expr:
    """What a transpose is of, if that is itself transposed or a product with a transposed factor."""
    inner = _of(node)
    if inner is None:
        return node
    if (twice := _of(inner)) is not None:
        return twice
    match inner:
        case ast.BinOp(left=left, op=ast.MatMult(), right=right) if _of(left) or _of(right):
            return ast.BinOp(_turned(right, node), ast.MatMult(), _turned(left, node))
        case ast.Call(func=ast.Attribute(value=left, attr=attr), args=[right], keywords=[]):
            if attr in _PRODUCTS and not _is_module(left) and (_of(left) or _of(right)):
                method = ast.Attribute(_turned(right, node), attr, ast.Load())
                return ast.Call(method, [_turned(left, node)], [])
    return node


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "torch")


def _of(node: ast.expr) -> ast.expr | None:
    """The matrix that `node` is the transpose of."""
    match node:
        case ast.Attribute(value=value, attr="T"):
            return value
        case ast.Call(func=ast.Attribute(value=value, attr="t"), args=[], keywords=[]):
            return value
    return None


def _turned(node: ast.expr, like: ast.expr) -> ast.expr:
    """The transpose of `node`, spelled as `like` is."""
    if (inner := _of(node)) is not None:
        return inner
    if isinstance(like, ast.Attribute):
        return ast.Attribute(node, "T", ast.Load())
    return ast.Call(ast.Attribute(node, "t", ast.Load()), [], [])
