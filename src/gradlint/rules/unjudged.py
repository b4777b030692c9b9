"""Functions that work out what is a gradient by its name, and that nothing was claimed of."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from gradlint.claims.names import gradient_of
from gradlint.driving.helpers import is_left_open, says_derivative
from gradlint.driving.passes import gives_nothing, refuses
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

_DERIVES = re.compile(
    r"^(d_?|grad(ient)?_?(of_)?|deriv(ative)?_?(of_)?)(?P<after>.+)$"
    r"|^(?P<before>.+?)_?(grad(ient)?|deriv(ative)?|prime|backward)(_.+)?$",
    re.IGNORECASE,
)


def derivatives(module: s.Module, covered: Container[str]) -> Iterator[str]:
    """What is said of each function that is, by its name or a flag, a derivative and was not judged."""
    functions = {n.name: n for n in module.body if isinstance(n, s.FunctionDef)}
    bare = {name.replace("_", "").lower() for name in functions}
    for name, function in functions.items():
        found = _DERIVES.match(name)
        of = (found["after"] or found["before"]) if found else ""
        if (
            name not in covered
            and of
            and of.replace("_", "").lower() in bare
            and not refuses(function.body)
            and not gives_nothing(function.body)
        ):
            yield f"{name}() could not be judged ({function.span.told})"
        elif name not in covered and (flag := _derives_at(function)) is not None:
            yield f"{name}({flag}=True) could not be judged ({function.span.told})"


def _derives_at(function: s.FunctionDef) -> str | None:
    """The parameter, False where nobody gives it, that asks a function for its derivative."""
    for param in function.params:
        match param.default:
            case s.Constant(value=False) if says_derivative(param.name):
                return None if is_left_open(function.body, param.name) else param.name
    return None


def unjudged(module: s.Module, covered: Container[str], least: int = 1) -> Iterator[str]:
    """What each such function computes, and where; `covered` ones are judged elsewhere.

    `least`: of how many gradients one has to be to be told of. One `dx` alone may be a step in space.
    """
    for function in (n for n in descend(module.body) if isinstance(n, s.FunctionDef)):
        if function.name not in covered and not function.name.startswith("test"):
            made = _gradients(function)
            if len(made) >= least:
                name, at = next(iter(made.items()))
                yield f"{name} is computed in {function.name}(), which could not be judged ({at.span.told})"


def _gradients(function: s.FunctionDef) -> dict[str, s.Stmt]:
    """The statements that compute gradients, by the names of these: `W_grad` where `W` is used too."""
    nodes = list(descend(function.body))
    names = {name for n in nodes if (name := _name(n)) is not None}
    found: dict[str, s.Stmt] = {}
    for node in nodes:
        if isinstance(node, s.Assign | s.AugAssign) and _computes(node):
            name = _name(node.targets[0] if isinstance(node, s.Assign) else node.target)
            if name is not None and gradient_of(name) in names:
                found.setdefault(name, node)
    return found


def _name(node: s.Node) -> str | None:
    """A name, or that of an attribute."""
    if isinstance(node, s.Name):
        return node.id
    return node.attr if isinstance(node, s.Attribute) else None


def _computes(statement: s.Assign | s.AugAssign) -> bool:
    """Whether what is assigned is worked out there, and not from what it was before, as an optimiser does."""
    nodes = list(descend((statement.value,)))
    targets = statement.targets if isinstance(statement, s.Assign) else ()
    read = {name for node in nodes if (name := _name(node)) is not None}
    if any(_name(target) in read for target in targets):
        return False
    for node in nodes:
        match node:
            case s.BinOp(op="*" | "@" | "/" | "-"):
                return True
            case s.Call(func=s.Attribute(attr="dot" | "matmul" | "outer" | "multiply")):
                return True
    return False
