"""Local variables that never get a first value: each statement that sets one reads it."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.reading.free_names import of_scope
from gradlint.reading.undefined import HIDDEN, bound
from gradlint.reading.walking import descend


def unbound(function: s.FunctionDef) -> Iterator[s.Name]:
    """The first read of each local name that raises an UnboundLocalError, whichever way leads there.

    `total += x` and `e = f(e)` read what they set: where nothing else in a function sets the name, the
    first of them finds nothing.
    """
    everything = list(descend(function.body))
    if any(isinstance(n, s.Name) and n.id in HIDDEN for n in everything):
        return
    elsewhere = {param.name for param in function.params}
    for node in everything:
        elsewhere |= set(node.names) if isinstance(node, s.Scope) else set()
        elsewhere |= set(bound(node)) if isinstance(node, s.NamedExpr) else set()
    first: dict[str, s.Name] = {}
    for node in of_scope(function.body):
        read = {name.id: name for name in _read(node)}
        for name in bound(node):
            if name in read:
                first.setdefault(name, read[name])
            else:
                elsewhere.add(name)
    yield from (read for name, read in first.items() if name not in elsewhere)


def _read(node: s.Node) -> Iterator[s.Name]:
    """The names that a statement reads, whatever else is so, before it sets any."""
    match node:
        case s.AugAssign(target=s.Name() as target):
            yield target
        case s.Assign():
            inside = list(of_scope((node.value,)))
            if not any(isinstance(n, s.IfExp | s.BoolOp) for n in inside):
                yield from (n for n in inside if isinstance(n, s.Name))
