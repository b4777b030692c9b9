"""Where in the text a value of the walk can be seen when the script runs."""

from __future__ import annotations

from dataclasses import dataclass

from gradlint.harness.walks import Walker
from gradlint.harness.watching import Key, value_key
from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.tracing import Store, places


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A value is the `turn`-th that is seen under `key` in a round; `name` is what the user calls it."""

    key: Key
    node: s.Expr | s.Stmt
    turn: int
    name: str
    span: Span


class Sites:
    """The sites of the values that one walk made in its round."""

    def __init__(self, walk: Walker) -> None:
        self.walk = walk
        self.passed = walk.trace.stores[walk.stored_before :]
        self.stores = [x for x in self.passed if x.new is not None and x.new >= walk.began]
        self.by_node: dict[int, Store] = {}
        for store in self.stores:
            self.by_node.setdefault(store.new or 0, store)

    def of(self, node: int) -> Site | None:
        """Where the value of `node` can be seen: stored by a statement, or as an expression."""
        store = self.by_node.get(node)
        return self.stored(store) if store is not None else self._made(node)

    def stored(self, store: Store) -> Site | None:
        """Where the value of a store can be seen: as what is assigned, or in its place after that."""
        statement = store.statement
        same = [x for x in self.passed if x.statement is statement and x.place == store.place]
        turn = next(i for i, x in enumerate(same) if x is store)
        match statement:
            case s.Assign(value=value, targets=[s.Name() | s.Attribute() as target]) if (
                places.text(target) == store.place
            ):
                return Site(value_key(value), value, turn, store.place, statement.span)
            case s.Assign() | s.AugAssign():
                key = ("after", id(statement), store.place)
                return Site(key, statement, turn, store.place, statement.span)
        return None

    def _made(self, node: int) -> Site | None:
        trace = self.walk.trace
        expr, key = trace.nodes[node].expr, trace.keys.get(node)
        if expr is None or key is None:
            return None
        turn = key[1] - self.walk.made_before[key[0]]
        return Site(value_key(expr), expr, turn, self.walk.module.excerpt(expr.span), expr.span)
