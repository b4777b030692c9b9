"""Two neighbouring lines that change one array, in the wrong order: `d /= n` before `d[rows, y] -= 1`.

Or that make it anew from itself: `dc = dc * (1 - a**2)` before `dc = dc + dc_next`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene
from gradlint.tracing.places import text


@proposes
def exchanged_lines(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A change in place and the one that follows it, the other way round."""
    block = scene.blocks.get(id(statement), ())
    after = next((b for a, b in pairwise(block) if a is statement), None)
    changed = _changed(statement)
    if after is None or changed is None or changed != _changed(after):
        return
    at = next(i for i, one in enumerate(block) if one is statement)
    moved = (*block[:at], after, statement, *block[at + 2 :])
    said = f"{changed} is changed here before the next line has changed it: the lines are exchanged"
    yield Candidate("GL302", statement.span, said, 1.0, ((block, moved),))


def _changed(statement: s.Stmt) -> str | None:
    """The variable that a statement changes in place, or makes anew from what it was."""
    target: s.Expr | None = None
    if isinstance(statement, s.AugAssign):
        target = statement.target
    elif isinstance(statement, s.Assign) and (
        isinstance(statement.targets[0], s.Subscript) or _is_made_from_itself(statement)
    ):
        target = statement.targets[0]
    while isinstance(target, s.Subscript):
        target = target.value
    return None if target is None else text(target)


def _is_made_from_itself(statement: s.Assign) -> bool:
    match statement.targets:
        case (s.Name(id=name),):
            return any(isinstance(n, s.Name) and n.id == name for n in descend(statement.value))
    return False
