"""How the places of values are written: `w1`, `self.W`, `params['W1']`, `weights[0]`."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from gradlint.reading import syntax as s
from gradlint.tracing.values import Instance, Scope, Traced, plain

_FEW = 3
"""Items beyond which a container is not read by numbers."""


def text(node: s.Expr, index: Any = None) -> str:
    """The place that `node` names; `index` is the value of the outermost subscript, if known."""
    match node:
        case s.Name():
            return node.id
        case s.Attribute():
            return f"{text(node.value)}.{node.attr}"
        case s.Subscript():
            return f"{text(node.value)}[{_index(node.index, index)}]"
        case s.Starred():
            return text(node.value)
    return "..."


def is_plain(node: s.Expr) -> bool:
    """Whether `node` is a place that can be looked at again and again: names, attributes, indices of them."""
    match node:
        case s.Name() | s.Constant():
            return True
        case s.Attribute():
            return is_plain(node.value)
        case s.Subscript():
            return is_plain(node.value) and is_plain(node.index)
    return False


def _index(node: s.Expr, value: Any) -> str:
    value = plain(value)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return repr(value)
    match node:
        case s.Constant():
            return repr(node.value)
        case s.Name():
            return node.id
    return "..."


def visible(scope: Scope, counted: Container[str] = ()) -> dict[str, Traced]:
    """The tensors that a statement can name here, by how they are written.

    Sizes (`m = X.shape[1]`, `len(sizes)`) are among them, as numbers without a node (-1). Of a long
    container among those that are `counted` through nobody means the fifth item.
    """
    found: dict[str, Traced] = {}
    current: Scope | None = scope
    while current is not None:
        for name, value in current.names.items():
            if type(value) is int and value > 2:
                found.setdefault(name, Traced(-1, value, "python"))
            if isinstance(value, list | tuple) and len(value) > 2:
                found.setdefault(f"len({name})", Traced(-1, len(value), "python"))
            if name in counted and isinstance(value, list | dict) and len(value) > _FEW:
                continue
            for place, tensor in _tensors(name, value, 2):
                found.setdefault(place, tensor)
        current = current.parent
    return found


def _tensors(place: str, value: Any, depth: int) -> Iterator[tuple[str, Traced]]:
    if isinstance(value, Traced):
        yield place, value
    elif depth and isinstance(value, dict) and len(value) <= 64:
        for key, part in value.items():
            yield from _tensors(f"{place}[{key!r}]", part, depth - 1)
    elif depth and isinstance(value, list | tuple) and len(value) <= 16:
        for i, part in enumerate(value):
            if len(value) > _FEW and isinstance(part, list | tuple | dict):
                continue  # what each step kept: nobody reads the fifth by its number
            yield from _tensors(f"{place}[{i}]", part, depth - 1)
    elif depth and isinstance(value, Instance):
        for name, part in value.attributes.items():
            yield from _tensors(f"{place}.{name}", part, depth - 1)


def bound_names(block: s.Block) -> set[str]:
    """The names that a block may bind."""
    found: set[str] = set()
    for statement in block:
        targets: tuple[s.Expr, ...] = ()
        match statement:
            case s.Assign():
                targets = statement.targets
            case s.AugAssign():
                targets = (statement.target,)
            case s.For():
                targets = (statement.target,)
                found |= bound_names(statement.body)
            case s.While() | s.With():
                found |= bound_names(statement.body)
            case s.If():
                found |= bound_names(statement.body) | bound_names(statement.orelse)
        for target in targets:
            found |= _names(target)
    return found


def _names(target: s.Expr) -> set[str]:
    match target:
        case s.Name():
            return {target.id}
        case s.Sequence():
            return {name for element in target.elements for name in _names(element)}
        case s.Subscript() | s.Attribute() | s.Starred():
            return _names(target.value)
    return set()


def written(node: s.Expr | s.Stmt) -> str:
    """What a call writes to: its `out` argument, or the tensor whose method it is."""
    if not isinstance(node, s.Call):
        return ""
    for argument in node.args:
        if argument.keyword == "out":
            return text(argument.value)
    if isinstance(node.func, s.Attribute) and node.func.attr == "at" and node.args:
        return text(node.args[0].value)
    place = text(node.func)
    return place.rpartition(".")[0] or place
