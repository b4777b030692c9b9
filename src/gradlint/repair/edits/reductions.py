"""The bias: its gradient is the sum of the deltas over the batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.reading import syntax as s
from gradlint.repair.building import parts, right_side, summed
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene

_AXES = ("axis", "dim")


@proposes
def missing_sum(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """No sum over the batch at all."""
    value = right_side(statement)
    assigned = isinstance(statement, s.Assign | s.AugAssign)
    if value is None or not assigned or not _has_small_parameter(scene):
        return
    for node in dict.fromkeys((value, *_array_operands(scene, statement, value))):
        for axis, keepdims in ((0, False), (0, True), (1, False), (1, True), (None, False)):
            wrapped = summed(node, axis, keepdims, scene.dialect)
            said = "the sum over the batch is missing"
            cost = 1.25 + 0.05 * (axis != 0) + 0.02 * keepdims
            yield Candidate("GL107", node.span, said, cost, ((node, wrapped),))


def _has_small_parameter(scene: Scene) -> bool:
    """Whether a parameter is no full matrix, so that its gradient is a sum over something."""
    shapes = [np.shape(scene.trace.value(claim.root)) for claim in scene.claims]
    return any(len(shape) < 2 or 1 in shape for shape in shapes)


def _array_operands(scene: Scene, statement: s.Stmt, value: s.Expr) -> Iterator[s.Expr]:
    for node in parts(statement):
        inner = scene.value(node)
        if node is not value and isinstance(node, s.BinOp) and np.size(inner) > 1:
            yield node


@proposes
def wrong_axis(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A sum over the wrong axis, or over all axes."""
    for node in parts(statement):
        if not (isinstance(node, s.Call) and isinstance(node.func, s.Attribute)):
            continue
        if node.func.attr not in ("sum", "mean"):
            continue
        for argument in node.args:
            if isinstance(argument.value, s.Constant) and argument.value.value in (0, 1):
                other = s.Constant(1 - int(bool(argument.value.value)))
                said = f"the {node.func.attr} goes over the wrong axis"
                swap = (argument.value, other)
                yield Candidate("GL107", argument.value.span, said, 1.0, (swap,))
        yield from _missing_axis(scene, node, node.func.attr)


def _missing_axis(scene: Scene, node: s.Call, kind: str) -> Iterator[Candidate]:
    """An axis, or the axis that is kept, added to a sum."""
    kept = s.Argument(s.Constant(True), scene.dialect.keepdims)
    if any(a.keyword in _AXES for a in node.args):
        if not any(a.keyword == kept.keyword for a in node.args):
            said = f"the {kind} drops an axis that the parameter has: {kept.keyword}=True keeps it"
            with_axis = s.Call(node.func, (*node.args, kept))
            yield Candidate("GL107", node.span, said, 1.0, ((node, with_axis),))
        return
    for axis in (0, 1):
        extra = s.Argument(s.Constant(axis), scene.dialect.axis)
        said = f"the {kind} goes over all axes; only one is the batch"
        for cost, more in ((1.1, (extra,)), (1.12, (extra, kept))):
            with_axis = s.Call(node.func, (*node.args, *more))
            yield Candidate("GL107", node.span, said, cost + 0.05 * axis, ((node, with_axis),))
