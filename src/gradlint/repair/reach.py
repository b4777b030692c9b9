"""Which wrong claims an edit can mend at all: those that are computed from what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from gradlint.judging.groups import reference_group
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.repair.scene import Scene

if TYPE_CHECKING:
    from gradlint.repair.candidate import Candidate


class Reach:
    """How many of the wrong claims of a scene each edit reaches."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        right = reference_group(scene.judgement.comparisons)
        self.wrong = [i for i in range(len(scene.claims)) if i not in right]

    def split(self, statements: Sequence[s.Stmt]) -> tuple[list[s.Stmt], list[s.Stmt]]:
        """The statements whose value may mend all wrong claims, and the others."""
        near = [one for one in statements if self._may_reach_all(one)]
        chosen = {id(one) for one in near}
        return near, [one for one in statements if id(one) not in chosen]

    def _may_reach_all(self, statement: s.Stmt) -> bool:
        reached = self._reached.get(id(statement))
        plain = isinstance(statement, s.Assign | s.AugAssign) and reached is not None
        return not plain or len(reached or ()) == len(self.wrong)

    def most(self, statement: s.Stmt) -> int:
        """How many wrong claims were computed from what the statement made."""
        return len(self._reached.get(id(statement), ()))

    def of(self, statement: s.Stmt, candidate: Candidate) -> int:
        """How many wrong claims may change with the candidate: all where that is not plain to see."""
        reached = self._reached.get(id(statement))
        if reached is None or not isinstance(statement, s.Assign | s.AugAssign):
            return len(self.wrong)
        inside = self._inside(statement)
        local = all(isinstance(old, s.Expr) and id(old) in inside for old, _ in candidate.swaps)
        return len(reached) if local else len(self.wrong)

    def _inside(self, statement: s.Assign | s.AugAssign) -> set[int]:
        """The expressions that are read by a statement, not those that it binds."""
        found = self._values.get(id(statement))
        if found is None:
            found = {id(node) for node in descend(statement.value)} | {id(statement.value)}
            self._values[id(statement)] = found
        return found

    @cached_property
    def _values(self) -> dict[int, set[int]]:
        return {}

    @cached_property
    def _reached(self) -> dict[int, set[int]]:
        """The wrong claims that were computed from what each statement made, by its identity."""
        found: dict[int, set[int]] = {}
        trace, owners = self.scene.trace, self.scene.owners
        for i in self.wrong:
            updates = self.scene.claims[i].updates
            ends = (u.new for u in updates if u.new < len(trace.nodes))
            for node in trace.ancestors(ends):
                expr = trace.nodes[node].expr
                owner = None if expr is None else owners.get(id(expr))
                if owner is not None:
                    found.setdefault(id(owner), set()).add(i)
            for update in updates:
                found.setdefault(id(update.statement), set()).add(i)
        return found
