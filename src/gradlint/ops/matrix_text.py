"""Expressions for scripts with `np.matrix`, whose `*` and `**` are not elementwise: `np.multiply(a, b)`."""

from __future__ import annotations

import ast

from gradlint.ops.dialect import Dialect

_FUNCTIONS: dict[type[ast.operator], str] = {ast.Mult: "multiply", ast.Pow: "power"}


def for_matrices(text: str, dialect: Dialect) -> str:
    """`text` with elementwise products and powers as calls, where the script has matrices."""
    if not dialect.matrices or "*" not in text:
        return text
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return text
    return ast.unparse(_Calls(dialect.module).visit(tree))


class _Calls(ast.NodeTransformer):
    def __init__(self, module: str) -> None:
        self.module = module

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        name = _FUNCTIONS.get(type(node.op))
        scales = isinstance(node.op, ast.Mult) and (_is_number(node.left) or _is_number(node.right))
        if name is None or scales or (_is_number(node.left) and _is_number(node.right)):
            return node
        function = ast.parse(f"{self.module}{name}", mode="eval").body
        return ast.Call(function, [node.left, node.right], [])


def _is_number(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant)
