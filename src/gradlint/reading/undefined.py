"""The names that a module reads although nothing in it defines them."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from importlib import import_module

from gradlint.reading import syntax as s
from gradlint.reading.free_names import bound_names, of_scope
from gradlint.reading.removed_names import REMOVED
from gradlint.reading.walking import descend

_PYTHON_2 = {"unicode", "raw_input", "xrange", "reduce", "unichr", "long", "file", "cmp", "execfile",
             "basestring", "reload", "apply", "intern", "coerce", "buffer"}  # fmt: skip
_ALWAYS = {"__file__", "__name__", "__doc__", "__class__", "__spec__", "__loader__", "__package__",
           "__builtins__", "__path__", "WindowsError", "display", "get_ipython", "In", "Out", "_", "__",
           "exit", "quit", "copyright", "credits", "license", "reveal_type", "profile"}  # fmt: skip
HIDDEN = {"exec", "globals", "locals", "vars", "execfile", "__import__"}
"""Where one of these is called, names may be defined that no statement shows."""
_OPEN = ("numpy", "math", "random")
"""What a star import of these defines is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Undefined:
    """A name that is read, the `holder` that reads it (None: the module itself), and what it could be."""

    node: s.Name
    holder: s.FunctionDef | None
    known: frozenset[str]


def undefined(module: s.Module) -> Iterator[Undefined]:
    """The reads of names that nothing defines; none where names may come from out of sight."""
    nodes = list(descend(module.body))
    called = {n.func.id for n in nodes if isinstance(n, s.Call) and isinstance(n.func, s.Name)}
    starred = _starred(nodes)
    if starred is None or called & HIDDEN:
        return
    declared = {name for n in nodes if isinstance(n, s.Scope) for name in n.names}
    outer = {*dir(builtins), *_PYTHON_2, *_ALWAYS, *declared, *starred}
    yield from _within(module.body, frozenset(outer), None)


def _starred(nodes: list[s.Node]) -> set[str] | None:
    """What the star imports define; None where that is not known."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, s.ImportFrom) and any(name == "*" for name, _ in node.names):
            if node.level or node.module not in _OPEN:
                return None
            found |= {*dir(import_module(node.module)), *REMOVED}
    return found


def _within(
    nodes: Iterable[s.Node],
    outer: frozenset[str],
    holder: s.FunctionDef | None,
    own: Set[str] = frozenset(),
) -> Iterator[Undefined]:
    """The undefined reads of one scope and of those within; `own` are its parameters."""
    inside = list(of_scope(nodes))
    known = outer | own | {name for node in inside for name in bound(node)}
    for node in inside:
        if isinstance(node, s.Name) and node.id not in known:
            yield Undefined(node, holder, known)
        match node:
            case s.FunctionDef():
                outside = [*node.decorators, *_defaults(node.params)]
                yield from _within(outside, known, holder)
                yield from _within(node.body, known, node, {p.name for p in node.params})
            case s.Lambda():
                yield from _within(_defaults(node.params), known, holder)
                yield from _within((node.body,), known, holder, {p.name for p in node.params})
            case s.ClassDef():
                yield from _within((*node.bases, *node.decorators), known, holder)
                yield from _within(node.body, known, holder)
            case s.Comprehension():
                yield from _within(_parts(node), known, holder, _targets(node))


def _parts(node: s.Comprehension) -> Iterator[s.Node]:
    yield node.element
    if node.key is not None:
        yield node.key
    yield from node.generators


def _targets(node: s.Comprehension) -> set[str]:
    targets = (n for g in node.generators for n in descend(g.target))
    return {n.id for n in targets if isinstance(n, s.Name)}


def bound(node: s.Node) -> Iterator[str]:
    """The names that a statement or expression binds, deletes or catches an exception in."""
    yield from bound_names(node)
    match node:
        case s.Try():
            yield from (name for name, _ in node.handlers if name is not None)
        case s.UnknownStmt():
            yield from node.binds
        case s.Delete():
            yield from (n.id for n in descend(node.targets) if isinstance(n, s.Name))


def _defaults(params: tuple[s.Parameter, ...]) -> list[s.Expr]:
    return [param.default for param in params if param.default is not None]
