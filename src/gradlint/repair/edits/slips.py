"""Slips of the pen: the other operator, a lost parenthesis, 1 for a name, an index off by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.building import number, parts
from gradlint.repair.candidate import Candidate, proposes, proposes_beyond
from gradlint.repair.scene import Scene

_OTHER = {"*": "/", "/": "*"}
_SUMS = ("+", "-")
_PRODUCTS = ("*", "/")


@proposes
def other_operator(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`*` for `/`, `+` for `*`."""
    for node in parts(statement):
        if not isinstance(node, s.BinOp):
            continue
        cancels = node.op == "*" and np.size(scene.value(node.right)) > 1
        others = [_OTHER[node.op]] if node.op in _OTHER and not cancels else []
        others += ["*"] if node.op in _SUMS else []
        for other in others + (["-", "**"] if node.op == "*" else []):
            said = f"{node.op} stands where {other} belongs"
            swap = (node, s.BinOp(other, node.left, node.right))
            yield Candidate("GL114", node.span, said, 1.45, (swap,))


@proposes
def lost_parentheses(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`a * 1 - a` for `a * (1 - a)`, `x - y / n` for `(x - y) / n`, and the other way round.

    Also `2 * x - y / n` for `2 * (x - y) / n`, and `c + a * 1 - a` for `c + a * (1 - a)`.
    """
    for node in parts(statement):
        if isinstance(node, s.BinOp):
            for regrouped in _regrouped(node):
                text = scene.text(regrouped)
                said = (
                    f"the parentheses are wrong: {scene.text(node)} is read as it is grouped here"
                )
                if text != scene.text(node):
                    yield Candidate("GL114", node.span, said, 1.25, ((node, regrouped),))


def _regrouped(node: s.BinOp) -> Iterator[s.Expr]:
    left, right = node.left, node.right
    if isinstance(left, s.BinOp) and _mixed(left.op, node.op):
        yield s.BinOp(left.op, left.left, s.BinOp(node.op, left.right, right))
    if isinstance(right, s.BinOp) and _mixed(node.op, right.op):
        yield s.BinOp(right.op, s.BinOp(node.op, left, right.left), right.right)
    if node.op not in _SUMS or not isinstance(left, s.BinOp):
        return
    if isinstance(right, s.BinOp) and left.op in _PRODUCTS and right.op in _PRODUCTS:
        inner = s.BinOp(node.op, left.right, right.left)
        yield s.BinOp(right.op, s.BinOp(left.op, left.left, inner), right.right)
    product = left.right
    if left.op in _SUMS and isinstance(product, s.BinOp) and product.op in _PRODUCTS:
        inner = s.BinOp(node.op, product.right, right)
        yield s.BinOp(left.op, left.left, s.BinOp(product.op, product.left, inner))


def _mixed(first: str, second: str) -> bool:
    """Whether two operators of different levels meet, so that parentheses decide."""
    levels = {op: i for i, ops in enumerate((_SUMS, (*_PRODUCTS, "@"), ("**",))) for op in ops}
    return first in levels and second in levels and levels[first] != levels[second]


@proposes
def neighbouring_index(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`h[t]` for `h[t - 1]`, `w[i]` for `w[i + 1]`, `[0][1]` for `[1][0]`."""
    for node in parts(statement):
        if not isinstance(node, s.Subscript) or isinstance(node.index, s.Slice | s.Sequence):
            continue
        for index in _neighbours(node.index):
            moved = s.Subscript(node.value, index)
            said = f"{scene.text(node)} stands where {scene.text(moved)} belongs"
            yield Candidate("GL101", node.span, said, 1.2, ((node, moved),))
        inner = node.value
        if isinstance(inner, s.Subscript) and not isinstance(inner.index, s.Slice | s.Sequence):
            turned = s.Subscript(s.Subscript(inner.value, node.index), inner.index)
            said = f"the indices of {scene.text(node)} are exchanged"
            yield Candidate("GL101", node.span, said, 1.1, ((node, turned),))


def _neighbours(index: s.Expr) -> Iterator[s.Expr]:
    match index:
        case s.Constant(value=int() as at) if not isinstance(at, bool):
            yield from (number(other) for other in (at - 1, at + 1))
        case s.BinOp(op="+" | "-" as op, left=base, right=s.Constant(value=int() as step)):
            yield base
            yield s.BinOp("-" if op == "+" else "+", base, number(step))
            yield s.BinOp(op, base, number(step + 1))
        case s.Name():
            yield s.BinOp("-", index, number(1))
            yield s.BinOp("+", index, number(1))


@proposes
def digit_for_name(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`1 * (1 - a)` for `a * (1 - a)`: a digit where the name of the factor beside it belongs."""
    for node in parts(statement):
        if not isinstance(node, s.BinOp) or node.op not in ("*", "-", "+"):
            continue
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, s.Constant) and type(side.value) in (int, float):
                for name in dict.fromkeys(n.id for n in _names(other)):
                    said = f"{scene.text(side)} stands where {name} belongs"
                    yield Candidate("GL101", side.span, said, 1.3, ((side, s.Name(name)),))


def _names(node: s.Expr) -> Iterator[s.Name]:
    return (inner for inner in descend(node) if isinstance(inner, s.Name))


@proposes_beyond
def entries_changed(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`d[rows, labels] += 1` for `-= 1`, `-= 0.5` for `-= 1`."""
    if not isinstance(statement, s.AugAssign) or not isinstance(statement.target, s.Subscript):
        return
    value, op = statement.value, statement.op
    if op in _SUMS:
        other = "-" if op == "+" else "+"
        turned = s.AugAssign(statement.target, other, value, span=statement.span)
        said = f"{op}= stands where {other}= belongs"
        yield Candidate("GL102", statement.span, said, 1.0, ((statement, turned),))
    if isinstance(value, s.Constant) and value.value != 1:
        said = f"{scene.text(value)} stands where 1 belongs"
        yield Candidate("GL113", value.span, said, 1.1, ((value, number(1)),))


@proposes
def compared_with(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`h == 1` for `h == 0` in a mask: a kink is at 0."""
    for node in parts(statement):
        if isinstance(node, s.Compare) and len(node.comparators) == 1:
            bound = node.comparators[0]
            if isinstance(bound, s.Constant) and bound.value not in (0, None):
                said = f"the mask compares with {scene.text(bound)}, but the slope changes at 0"
                yield Candidate("GL111", bound.span, said, 1.1, ((bound, number(0)),))


@proposes_beyond
def doubled(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The same change made twice in a row."""
    if not isinstance(statement, s.AugAssign):
        return
    block = scene.blocks.get(id(statement), ())
    twice = any(
        after is statement and scene.text(before.value) == scene.text(statement.value)
        and scene.module.excerpt(before.span) == scene.module.excerpt(after.span)
        for before, after in pairwise(block)
        if isinstance(before, s.AugAssign)
    )  # fmt: skip
    if twice:
        moves = any(u.statement is statement for c in scene.claims for u in c.updates)
        said = "the line above does the same: it is done twice"
        code = "GL301" if moves else "GL108"
        yield Candidate(code, statement.span, said, 0.6, ((statement, ()),))


@proposes
def other_filling(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`dz[z <= 0] = 1` for `= 0`."""
    if not isinstance(statement, s.Assign) or not isinstance(statement.targets[0], s.Subscript):
        return
    value = statement.value
    if isinstance(value, s.Constant) and isinstance(value.value, int | float) and value.value:
        said = f"the entries are set to {scene.text(value)}, but nothing flows through them: 0"
        yield Candidate("GL111", value.span, said, 1.0, ((value, number(0)),))
