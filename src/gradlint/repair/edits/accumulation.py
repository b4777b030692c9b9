"""`=` where `+=` belongs: a contribution to a gradient is lost."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.repair.candidate import Candidate, proposes_beyond
from gradlint.repair.scene import Scene
from gradlint.tracing.places import text


@proposes_beyond
def overwritten(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """A gradient that had a value already is set anew."""
    if isinstance(statement, s.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, s.Name | s.Attribute | s.Subscript):
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
