"""The mask of a ReLU: inverted, or put on the wrong tensor."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.repair.building import name, parts
from gradlint.repair.candidate import Candidate, proposes, proposes_beyond
from gradlint.repair.scene import Scene
from gradlint.tracing.places import text

_INVERTED = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


@proposes
def inverted_mask(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The mask keeps what it should drop."""
    for node in parts(statement):
        if isinstance(node, s.Compare) and node.ops[0] in _INVERTED and len(node.ops) == 1:
            said = f"the mask is inverted: {scene.text(node)} selects the wrong entries"
            for cost, ways in ((0.9, _INVERTED), (0.95, _MIRRORED)):
                if (op := ways.get(node.ops[0])) is not None:
                    other = s.Compare(node.left, (op,), node.comparators)
                    yield Candidate("GL111", node.span, said, cost, ((node, other),))


@proposes_beyond
def masked_tensor(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """`a[mask] = 0` where another tensor should have been masked."""
    if not isinstance(statement, s.Assign) or not isinstance(statement.targets[0], s.Subscript):
        return
    target = statement.targets[0]
    current = text(target.value)
    visible = scene.named(statement)
    shape = next((named.shape for named in visible if named.place == current), None)
    for other in visible:
        if other.place == current or not other.shape or other.shape != shape:
            continue
        moved = s.Subscript(name(other.place), target.index, span=target.span)
        fresh = s.Assign((moved,), statement.value, span=statement.span)
        said = f"the mask is put on {current}, but it belongs on {other.place}"
        yield Candidate("GL111", target.value.span, said, 1.3, ((statement, fresh),))
