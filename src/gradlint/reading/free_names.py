"""The names that code reads from around it: what a definition needs of its module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gradlint.reading import syntax as s
from gradlint.reading.walking import children

_SCOPES = (s.FunctionDef, s.ClassDef, s.Lambda, s.Comprehension)


def free_names(nodes: Iterable[s.Node], bound: Iterable[str] = ()) -> set[str]:
    """The names that `nodes` read and do not bind themselves; `bound` are bound around them."""
    read, own, declared = set[str](), set(bound), set[str]()
    for node in of_scope(nodes):
        if isinstance(node, s.Name):
            read.add(node.id)
        elif isinstance(node, _SCOPES):
            read |= _inner(node)
        elif isinstance(node, s.Scope):
            declared |= set(node.names)
        own |= set(bound_names(node))
    return (read - own) | declared


def bound_names(node: s.Node) -> Iterator[str]:
    """The names that one statement or expression binds in the scope where it stands."""
    match node:
        case s.FunctionDef() | s.ClassDef():
            yield node.name
        case s.Assign():
            yield from _names(node.targets)
        case s.AugAssign() | s.For() | s.NamedExpr() | s.Declaration():
            yield from _names((node.target,))
        case s.With():
            yield from _names(target for _, target in node.items if target is not None)
        case s.Import():
            yield from (alias or path.split(".")[0] for path, alias in node.names)
        case s.ImportFrom():
            yield from (alias or name for name, alias in node.names)


def changed_names(node: s.Node) -> set[str]:
    """The names that a statement binds or whose items or attributes it sets, in all its blocks."""
    found: set[str] = set()
    for inner in of_scope((node,)):
        found |= set(bound_names(inner))
        targets = inner.targets if isinstance(inner, s.Assign) else ()
        found |= {name for target in targets if (name := _base(target)) is not None}
    return found


def _base(target: s.Expr) -> str | None:
    while isinstance(target, s.Subscript | s.Attribute):
        target = target.value
    return target.id if isinstance(target, s.Name) else None


def _names(targets: Iterable[s.Expr]) -> Iterator[str]:
    for target in targets:
        if isinstance(target, s.Name):
            yield target.id
        elif isinstance(target, s.Sequence):
            yield from _names(target.elements)
        elif isinstance(target, s.Starred):
            yield from _names((target.value,))


def of_scope(nodes: Iterable[s.Node]) -> Iterator[s.Node]:
    """The nodes of one scope; a scope within is given, but not what is in it."""
    for node in nodes:
        yield node
        if not isinstance(node, _SCOPES):
            yield from of_scope(children(node))


def _inner(node: Any) -> set[str]:
    """What a scope within reads from around it."""
    match node:
        case s.FunctionDef():
            outside = free_names([*node.decorators, *_defaults(node.params)])
            return outside | free_names(node.body, (p.name for p in node.params))
        case s.Lambda():
            outside = free_names(_defaults(node.params))
            return outside | free_names((node.body,), (p.name for p in node.params))
        case s.ClassDef():
            return free_names([*node.bases, *node.decorators]) | free_names(node.body)
    targets = _names(generator.target for generator in node.generators)
    return free_names(children(node), targets)


def _defaults(params: tuple[s.Parameter, ...]) -> list[s.Expr]:
    return [param.default for param in params if param.default is not None]
