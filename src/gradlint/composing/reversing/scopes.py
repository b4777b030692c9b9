"""Which statement binds what, in which loop, and in which order: read off the text of one block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend


@dataclass(frozen=True, eq=False)
class Scopes:
    """The statements of one `block`, loops and branches included, functions not."""

    block: s.Block

    @cached_property
    def around(self) -> dict[int, tuple[int, ...]]:
        """The loops around each statement, outermost first, by identity."""
        return dict(_around(self.block, ()))

    @cached_property
    def statements(self) -> list[s.Stmt]:
        """All statements in the order of the text."""
        return [n for n in descend(self.block) if isinstance(n, s.Stmt) and id(n) in self.around]

    def sees(self, statement: s.Stmt, other: s.Stmt) -> bool:
        """Whether what `other` names can be named beside `statement`: no loop is around `other` alone."""
        own = self.around[id(statement)]
        return self.around[id(other)] == own[: len(self.around[id(other)])]

    def is_kept(self, name: str, read: s.Stmt) -> bool:
        """Whether the value of `name` that `read` sees is there to the end: nothing binds it later."""
        return not any(
            name in binds(one) and _place(one) >= _place(read) for one in self.statements
        )

    def is_last(self, name: str, made: s.Stmt) -> bool:
        """Whether no statement behind `made` binds `name`."""
        return not any(name in binds(one) and _place(one) > _place(made) for one in self.statements)


def binds(statement: s.Stmt) -> set[str]:
    """The names that one statement by itself gives a new value."""
    match statement:
        case s.Assign(targets=targets):
            return {name for target in targets for name in _names(target)}
        case s.AugAssign(target=target):
            return set(_names(target))
        case s.For(target=target):
            return set(_names(target))
    return set()


def changes(statement: s.Stmt) -> set[str]:
    """The names that a statement binds, or changes an item of, with all in its blocks."""
    found: set[str] = set()
    for node in descend((statement,)):
        match node:
            case s.Assign(targets=targets):
                found |= {name for target in targets for name in _bases(target)}
            case s.AugAssign(target=target) | s.For(target=target):
                found |= set(_bases(target))
            case s.ExprStmt():
                found |= set(lengthened(node))
    return found


def lengthened(statement: s.Stmt) -> Iterator[str]:
    """The list that a statement appends to."""
    match statement:
        case s.ExprStmt(value=s.Call(func=s.Attribute(value=s.Name(id=name), attr="append"))):
            yield name


def reads(node: s.Node) -> set[str]:
    """The names in a node."""
    return {n.id for n in descend((node,)) if isinstance(n, s.Name)}


def carried(body: s.Block) -> set[str]:
    """The names that a loop's body reads before it binds them anew: they come from the round before."""
    bound: set[str] = set()
    found: set[str] = set()
    anew = {name for n in descend(body) if isinstance(n, s.Assign) for name in binds(n)}
    for statement in body:
        inside = [n for n in descend((statement,)) if isinstance(n, s.Stmt)]
        for one in inside:
            value = getattr(one, "value", None)
            read = reads(value) if isinstance(value, s.Node) else set()
            found |= (read & anew) - bound
            bound |= binds(one)
    return found


def _around(block: s.Block, loops: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...]]]:
    for statement in block:
        yield id(statement), loops
        match statement:
            case s.For(body=body) | s.While(body=body):
                yield from _around(body, (*loops, id(statement)))
            case s.If(body=body, orelse=orelse):
                yield from _around((*body, *orelse), loops)


def _place(statement: s.Stmt) -> tuple[int, int]:
    return statement.span.line, statement.span.column


def _names(target: s.Expr) -> Iterator[str]:
    match target:
        case s.Name(id=name):
            yield name
        case s.Sequence(elements=elements):
            for one in elements:
                yield from _names(one)


def _bases(target: s.Expr) -> Iterator[str]:
    match target:
        case s.Sequence(elements=elements):
            for one in elements:
                yield from _bases(one)
        case s.Subscript(value=value) | s.Attribute(value=value) | s.Starred(value=value):
            yield from _bases(value)
        case s.Name(id=name):
            yield name


def assignments(statement: s.Stmt) -> Iterator[s.Stmt]:
    """The assignments in a statement."""
    return (n for n in descend((statement,)) if isinstance(n, s.Assign | s.AugAssign))


def bound_here(statement: s.Stmt) -> set[str]:
    """The names that a statement of a body binds, but for those that only its own loops bind."""
    match statement:
        case s.For() | s.While():
            return set()
        case s.If(body=body, orelse=orelse):
            return {name for one in (*body, *orelse) for name in bound_here(one)}
    return binds(statement)


def base_of(expr: s.Expr) -> s.Name | None:
    """The name that an expression is an item or attribute of."""
    while isinstance(expr, s.Subscript | s.Attribute):
        expr = expr.value
    return expr if isinstance(expr, s.Name) else None


def words(lines: Sequence[str]) -> set[str]:
    """The names in lines of code."""
    return {w for line in lines for w in re.findall(r"(?<![\w.])[^\W\d]\w*", line)}
