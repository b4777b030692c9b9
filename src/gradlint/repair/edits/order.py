"""Two neighbouring lines in the wrong order, at least one of which changes an array.

`d /= n` before `d[rows, y] -= 1`, or `dW = x.T @ d` before `d = d * (1 - a**2)`.
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
    """A change in place and the line that follows it, the other way round."""
    block = scene.blocks.get(id(statement), ())
    after = next((b for a, b in pairwise(block) if a is statement), None)
    said = None if after is None else _in_disorder(statement, after)
    if after is None or said is None:
        return
    at = next(i for i, one in enumerate(block) if one is statement)
    moved = (*block[:at], after, statement, *block[at + 2 :])
    said = f"{said}: the lines are exchanged"
    yield Candidate("GL302", statement.span, said, 1.0, ((block, moved),))


def _in_disorder(first: s.Stmt, second: s.Stmt) -> str | None:
    """Why the order of two lines matters, if it does and one of them changes a variable."""
    here, there = _changed(first), _changed(second)
    if here is not None and here == there:
        return f"{here} is changed here before the next line has changed it"
    if there is not None and _renews(second) and _reads(first, there):
        return f"{there} is used here before the next line has changed it"
    if here is not None and _renews(first) and _reads(second, here):
        return f"{here} is changed here before the next line has used it"
    return None


def _renews(statement: s.Stmt) -> bool:
    """Whether a variable as a whole is another one afterwards, made from what it was."""
    if isinstance(statement, s.AugAssign):
        return isinstance(statement.target, s.Name)
    return isinstance(statement, s.Assign) and _is_made_from_itself(statement)


def _reads(statement: s.Stmt, name: str) -> bool:
    value = statement.value if isinstance(statement, s.Assign | s.AugAssign) else None
    return value is not None and any(
        isinstance(node, s.Name) and node.id == name for node in descend(value)
    )


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
