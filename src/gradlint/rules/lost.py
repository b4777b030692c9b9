"""GL120: a backward pass of a layer that hands out nothing: no `return`, and nothing is put anywhere."""

from __future__ import annotations

from gradlint import ops
from gradlint.driving import is_layer
from gradlint.model import Finding
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven

_LIBRARIES = frozenset({"np", "numpy", "torch", "math"})
_PURE = frozenset(
    {"len", "range", "float", "int", "sum", "abs", "min", "max", "tuple", "list", "zip"}
)


def findings(subject: Subject) -> list[Finding]:
    """A warning where what a layer's backward pass computes can be seen by nobody."""
    if (
        subject.case.claims
        or not isinstance(subject.module, Driven)
        or not is_layer(subject.module)
    ):
        return []
    function = _defined(subject.module)
    if function is None or function.span.file or not _is_in_vain(function):
        return []
    last = [node for node in function.body if isinstance(node, s.Assign)][-1]
    names = list(dict.fromkeys(_names(function)))
    message = (
        f"{subject.module.drive.name}() hands out nothing: it has no return and puts nothing on its object, "
        f"so that {_listed(names)} {'is' if len(names) == 1 else 'are'} lost."
    )
    return [Finding("GL120", NAMES["GL120"], severity_of("GL120", False), last.span, message)]


def _defined(module: Driven) -> s.FunctionDef | None:
    """The definition of the backward pass that is driven: a method of its class, or a function."""
    owner, _, name = module.drive.name.rpartition(".")
    body = next(
        (node.body for node in module.body if isinstance(node, s.ClassDef) and node.name == owner),
        () if owner else module.body,
    )
    found = (node for node in body if isinstance(node, s.FunctionDef) and node.name == name)
    return next(found, None)


def _is_in_vain(function: s.FunctionDef) -> bool:
    """Whether a function computes something and nobody can see it: it binds local names and does no more."""
    nodes = list(descend(function.body))
    calls = (node for node in nodes if isinstance(node, s.Call))
    return (
        bool(_names(function))
        and not any(isinstance(node, _SEEN) or _is_effect(node) for node in nodes)
        and all(
            isinstance(t, s.Name)
            for node in nodes
            if isinstance(node, s.Assign)
            for t in node.targets
        )
        and all(map(_is_pure, calls))
    )


_SEEN = (
    s.AugAssign, s.Yield, s.Delete, s.Scope, s.FunctionDef, s.ClassDef, s.Raise, s.With, s.For,
    s.Try, s.UnknownStmt, s.UnknownExpr, s.Lambda, s.NamedExpr,
)  # fmt: skip
"""What may change something or whose doing is not looked into."""


def _is_effect(node: s.Node) -> bool:
    """Whether a statement gives a value back or is made for what it does; a docstring is neither."""
    if isinstance(node, s.ExprStmt):
        return not isinstance(node.value, s.Constant)
    return isinstance(node, s.Return) and node.value is not None


def _is_pure(call: s.Call) -> bool:
    """Whether a call is one of a library or a method of arrays, which changes nothing."""
    match call.func:
        case s.Name(id=name):
            return name in _PURE
        case s.Attribute(value=s.Name(id=name), attr=attr) if name in _LIBRARIES:
            return not any(
                isinstance(arg.keyword, str) and arg.keyword == "out" for arg in call.args
            )
        case s.Attribute(attr=attr):
            return ops.lookup(f"numpy.ndarray.{attr}") is not None
    return False


def _names(function: s.FunctionDef) -> list[str]:
    """The names that are bound to what is computed, in order, without those that others are made from."""
    bound = [
        (target.id, node) for node in descend(function.body) if isinstance(node, s.Assign)
        for target in node.targets
        if isinstance(target, s.Name) and not isinstance(node.value, s.Subscript | s.Name)
    ]  # fmt: skip
    targets = {id(t) for _, node in bound for t in node.targets}
    used = {n.id for n in descend(function.body) if isinstance(n, s.Name) and id(n) not in targets}
    return [name for name, _ in bound if name not in used]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
