"""Functions that work out what is a gradient by its name, and that nothing was claimed of."""

from __future__ import annotations

from collections.abc import Container, Iterator

from gradlint.claims.names import gradient_of
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend


def unjudged(module: s.Module, covered: Container[str]) -> Iterator[str]:
    """What each such function computes, and where; `covered` ones are judged elsewhere."""
    for function in (n for n in descend(module.body) if isinstance(n, s.FunctionDef)):
        if function.name in covered:
            continue
        nodes = list(descend(function.body))
        names = {n.id for n in nodes if isinstance(n, s.Name)}
        for node in nodes:
            target = node.targets[0] if isinstance(node, s.Assign) and _computes(node) else None
            if isinstance(target, s.Name) and gradient_of(target.id) in names:
                where = node.span.told
                yield f"{target.id} is computed in {function.name}(), which could not be judged ({where})"


def _computes(statement: s.Assign) -> bool:
    """Whether what is assigned is worked out there, and not from what it was before, as an optimiser does."""
    nodes = list(descend((statement.value,)))
    read = {node.id for node in nodes if isinstance(node, s.Name)}
    if any(isinstance(target, s.Name) and target.id in read for target in statement.targets):
        return False
    for node in nodes:
        match node:
            case s.BinOp() | s.Call(func=s.Attribute(attr="dot" | "matmul" | "outer" | "multiply")):
                return True
    return False
