"""Shapes as the script speaks of them: `(N, D_in)`, and the numbers that these are in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.deriving.goal import Goal
from gradlint.explaining.lesson import Shape
from gradlint.reading import syntax as s
from gradlint.tracing import LEAST, Store
from gradlint.tracing.facts import KEPT
from gradlint.tracing.sizes import own_sizes


class Shapes:
    """The shapes of the tensors of one goal, which were made up to be small."""

    def __init__(self, goal: Goal) -> None:
        self.trace, self.facts = goal.trace, goal.facts
        self.own = own_sizes(goal.module, goal.facts.sizes)
        self.named = dict(self._names())

    def _names(self) -> Iterator[tuple[int, str]]:
        """The names of sizes; none for a size that two of the script's literals share."""
        held: dict[int, dict[int, str]] = {}
        for store in self.trace.stores:
            if store.new is not None and self._is_size(store):
                names = held.setdefault(int(self.trace.value(store.new)), {})
                names.setdefault(self._literal(store.new), store.place)
        for size, names in held.items():
            if len(names) == 1 or len({name for site, name in names.items() if site}) == 1:
                yield size, next(iter(names.values()))

    def _literal(self, node: int) -> int:
        """The identity of the literal that a size is written as, 0 where it is computed."""
        expr = self.trace.nodes[node].expr
        return id(expr) if isinstance(expr, s.Constant) else 0

    def _is_size(self, store: Store) -> bool:
        """Whether a name holds a size: a literal that makes a dimension, or what was made of a shape."""
        if store.new is None or isinstance(store.statement, s.For | s.AugAssign):
            return False
        entry = self.trace.nodes[store.new]
        if not isinstance(entry.value, int) or isinstance(entry.value, bool) or entry.value <= KEPT:
            return False
        if not store.place.isidentifier():
            return False
        literal = isinstance(entry.expr, s.Constant)
        return not literal or id(entry.expr) in self.facts.dimensions

    def of(self, node: int) -> Shape:
        """The shape of a node of the goal's first walk."""
        return self.told(np.shape(self.trace.value(node)))

    def told(self, shape: tuple[int, ...]) -> Shape:
        """A shape of the walk as one of the script."""
        numbers = tuple(self._number(n) for n in shape)
        return Shape(tuple(self._symbol(n) for n in shape), numbers)

    def _symbol(self, n: int) -> str:
        number = self._number(n)
        return self.named.get(n) or ("?" if number is None else str(number))

    def _number(self, n: int) -> int | None:
        """The script's own size; None where the data are not there to say."""
        if n in self.own:
            return self.own[n]
        made_up = self.facts.inputs.asked and n >= LEAST
        return None if made_up or n in self.facts.sizes.values() else n
