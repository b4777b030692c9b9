"""Items of lists and dictionaries as a statement writes them, looked up without computing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.values import Instance, Scope, Traced, plain

_MOST_INDICES = 2
_LONGEST = 16


def written(scope: Scope, statement: s.Stmt, around: Sequence[s.Stmt] = ()) -> dict[str, Traced]:
    """The items that a statement can name at its own indices: `activations[-1]`, `caches[l - 1]`.

    The variables of the loops `around` it are indices too: `hs[t]`.
    """
    found: dict[str, Traced] = {}
    if not isinstance(statement, s.Assign | s.AugAssign | s.Return | s.ExprStmt):
        return found
    for node in _items(scope, statement, around):
        value, place = _held(scope, node), as_written(node)
        if isinstance(value, Traced) and place is not None:
            found.setdefault(place, value)
    return found


def counted(named: Iterable[str]) -> set[str]:
    """The containers among places such as `hs[t - 1]` that are indexed by a variable."""
    pairs = (place.rstrip("]").rpartition("[") for place in named if place.endswith("]"))
    return {holder for holder, _, index in pairs if index.partition(" ")[0].isidentifier()}


def _items(scope: Scope, statement: s.Stmt, around: Sequence[s.Stmt]) -> Iterator[s.Subscript]:
    """The items that a statement names; then those of all lists at the indices that it names."""
    written = [node for node in descend(statement) if isinstance(node, s.Subscript)]
    yield from written
    indices = {as_written(node.index): node.index for node in written if _moves(node.index)}
    for counter in _counters(scope, around):
        indices.setdefault(counter.id, counter)
    for index in [*indices.values()][:_MOST_INDICES]:
        for name in _lists(scope):
            for one in (
                index,
                s.BinOp("-", index, s.Constant(1)),
                s.BinOp("+", index, s.Constant(1)),
            ):
                yield s.Subscript(s.Name(name), one)


def _counters(scope: Scope, around: Sequence[s.Stmt]) -> Iterator[s.Name]:
    """The variables of loops that count, the innermost first."""
    for loop in reversed(around):
        target = loop.target if isinstance(loop, s.For) else None
        if isinstance(target, s.Name) and type(plain(scope.names.get(target.id))) is int:
            yield target


def _moves(index: s.Expr) -> bool:
    """Whether an index is a variable, with or without a minus."""
    return isinstance(index, s.Name) or (
        isinstance(index, s.UnaryOp) and isinstance(index.operand, s.Name)
    )


def _lists(scope: Scope) -> Iterator[str]:
    current: Scope | None = scope
    while current is not None:
        for name, value in current.names.items():
            if isinstance(value, list | dict) and 1 < len(value) <= _LONGEST:
                yield name
        current = current.parent


def as_written(node: s.Expr) -> str | None:
    """The text of a name, an attribute, an item or an index made of these; None for anything else."""
    match node:
        case s.Name():
            return node.id
        case s.Constant():
            return repr(node.value)
        case s.UnaryOp(op="-"):
            inner = as_written(node.operand)
            return inner and f"-{inner}"
        case s.BinOp(op="+" | "-"):
            parts = as_written(node.left), as_written(node.right)
            return f"{parts[0]} {node.op} {parts[1]}" if None not in parts else None
        case s.Attribute():
            inner = as_written(node.value)
            return inner and f"{inner}.{node.attr}"
        case s.Subscript():
            parts = as_written(node.value), as_written(node.index)
            return f"{parts[0]}[{parts[1]}]" if None not in parts else None
    return None


def _held(scope: Scope, node: s.Expr) -> Any:
    """What a name, an attribute or an item of a container is now; nothing is computed or traced."""
    match node:
        case s.Name():
            owner = scope.find(node.id)
            return None if owner is None else owner.names.get(node.id)
        case s.Constant():
            return node.value
        case s.UnaryOp(op="-") | s.BinOp(op="+" | "-"):
            return _index_of(scope, node)
        case s.Attribute():
            value = _held(scope, node.value)
            return value.attributes.get(node.attr) if isinstance(value, Instance) else None
        case s.Subscript():
            value, index = _held(scope, node.value), plain(_held(scope, node.index))
            if isinstance(value, list | tuple | dict):
                try:
                    return value[index]
                except (LookupError, TypeError):
                    return None
    return None


def _index_of(scope: Scope, node: s.UnaryOp | s.BinOp) -> int | None:
    operands = (node.operand,) if isinstance(node, s.UnaryOp) else (node.left, node.right)
    found = (plain(_held(scope, operand)) for operand in operands)
    values = [value for value in found if isinstance(value, int)]
    if len(values) != len(operands):
        return None
    return values[0] + values[1] if node.op == "+" else sum(values[:-1]) - values[-1]
