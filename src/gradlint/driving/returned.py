"""What a function returned: its tensors, with the names that its last `return` writes them under."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradlint.driving.tensors import Part, snapshot, tensors
from gradlint.reading import syntax as s
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Opaque, UserFunction

Names = list[Any]
"""The names of the parts of a returned value, nested as the value is; None where a part has no name."""


def returned_names(function: UserFunction) -> Names:
    """How the parts of what a function returns are written, by its last `return`."""
    last = _last_return(function.body) if isinstance(function.body, tuple) else None
    value = last.value if last is not None else None
    return _nested(value) if isinstance(value, s.Sequence) else [written(value)]


def returned_keys(function: UserFunction) -> list[str]:
    """The keys of the dictionaries that a function returns where it writes them out."""
    last = _last_return(function.body) if isinstance(function.body, tuple) else None
    value = last.value if last is not None else None
    shown = value.elements if isinstance(value, s.Sequence) else (value,)
    keys = (key for one in shown if isinstance(one, s.DictDisplay) for key in one.keys)
    return [k.value for k in keys if isinstance(k, s.Constant) and isinstance(k.value, str)]


def _nested(value: s.Sequence) -> Names:
    return [_nested(e) if isinstance(e, s.Sequence) else written(e) for e in value.elements]


def written(node: s.Expr | None) -> str | None:
    """The name that an expression is, or that it is an item or attribute of."""
    match node:
        case s.Name():
            return node.id
        case s.Attribute():
            return node.attr
        case s.Subscript(index=s.Constant(value=str() as key)):
            return key
        case s.Subscript(value=s.Attribute(value=value, attr="flat")):
            return written(value)
        case s.BinOp(op="/") | s.UnaryOp(op="-"):
            return written(node.left if isinstance(node, s.BinOp) else node.operand)
        case s.Call(func=s.Attribute(value=s.Name(id="np" | "numpy" | "torch"), attr=attr)):
            return written(node.args[0].value) if attr in _SAME and node.args else None
        case s.Call(func=s.Name(id="float"), args=(first, *_)):
            return written(first.value)
        case s.Call(func=s.Attribute(value=value, attr=attr)) if attr in _SHAPED:
            return written(value)
    return None


_SAME = ("squeeze", "array", "asarray", "float64", "copy", "reshape", "ravel")
_SHAPED = ("reshape", "copy", "T", "astype", "sum", "item", "ravel", "flatten", "squeeze")


def _last_return(body: s.Block) -> s.Return | None:
    for statement in reversed(body):
        if isinstance(statement, s.Return):
            return statement
        for block in (getattr(statement, "orelse", ()), getattr(statement, "body", ())):
            if isinstance(statement, s.FunctionDef | s.ClassDef) or not isinstance(block, tuple):
                continue
            if (found := _last_return(block)) is not None:
                return found
    return None


def parts_of(value: Any, names: Names) -> list[tuple[Any, Any]]:
    """The parts of what a function returned, with their names."""
    if isinstance(value, list | tuple):
        padded = names if len(names) == len(value) else [None] * len(value)
        return list(zip(padded, value, strict=True))
    return [(names[0] if len(names) == 1 else None, value)]


def handed_out(m: Interpreter, value: Any, function: UserFunction) -> Iterator[Part]:
    """The tensors that a function returned, as they are, with the names that they have there.

    What it returned and could not be followed is noted: then not all of its gradients are known.
    """
    m.trace.unread += list(_opaque(value))
    for name, part in parts_of(value, returned_names(function)):
        for inner, tensor in tensors(part, name):
            yield inner, snapshot(tensor)


def _opaque(value: Any) -> Iterator[Opaque]:
    if isinstance(value, Opaque):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _opaque(part)
    elif isinstance(value, dict):
        yield from _opaque(list(value.values()))
