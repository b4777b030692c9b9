"""Statements that keep values for later: `cache = (x, w)`, `return out, (x, w)`, `steps.append((h, z))`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

if TYPE_CHECKING:
    from gradlint.repair.scene import Scene

MOST = 8
"""Keeping statements that are looked at."""

_KEEPING = ("append", "save_for_backward")


def keeping_statements(scene: Scene) -> list[s.Stmt]:
    """The statements that keep a value from which a wrong claim was computed, the last ones first."""
    trace = scene.trace
    ends = (u.new for c in scene.wrong_claims for u in c.updates if u.new < len(trace.nodes))
    used = set(trace.ancestors(ends))
    values = {store.place for store in trace.stores if store.new in used}
    found: list[s.Stmt] = [
        node
        for node in descend(scene.module.everything)
        if isinstance(node, s.Assign | s.ExprStmt | s.Return)
        and any(scene.text(one) in values for kept in kept_tuples(node) for one in kept)
    ]
    return found[::-1][:MOST]


def kept_tuples(statement: s.Stmt) -> Iterator[tuple[s.Expr, ...]]:
    """What a statement keeps, each tuple by its elements that are names."""
    match statement:
        case s.Assign(targets=(s.Name() | s.Attribute() | s.Subscript(),), value=value):
            yield from _tuples(value)
        case s.Assign(targets=(s.Sequence(elements=targets),), value=s.Sequence() as value):
            inner = (e for e in value.elements if isinstance(e, s.Sequence))
            for item in inner if len(targets) == len(value.elements) else ():
                yield item.elements
        case s.Return(value=s.Sequence(elements=elements)):
            for one in elements:
                yield from _tuples(one)
        case s.ExprStmt(value=s.Call(func=s.Attribute(attr=attr), args=args)) if attr in _KEEPING:
            values = tuple(argument.value for argument in args)
            if len(values) == 1 and isinstance(values[0], s.Sequence):
                yield from _tuples(values[0])
            else:
                yield values


def _tuples(value: s.Expr) -> Iterator[tuple[s.Expr, ...]]:
    if isinstance(value, s.Sequence) and value.kind == "tuple":
        inner = [one for one in value.elements if isinstance(one, s.Sequence)]
        yield value.elements
        for one in inner:
            yield one.elements
    elif isinstance(value, s.DictDisplay):
        yield value.values
