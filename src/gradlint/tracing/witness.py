"""A walk that keeps which node each evaluation of some expressions gave, and what it made for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradlint.reading import syntax as s
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Traced


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """One evaluation: the nodes from `start` up to `end` were made for it, and it gave `value`.

    `node` is that of the value as it then was, None where it was no tensor.
    """

    start: int
    end: int
    node: int | None
    value: Any


class Witness(Interpreter):
    """Walks like any other interpreter and keeps the evaluations of the expressions in `wanted`."""

    def __init__(self, *args: Any, wanted: frozenset[int], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.wanted = wanted
        self.evaluated: dict[int, list[Evaluated]] = {}

    def evaluate(self, node: s.Expr) -> Any:
        start = len(self.trace.nodes)
        value = super().evaluate(node)
        if id(node) in self.wanted:
            made = None
            if isinstance(value, Traced):
                self.refresh(value)
                made = value.id
            found = Evaluated(start, len(self.trace.nodes), made, value)
            self.evaluated.setdefault(id(node), []).append(found)
        return value
