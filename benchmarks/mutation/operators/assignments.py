"""`=` for `+=`, and `+=` for `=`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutant import Change, Operator
from mutation.source import Source


def overwritten(source: Source) -> Iterator[Change]:
    """`d += x` becomes `d = x`."""
    for statement in source.simple:
        if isinstance(statement, ast.AugAssign) and source.in_loop(statement):
            between = source.place(statement.target)[1], source.place(statement.value)[0]
            at = source.text.index("=", between[0])
            yield Change(at - 1, at + 1, "=", statement)


def added_up(source: Source) -> Iterator[Change]:
    """`d = x` becomes `d += x`."""
    for statement in source.simple:
        if isinstance(statement, ast.Assign) and source.in_loop(statement):
            at = source.text.index("=", source.place(statement.targets[0])[1])
            yield Change(at, at + 1, "+=", statement)


OPERATORS = tuple(
    Operator(function.__name__, "= for +=", function) for function in (overwritten, added_up)
)
