"""Loops of the backward pass that run in the order of the forward pass: over layers, over time."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.repair.building import call
from gradlint.repair.candidate import Candidate, proposes_beyond
from gradlint.repair.scene import Scene

_WHOLE = ("range",)
"""What `reversed` takes as it is."""


@proposes_beyond
def turned(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The loop around a statement runs the other way."""
    for loop in scene.loops.get(id(statement), []):
        new = _other_way(loop.iter)
        said = f"the loop must run the other way, over {scene.text(new)}"
        yield Candidate("GL117", loop.iter.span, said, 1.1, ((loop.iter, new),))


def _other_way(items: s.Expr) -> s.Expr:
    match items:
        case s.Call(func=s.Name(id="reversed"), args=(only,)):
            return only.value
        case s.Subscript(value=value, index=s.Slice(lower=None, upper=None, step=s.UnaryOp("-"))):
            return value
        case s.Call(func=s.Name(id=name)) if name not in _WHOLE:
            return call("reversed", call("list", items))
        case s.Call(func=s.Attribute()):
            return call("reversed", call("list", items))
    return call("reversed", items)
