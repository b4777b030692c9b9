"""The two passes of a `torch.autograd.Function`: static, of the class, or of an object as torch had them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradlint.driving.calling import made_object
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Instance, UserClass, UserFunction


def taken(function: UserFunction, before: int = 1) -> tuple[s.Parameter, ...]:
    """The parameters of a pass without its class and without the `before` first: the context."""
    return function.params[before + (function.kind == "class") :]


def call(m: Interpreter, cls: UserClass, function: UserFunction, args: list[Any]) -> Any:
    """What a pass returns for the context and what else it takes."""
    first = [cls] if function.kind == "class" else []
    return m.call(function, [*first, *args], {}, None)


def holder(m: Interpreter, cls: UserClass, forward: UserFunction) -> Instance | None:
    """The object that is the context of both passes, where they are its methods and it has a constructor."""
    constructed = isinstance(cls.find("__init__"), UserFunction)
    return made_object(m, cls) if forward.kind == "function" and constructed else None


def least_given(m: Interpreter, owner: str, args: dict[str, Any], forward: UserFunction) -> int:
    """So many inputs does `apply` get at least: torch wants a gradient for each that a call gives."""
    shown = list(_applied(m.module.everything, owner))
    needed = sum(name not in forward.defaults for name in args)
    return min(max(shown, default=needed), len(args))


def _applied(body: Any, owner: str) -> Iterator[int]:
    """How many inputs the calls of `Owner.apply` in a script give, where they are written one by one."""
    nodes = list(descend(body))
    aliases = {
        target.id for n in nodes if isinstance(n, s.Assign) and _is_apply(n.value, owner)
        for target in n.targets if isinstance(target, s.Name)
    }  # fmt: skip
    for node in nodes:
        if isinstance(node, s.Call) and not any(a.star for a in node.args):
            named = isinstance(node.func, s.Name) and node.func.id in aliases
            if named or _is_apply(node.func, owner):
                yield len(node.args)


def _is_apply(node: s.Expr, owner: str) -> bool:
    """Whether an expression is `Owner.apply`, or `Owner().apply`."""
    match node:
        case s.Attribute(value=s.Name(id=name), attr="apply"):
            return name == owner
        case s.Attribute(value=s.Call(func=s.Name(id=name)), attr="apply"):
            return name == owner
    return False


def refuses(body: s.Block | s.Expr) -> bool:
    """Whether a backward pass only says that there is none."""
    said = (
        [one for one in body if not isinstance(one, s.ExprStmt)] if isinstance(body, tuple) else []
    )
    return bool(said) and isinstance(said[0], s.Raise)


def gives_nothing(body: s.Block | s.Expr) -> bool:
    """Whether a function only names what it works out, and nobody gets it: its `return` was forgotten."""
    named = [isinstance(one, s.Assign) and all(isinstance(t, s.Name) for t in one.targets)
             for one in body if not isinstance(one, s.ExprStmt)
             ] if isinstance(body, tuple) else []  # fmt: skip
    return bool(named) and all(named)


def is_base(cls: UserClass, classes: dict[str, UserClass]) -> bool:
    """Whether the forward pass asks its class for what only the classes below it have."""
    forward = cls.find("forward")
    if not isinstance(forward, UserFunction) or forward.kind != "class":
        return False
    asked = {
        node.attr for node in descend(forward.body)
        if isinstance(node, s.Attribute) and isinstance(node.value, s.Name)
        and node.value.id == forward.params[0].name
    }  # fmt: skip
    below = [other for other in classes.values() if cls in other.bases]
    return any(cls.find(name) is None and other.find(name) is not None
               for name in asked for other in below)  # fmt: skip
