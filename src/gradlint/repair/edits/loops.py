"""Loops of the backward pass that run in the order of the forward pass, or leave a round out."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
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


@proposes_beyond
def whole(scene: Scene, statement: s.Stmt) -> Iterator[Candidate]:
    """The loop around a statement leaves out its first or its last round: `range(1, T)`, `range(T - 1)`."""
    for loop in scene.loops.get(id(statement), []):
        for node in descend(loop.iter):
            match node:
                case s.Call(func=s.Name(id="range"), args=(s.Argument(value=end),)):
                    if isinstance(end, s.BinOp) and end.op == "-":
                        said = (
                            f"the loop leaves out the last round: {scene.text(end.left)} is meant"
                        )
                        yield Candidate("GL117", end.span, said, _ONE_MORE, ((end, end.left),))
                case s.Call(
                    func=s.Name(id="range"),
                    args=(s.Argument(value=s.Constant(value=1) as first), s.Argument()),
                ):
                    said = "the loop leaves out the first round: it must start at 0"
                    swap = (first, s.Constant(0))
                    yield Candidate("GL117", first.span, said, _ONE_MORE, (swap,))


_ONE_MORE = 1.15


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
