"""Functions that tell a listener what they are given and what they return, and compute what they computed."""

from __future__ import annotations

import ast
from collections.abc import Set

_PLAIN = {"staticmethod", "classmethod"}
"""Decorators under which a function is still the one that is written there; others may read or compile it."""


def tell_calls(tree: ast.Module, names: Set[str], listener: str) -> ast.Module:
    """`tree`, in which the functions and methods of its top level that are in `names` tell `listener`."""
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            for one in statement.body:
                _tell(one, names, listener, statement.name)
        else:
            _tell(statement, names, listener, None)
    return ast.fix_missing_locations(tree)


def _tell(node: ast.stmt, names: Set[str], listener: str, within: str | None) -> None:
    if not isinstance(node, ast.FunctionDef) or node.name not in names or not _is_plain(node):
        return
    returns = _Returns(listener)
    body = [returns.visit(one) for one in node.body]
    has_docstring = ast.get_docstring(node, clean=False) is not None
    at = 1 if has_docstring else 0
    first, last = node.body[min(at, len(body) - 1)], node.body[-1]
    bound = within is not None and not node.decorator_list
    owner = None if bound else within
    said: list[ast.expr] = [ast.Constant(node.name), ast.Constant(bound), ast.Constant(owner)]
    enter = ast.copy_location(ast.Expr(_method(listener, "enter", said)), first)
    leave = ast.copy_location(ast.Expr(_method(listener, "leave", [ast.Constant(None)])), last)
    node.body = [*body[:at], enter, *body[at:], leave]


def _is_plain(node: ast.FunctionDef) -> bool:
    named = all(isinstance(d, ast.Name) and d.id in _PLAIN for d in node.decorator_list)
    return named and not any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(node))


def _method(listener: str, name: str, args: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name(listener, ast.Load()), name, ast.Load()), args, [])


class _Returns(ast.NodeTransformer):
    """`return e` becomes `return listener.leave(e)`, not in the functions within."""

    def __init__(self, listener: str) -> None:
        self.listener = listener

    def visit_Return(self, node: ast.Return) -> ast.AST:
        value = ast.Constant(None) if node.value is None else node.value
        told = _method(self.listener, "leave", [value])
        return ast.copy_location(ast.Return(told), node)

    def _left(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _left
