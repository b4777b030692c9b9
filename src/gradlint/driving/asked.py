"""What code asks of what it is given: `self.kind == "tanh"`, `x.ndim == 3`; each answer takes another way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Driven
from gradlint.tracing.values import UserFunction

_ELSEWHERE = re.compile(
    r"mode|phase|train|regular|penal|decay|optim|init|method|device", re.IGNORECASE
)
"""Options by which a backward pass is not that of the forward pass alone, or nothing to it."""


def functions_of(way: Driven) -> Iterator[s.FunctionDef]:
    """What a drive calls: functions of its names, or all methods of its class."""
    owner = way.drive.name.rpartition(".")[0]
    for one in way.body:
        if isinstance(one, s.ClassDef) and one.name == owner:
            yield from (m for m in one.body if isinstance(m, s.FunctionDef))
        elif isinstance(one, s.FunctionDef) and one.name in way.drive.covers and not owner:
            yield one


def texts(functions: Iterable[s.FunctionDef]) -> Iterator[tuple[str, str]]:
    """The texts for which functions compute something of their own, each with the name of what is that text.

    A branch that computes nothing leaves it to others: the slope of a softmax to its loss.
    """
    for node in (n for function in functions for n in descend(function.body)):
        match node:
            case s.If(test=s.Compare(left=left, ops=("==" | "in",), comparators=(text,))):
                name = _name(left)
                if name is not None and not _ELSEWHERE.search(name) and _computes(node.body):
                    yield from ((name, one) for one in _texts(text))


def _computes(block: s.Block) -> bool:
    return any(isinstance(node, s.BinOp | s.Call) for node in descend(block))


def ranks(functions: Iterable[s.FunctionDef]) -> Iterator[tuple[str, int]]:
    """The names of arrays with numbers of axes that functions ask for: 3 of `x.ndim == 3`."""
    for node in (n for function in functions for n in descend(function.body)):
        match node:
            case s.Compare(left=left, ops=("==",), comparators=(s.Constant(value=int() as rank),)):
                array = _counted(left)
                name = None if array is None else _name(array)
                if name is not None:
                    yield name, rank


def _counted(node: s.Expr) -> s.Expr | None:
    """The array whose axes are counted: `x` of `x.ndim`, `x.dim()` and `len(x.shape)`."""
    match node:
        case (
            s.Attribute(value=array, attr="ndim")
            | s.Call(func=s.Attribute(value=array, attr="dim"))
        ):
            return array
        case s.Call(func=s.Name(id="len"), args=(s.Argument(value=shape),)):
            return shape.value if isinstance(shape, s.Attribute) and shape.attr == "shape" else None
    return None


def _name(node: s.Expr) -> str | None:
    """The last name of what is asked: `x` of `x`, `self.x` and `self.cache['x']`."""
    match node:
        case s.Name(id=name) | s.Attribute(attr=name):
            return name
        case s.Subscript(index=s.Constant(value=str() as name)):
            return name
    return None


def _texts(node: s.Expr) -> Iterator[str]:
    for one in node.elements if isinstance(node, s.Sequence) else (node,):
        if isinstance(one, s.Constant) and isinstance(one.value, str):
            yield one.value


def skipping(function: UserFunction) -> s.For | None:
    """The loop that leaves out where what comes from upstream is zero: `if g == 0: continue`."""
    body = function.body if isinstance(function.body, tuple) else ()
    for loop in (n for n in descend(body) if isinstance(n, s.For)):
        for node in descend(loop.body):
            if isinstance(node, s.If) and _is_zero(node.test) and _goes_on(node.body):
                return loop
    return None


def _goes_on(block: s.Block) -> bool:
    return any(isinstance(one, s.Flow) and one.kind == "continue" for one in block)


def _is_zero(test: s.Expr) -> bool:
    match test:
        case s.Compare(ops=("==",), comparators=(s.Constant(value=0),)):
            return True
    return False


def clips(function: UserFunction) -> bool:
    """Whether a backward pass cuts off what is too large."""
    body = function.body if isinstance(function.body, tuple) else ()
    called = (node.func for node in descend(body) if isinstance(node, s.Call))
    return any(_name(one) in ("clip", "clamp", "clip_", "clamp_") for one in called)
