"""What a backward pass may not do twice: write to an index that repeats, or draw a mask again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.reading.snippets import expression
from gradlint.reading.walking import descend
from gradlint.repair.candidate import Candidate, proposes_beyond
from gradlint.repair.scene import Scene
from gradlint.tracing.places import text

_DRAWS = re.compile(r"rand|binomial|bernoulli|uniform|dropout", re.IGNORECASE)
_AT = {"+": "np.add.at", "-": "np.subtract.at"}


@proposes_beyond
def repeated_index(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`dE[ids] += g` writes once where `ids` repeats: `np.add.at(dE, ids, g)` adds them all."""
    if not isinstance(statement, s.AugAssign) or statement.op not in _AT:
        return
    target = statement.target
    if isinstance(target, s.Subscript):
        places = (s.Argument(target.value), s.Argument(target.index), s.Argument(statement.value))
        call = s.Call(expression(_AT[statement.op]), places)
        said = (
            f"where {text(target.index)} repeats, {text(target)} {statement.op}= keeps the last of the "
            f"contributions only; {_AT[statement.op]} adds them all"
        )
        added = s.ExprStmt(call, span=statement.span)
        yield Candidate("GL115", statement.span, said, 0.9, ((statement, added),))


@proposes_beyond
def drawn_again(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The mask of a dropout is drawn anew where that of the forward pass is needed."""
    if not isinstance(statement, s.Assign) or len(statement.targets) != 1:
        return
    target = statement.targets[0]
    drawn = any(
        isinstance(node, s.Attribute) and _DRAWS.search(node.attr)
        for node in descend(statement.value)
    )
    if drawn and isinstance(target, s.Name | s.Attribute):
        said = f"{text(target)} is drawn again; the backward pass needs the one of the forward pass"
        yield Candidate("GL116", statement.span, said, 0.9, ((statement, ()),))
