"""What the expressions of a block were, in one round of the loops that they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gradlint.composing.aim import Aim
from gradlint.composing.inserting import block_of
from gradlint.composing.reversing.scopes import Scopes, reads
from gradlint.deriving.expressions import UNKNOWN
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import Traced, witness
from gradlint.tracing.witness import Evaluated


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One round of a statement: `targets` with the node that each was given, made from `start` on.

    `reads` are the tensors on the way to the loss that it names, with their nodes.
    """

    statement: s.Stmt
    target: s.Expr
    start: int
    out: int
    reads: tuple[tuple[s.Expr, int], ...]
    old: int | None = None


@dataclass(frozen=True, eq=False)
class Moments:
    """Looks up the rounds of the statements in `scopes`."""

    aim: Aim
    scopes: Scopes

    @cached_property
    def evaluated(self) -> dict[int, list[Evaluated]]:
        wanted = frozenset(id(n) for n in descend(self.scopes.block) if isinstance(n, s.Expr))
        watched = frozenset([id(self.aim.anchor)])
        return witness(self.aim.walked, self.aim.goal.facts, watched, wanted).evaluated

    def active(self, node: int | None) -> bool:
        """Whether the loss depends on a node through the parameters."""
        return node is not None and node in self.aim.goal.truth.of

    def of(self, statement: s.Stmt) -> list[Moment]:
        """What a statement did on the way to the loss, one moment for each value; none if nothing."""
        found = [self._moment(statement, target, value) for target, value in _pairs(statement)]
        return [one for one in found if one is not None]

    def value(self, expr: s.Expr) -> Any:
        """The last value of an expression, None if it was never evaluated."""
        seen = self.evaluated.get(id(expr))
        return seen[-1].value if seen else None

    def last(self, expr: s.Expr) -> int | None:
        """The node of an expression when it was last evaluated."""
        seen = self.evaluated.get(id(expr))
        return seen[-1].node if seen else None

    def latest(self, expr: s.Expr, before: int) -> int | None:
        """The node of an expression when it was last evaluated before a time."""
        seen = (x.node for x in reversed(self.evaluated.get(id(expr), ())) if x.end <= before)
        return next(seen, None)

    def _moment(self, statement: s.Stmt, target: s.Expr, value: s.Expr) -> Moment | None:
        seen = self.evaluated.get(id(value), [])
        rounds = [k for k, x in enumerate(seen) if self.active(self._out(statement, target, x, k))]
        if not rounds:
            return None
        k = rounds[len(rounds) // 2]
        out = self._out(statement, target, seen[k], k)
        assert out is not None
        old = self._at(target, k, len(seen)) if isinstance(statement, s.AugAssign) else None
        read = {n: e for e, n in self._reads(value, k, len(seen)) if self.active(n)}
        places = tuple((e, n) for n, e in read.items())
        return Moment(
            statement, target, seen[k].start, out, places, old if self.active(old) else None
        )

    def _out(self, statement: s.Stmt, target: s.Expr, seen: Evaluated, k: int) -> int | None:
        """The node that a statement made: of the value, or of the sum that it was added to."""
        if not isinstance(statement, s.AugAssign):
            return seen.node
        old = self.evaluated.get(id(target), [])
        if k >= len(old) or old[k].node is None:
            return None
        nodes = self.aim.goal.trace.nodes
        near = range(max(seen.end, old[k].end), min(len(nodes), old[k].end + 4))
        return next((n for n in near if nodes[n].inputs[:1] == (old[k].node,)), None)

    def _at(self, expr: s.Expr, k: int, rounds: int) -> int | None:
        seen = self.evaluated.get(id(expr), [])
        return seen[k].node if len(seen) == rounds else None

    def _reads(self, expr: s.Expr, k: int, rounds: int) -> Iterator[tuple[s.Expr, int]]:
        """The largest names, items and attributes in `expr` that are tensors, with their nodes."""
        if isinstance(expr, s.Name | s.Subscript | s.Attribute) and is_place(expr):
            node, value = self._at(expr, k, rounds), self.value(expr)
            if isinstance(value, Traced) and not self._is_made(expr, value):
                if node is not None:
                    yield expr, node
                return
        for below in _below(expr):
            yield from self._reads(below, k, rounds)

    def _is_made(self, expr: s.Expr, value: Traced) -> bool:
        """Whether an attribute is an operation on what it is one of: `x.T`."""
        if not isinstance(expr, s.Attribute):
            return False
        return isinstance(self.value(expr.value), Traced)


def items_of(aim: Aim) -> dict[int, str]:
    """The items that the block of the loss reads by an index that is no number, as it writes them.

    What `y[i]` is in the round that is walked must not be called `y[0]`; where `i` has become another number
    since, it has no name at all.
    """
    scopes = scopes_of(aim)
    items = [(one, n) for one in scopes.statements for n in _items(scopes, one)]
    moments = Moments(aim, scopes)
    found: dict[int, str] = {}
    for one, item in items:
        node = moments.last(item)
        if node is not None and node in aim.goal.behind:
            kept = all(scopes.is_kept(name, one) for name in reads(item))
            found.setdefault(node, aim.goal.module.excerpt(item.span) if kept else UNKNOWN)
    return found


def _items(scopes: Scopes, statement: s.Stmt) -> list[s.Subscript]:
    """The items that a statement outside of loops reads by a name or a sum."""
    if scopes.around[id(statement)] or isinstance(statement, s.For):
        return []
    return [
        n for n in descend(getattr(statement, "value", ()))
        if isinstance(n, s.Subscript) and is_place(n) and isinstance(n.index, s.Name | s.BinOp)
    ]  # fmt: skip


def scopes_of(aim: Aim) -> Scopes:
    """The block that the loss is made in, up to the statement that makes it."""
    block = block_of(aim.goal.module.body, aim.after)
    return Scopes(tuple(one for one in block if one.span.line <= aim.after.span.line))


def _pairs(statement: s.Stmt) -> list[tuple[s.Expr, s.Expr]]:
    match statement:
        case s.Assign(targets=(s.Sequence(elements=targets),), value=s.Sequence(elements=values)):
            return list(zip(targets, values, strict=False))
        case s.Assign(targets=(target,), value=value):
            return [(target, value)]
        case s.AugAssign(target=target, value=value):
            return [(target, value)]
    return []


def is_place(expr: s.Expr) -> bool:
    """Whether an expression names something: a name, and attributes and items of one."""
    match expr:
        case s.Name():
            return True
        case s.Subscript(value=value) | s.Attribute(value=value):
            return is_place(value)
    return False


def _below(expr: s.Node) -> Sequence[s.Expr]:
    found: list[s.Expr] = []
    for name in expr.__dataclass_fields__:
        value = getattr(expr, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, s.Expr):
                found.append(one)
            elif isinstance(one, s.Node):
                found += _below(one)
    return found
