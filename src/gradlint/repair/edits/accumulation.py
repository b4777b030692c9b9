"""`=` where `+=` belongs: a contribution to a gradient is lost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.claims.optimisers import began
from gradlint.reading import syntax as s
from gradlint.repair.candidate import Candidate, proposes_beyond
from gradlint.repair.scene import Scene
from gradlint.tracing.places import text


@proposes_beyond
def overwritten(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A gradient that had a value already is set anew."""
    if isinstance(statement, s.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        adds = isinstance(target, s.Name | s.Attribute | s.Subscript)
        if adds and not _begins_here(scene, statement, target):
            added = s.AugAssign(target, "+", statement.value, span=statement.span)
            said = f"= overwrites what {text(target)} had collected; it must be added with +="
            yield Candidate("GL108", statement.span, said, 0.95, ((statement, added),))
        if isinstance(target, s.Subscript):
            less = s.AugAssign(target, "-", statement.value, span=statement.span)
            said = f"= overwrites what {text(target)} was; it must be subtracted with -="
            yield Candidate("GL108", statement.span, said, 1.0, ((statement, less),))
    if isinstance(statement, s.AugAssign) and statement.op == "+":
        fresh = s.Assign((statement.target,), statement.value, span=statement.span)
        said = f"+= adds to what {text(statement.target)} was before; it must be set with ="
        yield Candidate("GL108", statement.span, said, 1.5, ((statement, fresh),))


@proposes_beyond
def added_to_another(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`dW += dz` for `db += dz`, where `db` stays the zeros that it was made of."""
    if not isinstance(statement, s.AugAssign) or statement.op not in ("+", "-"):
        return
    if not isinstance(statement.target, s.Name):
        return
    here = statement.target.id
    for place in [place for place in _never_filled(scene, statement) if place != here][:_MOST]:
        target = s.AugAssign(s.Name(place), statement.op, statement.value, span=statement.span)
        said = f"it is added to {here} where {place} is meant, which stays zero"
        yield Candidate("GL101", statement.span, said, 0.9, ((statement, target),))


_MOST = 4


def _never_filled(scene: Scene, statement: s.Stmt) -> list[str]:
    """The names of arrays of zeros, made for the backward pass, that nothing has filled when it ends."""
    last = {store.place: store.new for store in scene.trace.stores if store.new is not None}
    return [
        named.place for named in scene.named(statement)
        if named.place.isidentifier() and named.node >= began(scene.trace) and named.shape
        and not np.any(named.value) and named.node not in scene.forward
        and not np.any(scene.trace.value(last.get(named.place, named.node)))
    ]  # fmt: skip


def _begins_here(scene: Scene, statement: s.Stmt, target: s.Expr) -> bool:
    """Whether a name has its first value of the statement: there is nothing that could be added to."""
    if not isinstance(target, s.Name):
        return False
    first = next((store for store in scene.trace.stores if store.place == target.id), None)
    return first is not None and first.statement is statement and first.old is None
