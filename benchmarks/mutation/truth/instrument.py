"""A script with a call at the head of every loop body and one behind every loop."""

from __future__ import annotations

import ast
from types import CodeType

HEAD, DONE = "__mutation_head__", "__mutation_done__"


def instrumented(text: str) -> CodeType:
    """`text` compiled so that loop number k (in the order of the text) reports to `HEAD` and `DONE`.

    Raises:
        SyntaxError: the text is no Python.
    """
    tree = ast.parse(text)
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    order = {id(loop): k for k, loop in enumerate(sorted(loops, key=_place))}
    marked = _Heads(order).visit(tree)
    return compile(ast.fix_missing_locations(marked), "<mutation>", "exec")


def _place(node: ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _call(name: str, loop: int) -> ast.Expr:
    return ast.Expr(ast.Call(ast.Name(name, ast.Load()), [ast.Constant(loop)], []))


class _Heads(ast.NodeTransformer):
    def __init__(self, order: dict[int, int]) -> None:
        self.order = order

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        return self._marked(node)

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        return self._marked(node)

    def _marked(self, node: ast.For | ast.While) -> list[ast.stmt]:
        number = self.order[id(node)]
        self.generic_visit(node)
        node.body.insert(0, _call(HEAD, number))
        return [node, _call(DONE, number)]
