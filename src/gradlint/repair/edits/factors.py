"""A factor that was left out: `error` for `error * x`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.reading import syntax as s
from gradlint.repair.building import name, right_side, times
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Named, Scene

_COST = 1.3
_MOST = 24


@proposes
def missing_factor(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The whole of a right-hand side times a tensor, or a number of a loop, that it does not name."""
    value = right_side(statement)
    moves = any(u.statement is statement for claim in scene.claims for u in claim.updates)
    if value is None or moves or isinstance(statement, s.ExprStmt):
        return
    inside = _summand(value)
    shape = np.shape(scene.value(inside))
    for named in list(_factors(scene, statement, shape))[:_MOST]:
        said = f"the factor {named.place} is missing"
        yield Candidate(
            "GL118", inside.span, said, _COST, ((inside, times(inside, name(named.place))),)
        )


def _summand(value: s.Expr) -> s.Expr:
    """What is summed or averaged where the whole is a sum, else the whole; without what divides it."""
    match value:
        case s.BinOp(
            op="*", left=s.Constant() | s.BinOp() | s.UnaryOp() | s.Name(), right=right
        ) if _is_sum(right):
            return _summand(right)
        case s.BinOp(op="/", left=left):
            return _summand(left)
        case s.Call(args=(first, *_)) if _is_sum(value):
            return first.value
    return value


def _is_sum(value: s.Expr) -> bool:
    match value:
        case s.Call(func=s.Name(id="sum"), args=(_,)):
            return True
        case s.Call(
            func=s.Attribute(attr="sum" | "mean", value=s.Name(id="np" | "numpy" | "torch"))
        ):
            return bool(value.args)
    return False


def _factors(scene: Scene, statement: s.Stmt, shape: tuple[int, ...]) -> Iterator[Named]:
    """What may be meant: names of the shape of the value, numbers that a loop gives anew."""
    for named in scene.named(statement):
        value = np.asarray(named.value)
        if named.node == -1 or value.dtype.kind not in "fi" or not named.place.isidentifier():
            continue
        if named.shape == shape and (shape or _varies(named)):
            yield named


def _varies(named: Named) -> bool:
    """Whether a number is none of the literals that people multiply by anyway."""
    return float(np.asarray(named.value)) not in (0.0, 1.0, -1.0)
