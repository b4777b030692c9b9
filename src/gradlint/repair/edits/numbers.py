"""Factors: `1/N` missing, a stray 2, a mean for a sum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.model import Agreement
from gradlint.reading import syntax as s
from gradlint.repair.building import number, parts, right_side
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene
from gradlint.repair.sizes import Size, known_sizes

_REDUCTIONS = {"mean": "sum", "sum": "mean", "average": "sum"}
_SLOPE = 0.2
"""What it costs that the factor to be dropped is a tensor: people forget slopes, they rarely add them."""

_SHORT = 32
"""Characters of an expression that a sentence can begin with."""
_LITERALS = (1.0, 2.0, 0.5)


@proposes
def dropped_factor(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A factor or divisor that does not belong there."""
    for node in parts(statement):
        if isinstance(node, s.BinOp) and node.op in "*/":
            extra = scene.text(node.right)
            verb = "multiplied" if node.op == "*" else "divided"
            code = _code(scene, node.right)
            what = _called(scene, statement, node)
            said = f"{what} is {verb} by {extra} once too often"
            cost = 1.15 + _SLOPE * (code == "GL105" or isinstance(node.right, s.Call))
            yield Candidate(code, node.span, said, cost, ((node, node.left),))
            if node.op == "*":
                said = f"{what} is multiplied by {scene.text(node.left)} once too often"
                code = _code(scene, node.left)
                yield Candidate(code, node.span, said, 1.15, ((node, node.right),))


def _called(scene: Scene, statement: s.Stmt, node: s.Expr) -> str:
    """An expression of a statement in a sentence: by the name that it is given, where it is all of it."""
    if node is right_side(statement):
        match statement:
            case s.Assign(targets=(target,)):
                return scene.text(target)
            case s.AugAssign(target=target):
                return f"what is added to {scene.text(target)}"
            case s.Return():
                return "what is returned"
    text = scene.text(node)
    return text if len(text) <= _SHORT else "this term"


def _code(scene: Scene, extra: s.Expr) -> str:
    """A plain number is a stray constant, a size a wrong scale, a tensor a slope too many."""
    if isinstance(extra, s.Constant):
        return "GL113"
    value = scene.value(extra)
    return "GL105" if value is not None and np.size(value) > 1 else "GL103"


@proposes
def literal(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A literal factor that should be another."""
    for node in parts(statement):
        if isinstance(node, s.BinOp) and node.op in ("*", "/", "**"):
            for side in (node.left, node.right):
                if isinstance(side, s.Constant) and isinstance(side.value, int | float):
                    yield from _other_literals(scene, node.op, side, float(side.value))
    yield from _lone_literals(scene, statement)


def _lone_literals(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """1 for a number that is added or subtracted: `0.5 - y`, `d[rows, y] -= 2`."""
    sums = (n for n in parts(statement) if isinstance(n, s.BinOp) and n.op in ("+", "-"))
    sides = [side for node in sums for side in (node.left, node.right)]
    if isinstance(statement, s.AugAssign) and statement.op in ("+", "-"):
        sides.append(statement.value)
    for side in sides:
        if isinstance(side, s.Constant) and type(side.value) in (int, float) and side.value != 1:
            said = f"{scene.text(side)} should be 1"
            yield Candidate("GL113", side.span, said, 1.2, ((side, number(1)),))


def _other_literals(scene: Scene, op: str, node: s.Constant, value: float) -> Iterator[Candidate]:
    sign = -1.0 if value < 0 else 1.0
    for other in _LITERALS if op != "**" else (2.0, 3.0, 1.0):
        if other != abs(value):
            text = scene.text(number(sign * other))
            what = "exponent" if op == "**" else "factor"
            said = f"the {what} {scene.text(node)} should be {text}"
            yield Candidate("GL113", node.span, said, 1.2, ((node, number(sign * other)),))


@proposes
def other_size(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`/ D` for `/ N`: the size of another axis."""
    sizes = known_sizes(scene, statement)
    by_text = {size.text: size for size in sizes}
    for node in parts(statement):
        if not isinstance(node, s.BinOp) or node.op not in ("*", "/"):
            continue
        for side in (node.left, node.right):
            current = by_text.get(scene.text(side))
            others = [size for size in sizes if current is not None and size is not current]
            for size in others:
                said = f"{scene.text(side)} is not the size that counts here: it is {size.text}"
                yield Candidate("GL103", side.span, said, 1.1, ((side, size.expr),))


@proposes
def one_less(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`/ n` for `/ (n - 1)` and the other way round: variances are divided by either."""
    sizes = {size.text for size in known_sizes(scene, statement)}
    divisions = (n for n in parts(statement) if isinstance(n, s.BinOp) and n.op == "/")
    for side in (node.right for node in divisions):
        other: s.Expr | None = None
        if isinstance(side, s.BinOp) and side.op == "-" and scene.text(side.right) == "1":
            other = side.left
        elif scene.text(side) in sizes or _asks_size(side):
            other = s.BinOp("-", side, number(1))
        if other is not None:
            said = f"the division must be by {scene.text(other)}, not by {scene.text(side)}"
            yield Candidate("GL103", side.span, said, 1.15, ((side, other),))


def _asks_size(node: s.Expr) -> bool:
    """Whether an expression is `len(x)`, `x.size` or `x.shape[0]`."""
    match node:
        case s.Call(func=s.Name(id="len")) | s.Attribute(attr="size"):
            return True
        case s.Subscript(value=s.Attribute(attr="shape")):
            return True
    return False


@proposes
def mean_or_sum(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`mean` for `sum` and the other way round."""
    for node in parts(statement):
        if not isinstance(node, s.Call) or not isinstance(node.func, s.Attribute):
            continue
        other = _REDUCTIONS.get(node.func.attr)
        if other is not None:
            func = s.Attribute(node.func.value, other)
            said = f"{node.func.attr} stands where {other} belongs"
            swap = (node, s.Call(func, node.args))
            yield Candidate("GL103", node.span, said, 0.95, (swap,))


@proposes
def size_factor(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A division or multiplication by a size or by 2 that is missing."""
    value = right_side(statement)
    moves = any(u.statement is statement for claim in scene.claims for u in claim.updates)
    if value is None or moves or isinstance(statement, s.ExprStmt):
        return
    added = isinstance(statement, s.AugAssign)
    terms = _terms(value) if added or _is_proportional(scene) else _terms(value)[1:]
    for target in terms:
        for op, missing in (("/", "divided"), ("*", "multiplied")):
            for size in (*known_sizes(scene, statement), *_two(scene)):
                code = "GL113" if size.text == "2" else "GL103"
                said = f"{_called(scene, statement, target)} must be {missing} by {size.text}"
                swap = (target, s.BinOp(op, target, size.expr))
                yield Candidate(code, target.span, said, 1.3, (swap,))


def _two(scene: Scene) -> list[Size]:
    """A literal 2, unless two is how many samples were made up: then it is the batch that is meant."""
    made = scene.case.facts.inputs.axes_of_size(2)
    return [] if made else [Size(number(2), 2, "2")]


def _is_proportional(scene: Scene) -> bool:
    """Whether some claim has a constant of its own, so that a factor of the whole can be it."""
    return any(c.agreement is not Agreement.DIFFERENT for c in scene.wrong) or any(
        c.decay for c in scene.judgement.comparisons
    )


def _terms(value: s.Expr) -> list[s.Expr]:
    """The whole right-hand side, and the terms of its outermost sum."""
    if isinstance(value, s.BinOp) and value.op in "+-":
        return [value, value.left, value.right]
    return [value]
