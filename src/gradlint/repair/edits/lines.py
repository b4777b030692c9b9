"""A line that stands twice: `loss.back(); loss.back()`, a step that is made again with the same gradient."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.candidate import Candidate, proposes_beyond
from gradlint.repair.scene import Scene


@proposes_beyond
def line_twice(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The second of two lines that are the same, wherever it stands in the script."""
    if statement is not scene.suspects[0]:
        return
    for block in {id(block): block for block in scene.blocks.values()}.values():
        for before, after in pairwise(block):
            if _does_something(after) and _same(scene, before, after) and not _steps(scene, after):
                said = "the line above does the same: it is done twice"
                yield Candidate("GL108", after.span, said, 0.7, ((after, ()),))


def _does_something(statement: s.Stmt) -> bool:
    """Whether to do it twice may be more than to do it once: a call, a change of what is read."""
    if isinstance(statement, s.ExprStmt):
        return isinstance(statement.value, s.Call)
    if not isinstance(statement, s.Assign):
        return False
    set_ = {n.id for target in statement.targets for n in descend(target) if isinstance(n, s.Name)}
    return any(isinstance(n, s.Name) and n.id in set_ for n in descend(statement.value))


def _same(scene: Scene, first: s.Stmt, second: s.Stmt) -> bool:
    text = scene.module.excerpt(second.span)
    return type(first) is type(second) and text == scene.module.excerpt(first.span)


def _steps(scene: Scene, statement: s.Stmt) -> bool:
    """Whether a call moves parameters itself: that may be a whole step, which two of are right."""
    moved = {id(u.statement) for claim in scene.claims for u in claim.updates}
    called = {
        n.attr if isinstance(n, s.Attribute) else getattr(n, "id", "") for n in descend(statement)
    }
    functions = (n for n in descend(scene.module.everything) if isinstance(n, s.FunctionDef))
    return isinstance(statement, s.ExprStmt) and any(
        f.name in called and any(id(n) in moved for n in descend(f.body)) for f in functions
    )
