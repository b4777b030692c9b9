"""A wrong sign inside the derivative, or of all the steps."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.repair.building import parts, right_side
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene
from gradlint.tracing.places import text


@proposes
def turned_difference(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`a - b` for `b - a`, `+` for `-`."""
    for node in parts(statement):
        if isinstance(node, s.BinOp) and node.op == "-":
            turned = s.BinOp("-", node.right, node.left)
            said = f"the sign is wrong: {scene.text(node)} is the opposite of what is needed"
            yield Candidate("GL102", node.span, said, 1.0, ((node, turned),))
        if isinstance(node, s.BinOp) and node.op in "+-":
            other = "+" if node.op == "-" else "-"
            said = f"{node.op} stands where {other} belongs"
            swapped = s.BinOp(other, node.left, node.right)
            whole = node is right_side(statement)
            cost = _LIKE_OTHERS if whole and _is_like_others(scene, statement, swapped) else 1.5
            yield Candidate("GL102", node.span, said, cost, ((node, swapped),))


_LIKE_OTHERS = 0.9
"""What another operator costs with which a line is built like the lines around it."""


def _is_like_others(scene: Scene, statement: s.Stmt, value: s.BinOp) -> bool:
    """Whether with another right-hand side a line would be built as its neighbours are, and is not now."""
    block = scene.blocks.get(id(statement), ())
    values = [(one, right_side(one)) for one in block if type(one) is type(statement)]
    others = {_built(v) for one, v in values if one is not statement and v is not None}
    return _built(value) in others and _built(right_side(statement)) not in others


def _built(value: s.Expr | None) -> str:
    """An expression by its operators alone."""
    match value:
        case s.BinOp():
            return f"({_built(value.left)}{value.op}{_built(value.right)})"
        case s.UnaryOp():
            return f"{value.op}{_built(value.operand)}"
        case s.Call():
            return f"call{len(value.args)}"
    return "x"


@proposes
def minus_sign(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A minus too much or too little."""
    for node in parts(statement):
        if isinstance(node, s.UnaryOp) and node.op == "-":
            said = "the minus sign is one too many"
            yield Candidate("GL102", node.span, said, 1.1, ((node, node.operand),))
        if isinstance(node, s.Constant) and isinstance(node.value, float | int) and node.value < 0:
            said = "the minus sign is one too many"
            yield Candidate("GL102", node.span, said, 1.1, ((node, s.Constant(-node.value)),))
    value = right_side(statement)
    if isinstance(statement, s.Assign) and value is not None:
        said = f"the sign of {text(statement.targets[0])} is wrong"
        yield Candidate("GL102", value.span, said, 1.4, ((value, s.UnaryOp("-", value)),))


@proposes
def bounds_of_one_sign(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`np.clip(g, 1, 1)` for `np.clip(g, -1, 1)`: the lower bound lost its minus."""
    for node in parts(statement):
        if not isinstance(node, s.Call) or getattr(node.func, "attr", "") not in ("clip", "clamp"):
            continue
        bounds = [one.value for one in node.args if _is_positive(one.value)]
        if len(bounds) == 2:
            said = f"the lower bound {scene.text(bounds[0])} must be negative"
            below = s.UnaryOp("-", bounds[0])
            yield Candidate("GL102", bounds[0].span, said, 0.9, ((bounds[0], below),))


def _is_positive(node: s.Expr) -> bool:
    match node:
        case s.Constant(value=int() | float() as value):
            return value > 0
    return False
