"""A walk that keeps what some statements saw, and the evaluation of their right-hand sides again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gradlint.reading import syntax as s
from gradlint.tracing.facts import Budget, Facts
from gradlint.tracing.machine import Exhausted, NewDimension
from gradlint.tracing.noting import LearntLoop
from gradlint.tracing.snapshots import Snapshot, snapshot
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.trace import Trace
from gradlint.tracing.values import Traced, UserFunction

_MOST_COPIES = 60_000
"""Copies of all snapshots of a walk together."""


class Unrepeatable(Exception):
    """What an evaluation would do cannot be told from the record of a walk."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """One evaluation of `expr`: it made the nodes from `start` up to `end`, and gave `value`."""

    expr: s.Expr
    seen: Snapshot
    start: int
    end: int
    value: Any


class Recorder(Interpreter):
    """Walks like any other interpreter and keeps the evaluations of the expressions in `wanted`."""

    def __init__(self, *args: Any, wanted: frozenset[int], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.wanted = wanted
        self.evaluations: dict[int, list[Evaluation]] = {}
        self.copies = 0
        self.lost: set[int] = set()
        self._inside: set[int] = set()

    def evaluate(self, node: s.Expr) -> Any:
        if id(node) not in self.wanted or id(node) in self._inside:
            return super().evaluate(node)
        return self._recorded(node, super().evaluate)

    def named(self, node: s.Expr) -> Any:
        if id(node) not in self.wanted or id(node) in self._inside:
            return super().named(node)
        return self._recorded(node, super().named)

    def _recorded(self, node: s.Expr, evaluate: Any) -> Any:
        seen = self._seen(node)
        start = len(self.trace.nodes)
        self._inside.add(id(node))
        try:
            value = evaluate(node)
        finally:
            self._inside.discard(id(node))
        if seen is not None:
            made = Evaluation(node, seen, start, len(self.trace.nodes), value)
            self.evaluations.setdefault(id(node), []).append(made)
        return value

    def _seen(self, node: s.Expr) -> Snapshot | None:
        if id(node) in self.lost or self.copies > _MOST_COPIES:
            self.lost.add(id(node))
            return None
        seen = snapshot(self.scope)
        self.copies += seen.size
        return seen


class Again(Interpreter):
    """Evaluates recorded expressions again, with other expressions in their place and other values.

    Whatever would change more than the value of the expression is refused.
    """

    def __init__(
        self, module: s.Module, facts: Facts, overrides: Mapping[int, Any], trace: Trace
    ) -> None:
        facts = replace(facts.copy(), parameters=set())
        super().__init__(module, facts, 0, Budget(), overrides)
        self.trace = trace

    def value_of(self, recorded: Evaluation, dirty: set[int]) -> Any:
        """The value at the place of one evaluation, where the nodes `dirty` have changed.

        Raises:
            Unrepeatable: the expression does more than to give a value.
        """
        cells = [
            cell
            for node in dirty & recorded.seen.cells.keys()
            for cell in recorded.seen.cells[node]
        ]
        kept = [(cell, cell.value) for cell in cells]
        for cell in cells:
            cell.value = self.trace.nodes[cell.id].value
        self.scope = recorded.seen.scope
        try:
            return self.named(recorded.expr)
        except (LearntLoop, NewDimension, Exhausted, RecursionError):
            raise Unrepeatable from None
        finally:
            for cell, value in kept:
                cell.value = value

    def invoke(self, function: UserFunction, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if function.scope.module is not self.scope.module:
            raise Unrepeatable
        return super().invoke(function, args, kwargs)

    def refresh(self, cell: Traced) -> None:
        """A view whose base has changed since would be renewed for all that come after this evaluation."""
        if cell.base is None or cell.how is None:
            return
        self.refresh(cell.base)
        if cell.base.version != cell.base_version:
            raise Unrepeatable

    def write(self, cell: Traced, new: Traced) -> None:
        raise Unrepeatable

    def put_item(self, holder: Any, key: Any, value: Any, place: str) -> None:
        raise Unrepeatable

    def set_attribute(self, value: Any, name: str, new: Any) -> None:
        raise Unrepeatable


def pairs(old: Any, new: Any) -> Iterator[tuple[Traced, Traced]]:
    """The tensors of a value with those that another value has in their places.

    Raises:
        Unrepeatable: the values are not made up of tensors in the same way.
    """
    if isinstance(old, Traced) and isinstance(new, Traced):
        yield old, new
    elif isinstance(old, list | tuple) and type(old) is type(new) and len(old) == len(new):
        for was, now in zip(old, new, strict=True):
            yield from pairs(was, now)
    else:
        raise Unrepeatable
