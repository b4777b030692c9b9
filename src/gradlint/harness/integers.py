"""`/` between two integers as Python 2 has it, in a script that Python 3 runs."""

from __future__ import annotations

import ast
from typing import Any


def divide(left: Any, right: Any) -> Any:
    """`left / right` in Python 2."""
    if isinstance(left, int) and isinstance(right, int):
        return left // right
    return left / right


class Divisions(ast.NodeTransformer):
    """Puts a call of the function that `name` refers to in the place of every `/`."""

    def __init__(self, owner: str, name: str) -> None:
        self.owner, self.name = owner, name

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        function = ast.Attribute(ast.Name(self.owner, ast.Load()), self.name, ast.Load())
        return ast.copy_location(ast.Call(function, [node.left, node.right], []), node)
