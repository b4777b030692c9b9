"""Two names for one array: a copy that is lost, a change in place, an index that comes twice."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator, swap
from mutation.source import Source

_COPIES = ("copy", "clone")
_SIGNS = {ast.Mult: "*=", ast.Add: "+=", ast.Sub: "-=", ast.Div: "/="}


def copy_lost(source: Source) -> Iterator[Change]:
    """`d = p.copy()` becomes `d = p`, `np.array(h)` becomes `h`."""
    for node in source.within(ast.Call):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in _COPIES and not node.args:
            yield swap(source, node, source.operand(node.func.value))
        of = node.args[0] if len(node.args) == 1 and node.func.attr in ("copy", "array") else None
        if isinstance(of, ast.Name | ast.Attribute | ast.Subscript):
            yield swap(source, node, source.operand(of))


def changed_in_place(source: Source) -> Iterator[Change]:
    """`d = d * slope` becomes `d *= slope`; `d = above * slope` becomes `d = above; d *= slope`."""
    for statement in source.simple:
        if not isinstance(statement, ast.Assign) or not source.in_loop(statement):
            continue
        value, target = statement.value, statement.targets[0]
        if not isinstance(value, ast.BinOp) or type(value.op) not in _SIGNS:
            continue
        if not isinstance(target, ast.Name) or not isinstance(value.left, ast.Name):
            continue
        sign, right = _SIGNS[type(value.op)], source.written(value.right)
        start, end = source.place(statement)
        if value.left.id == target.id:
            yield Change(start, end, f"{target.id} {sign} {right}", statement)
        else:
            text = f"{target.id} = {value.left.id}; {target.id} {sign} {right}"
            yield Change(start, end, text, statement)


def index_once(source: Source) -> Iterator[Change]:
    """`np.add.at(d, ids, g)` becomes `d[ids] += g`: what comes twice counts once."""
    for statement in source.simple:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(call, ast.Call) or len(call.args) != 3:
            continue
        if source.written(call.func).endswith("add.at"):
            into, index, what = map(source.written, call.args)
            yield Change(*source.place(statement), f"{into}[{index}] += {what}", statement)


OPERATORS = (
    Operator("copy_lost", "alias", copy_lost),
    Operator("changed_in_place", "alias", changed_in_place),
    Operator("index_once", "duplicate index", index_once),
)
