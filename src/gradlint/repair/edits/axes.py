"""The size of the wrong axis: `n = dout.shape[1]` where the number of rows is meant."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.repair.candidate import Candidate, proposes
from gradlint.repair.scene import Scene

_AXES = (0, 1, 2, 3)


@proposes
def other_axis(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The size of each other axis."""
    match statement:
        case s.Assign(value=s.Subscript(value=s.Attribute(attr="shape")) as value):
            pass
        case _:
            return
    for axis in _AXES:
        other = s.Subscript(value.value, s.Constant(axis))
        if scene.text(other) != scene.text(value):
            said = (
                f"{scene.text(value)} is not the size that counts here: it is {scene.text(other)}"
            )
            yield Candidate("GL103", value.span, said, 1.05, ((value, other),))
