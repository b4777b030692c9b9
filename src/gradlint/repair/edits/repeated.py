"""What a backward pass may not do twice: write to an index that repeats, or draw a mask again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.reading.snippets import expression
from gradlint.reading.walking import descend
from gradlint.repair.building import name, parts
from gradlint.repair.candidate import Candidate, proposes, proposes_beyond
from gradlint.repair.scene import Named, Scene
from gradlint.tracing.places import text

_DRAWS = re.compile(r"rand|binomial|bernoulli|uniform|dropout|normal$", re.IGNORECASE)
_AT = {"+": "np.add.at", "-": "np.subtract.at"}


@proposes_beyond
def repeated_index(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`dE[ids] += g` writes once where `ids` repeats: `np.add.at(dE, ids, g)` adds them all."""
    if not isinstance(statement, s.AugAssign) or statement.op not in _AT:
        return
    target = statement.target
    if isinstance(target, s.Subscript) and _may_repeat(scene, statement, target):
        places = (s.Argument(target.value), s.Argument(target.index), s.Argument(statement.value))
        call = s.Call(expression(_AT[statement.op]), places)
        said = (
            f"where {text(target.index)} repeats, {text(target)} {statement.op}= keeps the last of the "
            f"contributions only; {_AT[statement.op]} adds them all"
        )
        added = s.ExprStmt(call, span=statement.span)
        yield Candidate("GL115", statement.span, said, 0.9, ((statement, added),))


def _may_repeat(scene: Scene, statement: s.Stmt, target: s.Subscript) -> bool:
    """Whether an array is indexed, and not by numbers and slices alone."""
    seen = {named.place: named for named in scene.named(statement)}
    if isinstance(target.value, s.Name) and target.value.id not in seen:
        return False  # a list or a dictionary
    index = target.index
    parts_ = index.elements if isinstance(index, s.Sequence) else (index,)
    plain = (s.Constant, s.Slice)
    names = (one for one in parts_ if not isinstance(one, plain))
    return any(not isinstance(n, s.Name) or np.shape(_value(seen.get(n.id))) != () for n in names)


def _value(named: Named | None) -> Any:
    return None if named is None else named.value


@proposes_beyond
def drawn_again(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The mask of a dropout is drawn anew where that of the forward pass is needed."""
    if not isinstance(statement, s.Assign) or len(statement.targets) != 1:
        return
    target = statement.targets[0]
    if _draws(statement.value) and isinstance(target, s.Name | s.Attribute):
        said = f"{text(target)} is drawn again; the backward pass needs the one of the forward pass"
        yield Candidate("GL116", statement.span, said, 0.9, ((statement, ()),))


@proposes
def drawn_in_place(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`d * (rng.random(d.shape) < keep)` for `d * mask`: drawn where what was drawn before is needed."""
    for node in parts(statement):
        if not isinstance(node, s.Call | s.BinOp | s.Compare) or not _draws(node):
            continue
        shape = np.shape(scene.value(node))
        for named in scene.named(statement) if shape else ():
            if named.shape == shape and named.node != -1:
                said = (
                    f"{scene.text(node)} is drawn again; the backward pass needs {named.place}, which "
                    f"the forward pass drew"
                )
                yield Candidate("GL116", node.span, said, 1.0, ((node, name(named.place)),))


def _draws(node: s.Expr) -> bool:
    return any(isinstance(n, s.Attribute) and _DRAWS.search(n.attr) for n in descend(node))
