"""Another tensor: `w1` where `w_mid` belongs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from gradlint.reading import syntax as s
from gradlint.repair.building import matrix_product, name, parts, untransposed
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Named, Scene
from gradlint.tracing.places import text

_ORPHAN = 0.1
"""What it costs that a tensor which was computed would be read nowhere any more."""


@proposes
def another_tensor(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """Each tensor that the statement names, replaced by each other that it could name."""
    visible = scene.named(statement)
    by_place = {named.place: named for named in visible}
    others = list(_plainest(visible))
    for node in parts(statement):
        place = _place(node)
        current = by_place.get(place) if place else None
        if current is None:
            continue
        in_mask = _in_mask(scene, statement, node)
        for other in others:
            if _may_replace(current, other) or _is_gradient(scene, statement, current, other):
                yield _candidate(scene, statement, node, current, other, in_mask)


def _plainest(visible: list[Named]) -> Iterator[Named]:
    """What has a name of its own goes by that: not by the place in a container that it came from."""
    named = {one.node for one in visible if one.place.isidentifier()}
    for one in visible:
        if one.place.isidentifier() or one.node not in named:
            yield one


def _place(node: s.Expr) -> str | None:
    return text(node) if isinstance(node, s.Name | s.Attribute | s.Subscript) else None


def _may_replace(current: Named, other: Named) -> bool:
    if other.node in (current.node, -1) or other.place == current.place:
        return False
    if np.asarray(other.value).dtype.kind not in "fiu":
        return False
    if current.node == -1 and other.shape:
        return True  # a size that was never meant: `p - m` for `p - y`
    return (np.size(current.value) == 1) == (np.size(other.value) == 1)


def _is_gradient(scene: Scene, statement: s.Stmt, current: Named, other: Named) -> bool:
    """Whether a number stands in a step where an array of the parameter's shape could: `lr * lr`."""
    roots = [c.root for c in scene.claims for u in c.updates if u.statement is statement]
    shapes = {scene.trace.nodes[root].shape for root in roots}
    return np.size(current.value) == 1 and other.node >= 0 and bool(other.shape in shapes - {()})


def _candidate(
    scene: Scene, statement: s.Stmt, node: s.Expr, current: Named, other: Named, in_mask: bool
) -> Candidate:
    consumed = any(
        statement is u.statement and c.gradient == current.node
        for c in scene.claims
        for u in c.updates
    )
    pair = scene.activation_pair(current.node, other.node)
    slope = pair and not _is_factor(statement, node)
    code = "GL106" if slope else "GL111" if in_mask else "GL303" if consumed else "GL101"
    said = f"{current.place} stands where {other.place} belongs"
    if slope:
        said = f"the slope of the activation is taken at {current.place}, not at {other.place}"
    unlike = 0.3 if current.shape != other.shape else 0.0
    cost = 1.35 - 0.4 * _likeness(current.place, other.place) - (0.3 if pair else 0.0) + unlike
    cost += _ORPHAN * (scene.reads(current.place) == 1)
    return Candidate(code, node.span, said, cost, ((node, name(other.place)),))


@lru_cache(maxsize=4096)
def _likeness(place: str, other: str) -> float:
    """How alike two names are, from 0 to 1."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, place, other).ratio()


def _is_factor(statement: s.Stmt, node: s.Expr) -> bool:
    """Whether `node` is a side of a matrix product: what the layer multiplied, and no slope."""
    sides = (side for part in parts(statement) for side in matrix_product(part) or ())
    return any(side is node or untransposed(side) is node for side in sides)


def _in_mask(scene: Scene, statement: s.Stmt, node: s.Expr) -> bool:
    """Whether `node` is compared with something: the tensor that a mask is made from."""
    return any(
        isinstance(around, s.Compare) and (around.left is node or node in around.comparators)
        for around in parts(statement)
    )
