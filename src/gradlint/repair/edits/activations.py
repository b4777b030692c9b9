"""The slope of an activation: missing, of the wrong formula, taken at the wrong place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.building import name, parts, right_side, times
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene
from gradlint.repair.slopes import Slope, formulas
from gradlint.tracing.items import as_written

_RENAMED = 1.3
"""The cost of a slope where nothing was computed at all: `dz = dh`."""

_ATTEMPT = 1.1
"""The cost of another formula where what stands there was made of the same tensor."""


@proposes
def missing_slope(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The delta of a hidden layer without the slope of its activation."""
    value = right_side(statement)
    if value is None or not isinstance(statement, s.Assign | s.Return | s.AugAssign):
        return
    visible = {named.place for named in scene.named(statement)}
    for slope in scene.slopes:
        if slope.place not in visible:
            continue
        code = "GL111" if slope.kind == "relu" else "GL104"
        said = f"the slope of {slope.kind} is missing: {slope.told}"
        for node in (value, *_same_shape(scene, statement, slope, value)):
            swap = (node, times(node, slope.expr))
            renamed = isinstance(statement, s.Assign) and isinstance(value, s.Name)
            cost = _RENAMED if renamed else 1.4
            yield Candidate(code, node.span, said, cost + slope.cost, (swap,))


def _same_shape(scene: Scene, statement: s.Stmt, slope: Slope, whole: s.Expr) -> Iterator[s.Expr]:
    for node in parts(statement):
        value = scene.value(node)
        if node is not whole and value is not None and np.shape(value) == slope.shape:
            yield node


@proposes
def wrong_slope(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A factor that looks like a slope and is another formula."""
    visible = {named.place for named in scene.named(statement)}
    for node in parts(statement):
        whole = isinstance(node, s.BinOp | s.Call | s.Compare)
        place = None if whole else as_written(node)
        value = scene.value(node) if whole else None
        for slope in scene.slopes:
            fits = np.shape(value) == slope.shape if value is not None else place == slope.place
            if slope.place in visible and fits and not (place and slope.kind == "relu"):
                code = "GL111" if slope.kind == "relu" else "GL105"
                said = f"{scene.text(node)} is not the slope of {slope.kind}: that is {slope.told}"
                cost = _ATTEMPT if whole and _is_attempt(node, slope.place) else 1.5
                yield Candidate(code, node.span, said, cost + slope.cost, ((node, slope.expr),))


def _is_attempt(node: s.Expr, place: str) -> bool:
    """Whether an expression is made of one tensor and numbers, and may be meant as its slope: `1 - h`."""
    named = [n for n in descend(node) if isinstance(n, s.Name | s.Attribute | s.Subscript)]
    return any(as_written(n) == place for n in named) and all(
        (as_written(n) or "?") in place for n in named
    )


@proposes
def applied_again(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`1 - c ** 2` for `1 - np.tanh(c) ** 2`: the activation has no name of its own, but it is written."""
    for node in parts(statement):
        if not isinstance(node, s.Name | s.Attribute | s.Subscript):
            continue
        for call in scene.applied.get(scene.text(node), ()):
            if all(inner is not node for inner in descend(call)):
                told = scene.text(call)
                said = f"the slope of the activation is taken at {scene.text(node)}, not at {told}"
                yield Candidate("GL106", node.span, said, 1.2, ((node, call),))


@proposes
def helper_formula(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The formula in a helper such as `def sigmoid_derivative(x): return ...`."""
    if not isinstance(statement, s.Return) or statement.value is None:
        return
    for named in scene.named(statement)[:2]:
        if not named.shape and not isinstance(named.value, float):
            continue
        for formula in formulas(name(named.place)):
            said = f"{scene.text(statement.value)} is not the derivative that is used here"
            swap = (statement.value, formula)
            yield Candidate("GL105", statement.value.span, said, 1.2, (swap,))
