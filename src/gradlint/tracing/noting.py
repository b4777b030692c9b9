"""Recording what is stored where, and noticing when a parameter moves."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from gradlint.reading import syntax as s
from gradlint.tracing.library_calls import LibraryCalls
from gradlint.tracing.trace import Opaque, Store, Update
from gradlint.tracing.updates import Terms, moved_by, movement, names_its_gradient, shrinkage
from gradlint.tracing.values import Traced


class LearntLoop(Exception):
    """A loop turned out to be a training loop; the walk starts again, knowing it."""


class Noting(LibraryCalls):
    """Every store is recorded, and with it every update of a parameter.

    `roots` gives the node that a parameter was before its steps, `shrunk` the one before weight decay
    alone; `blind` are steps that need not depend on what they move. `loops` are those that are running:
    statement, start, round. `stepped` counts the steps, those that are held back among them.
    """

    blind: Set[int]
    stepped = 0
    roots: dict[int, int]
    shrunk: dict[int, int]
    loops: list[tuple[s.Stmt, int, int]]

    def note(
        self, place: str, old: Any, new: Any, statement: s.Stmt, rebound: bool = False
    ) -> None:
        """Record that `new` stands where `old` stood, part by part for containers.

        `rebound`: a name was bound anew, which leaves whatever held `old` as it is.
        """
        if isinstance(new, list | tuple) and len(new) <= 64:
            olds = (
                old if isinstance(old, list | tuple) and len(old) == len(new) else [None] * len(new)
            )
            for i, (was, now) in enumerate(zip(olds, new, strict=True)):
                self.note(f"{place}[{i}]", was, now, statement)
        elif isinstance(new, dict) and len(new) <= 64:
            for key, now in new.items():
                was = old.get(key) if isinstance(old, dict) else None
                self.note(f"{place}[{key!r}]", was, now, statement)
        elif isinstance(new, Traced):
            self.refresh(new)
            was = old.id if isinstance(old, Traced) else None
            self._note_traced(place, was, new.id, statement, rebound)
        elif isinstance(new, Opaque):
            if isinstance(old, Opaque):
                return
            was = old.id if isinstance(old, Traced) else None
            self.trace.stores.append(Store(place, was, None, statement, len(self.trace.nodes), new))

    def _note_traced(
        self, place: str, old: int | None, new: int, statement: s.Stmt, rebound: bool = False
    ) -> None:
        time = len(self.trace.nodes)
        self.trace.stores.append(Store(place, old, new, statement, time))
        if old is not None and not (rebound and self._borrowed(place, old)):
            self._note_update(place, old, new, statement)

    def _borrowed(self, place: str, old: int) -> bool:
        """Whether a name got the value in the training loop from where it lives and stays.

        `total = neuron['weights'][-1]; total += ...` moves no parameter.
        """
        start = min((time for _, time in self.trace.rounds), default=None)
        stores = self.trace.stores_of(old)
        lent = any(x.place == place and start is not None and x.time > start for x in stores)
        return lent and any(x.place != place for x in stores)

    def _note_update(self, place: str, old: int, new: int, statement: s.Stmt) -> None:
        if new in self.roots:
            return  # it moved already, under another name: a cache that holds a weight, say
        blind = id(statement) in self.blind
        change = movement(self.trace, old, new, blind=blind)
        if change is None:
            change = self._carried_on(old, new)
        if change is None:
            self._note_shrinkage(old, new, statement)
            added = None if blind else movement(self.trace, old, new, blind=True)
            if added:
                self.trace.additions.append(Update(place, old, new, added, statement))
            return
        if names_its_gradient(self.trace, place, old):
            return
        self._keep_shape(old, new)
        root = self.roots.get(old, old)
        nodes = [node for _, node in change if node != old] or moved_by(self.trace, old, new)
        before = self.shrunk.get(old, old)
        if before != root and nodes and self.trace.depends(nodes, before):
            self._learn_loop(before)
        self.roots[new] = root
        self.stepped += 1
        self.facts.updates.add(id(statement))
        self.trace.updates.append(Update(place, before, new, change, statement))
        if root in self.trace.shrinks:
            self.facts.updates.add(id(self.trace.shrinks[root][1]))

    def _note_shrinkage(self, old: int, new: int, statement: s.Stmt) -> None:
        """Weight decay may be a statement of its own, before the step or after it."""
        less = shrinkage(self.trace, old, new)
        if less is None:
            return
        root = self.roots[new] = self.roots.get(old, old)
        self.shrunk[new] = self.shrunk.get(old, old)
        total, _ = self.trace.shrinks.get(root, (0.0, statement))
        self.trace.shrinks[root] = total + less, statement
        if any(self.roots.get(update.new) == root for update in self.trace.updates):
            self.facts.updates.add(id(statement))

    def _keep_shape(self, old: int, new: int) -> None:
        """What a step gives is of the parameter's shape, also where it is bound anew: `w = w - lr * dw`.

        Raises:
            Misfit: the walk is one that learns, and the step made more of an array than it was.
        """
        was, now = self.trace.nodes[old].shape, self.trace.nodes[new].shape
        if was and was != now:
            self.misfit("in place", (old, new), {}, f"a step made {now} of {was}")

    def _is_working_copy(self, place: str, node: int) -> bool:
        """Whether `place` got its value by `z = b` in a loop that runs, and `b` still has it.

        What is added to `z` then moves no parameter: it is the sum that a sample needs.
        """
        if not self.loops:
            return False
        stores = self.trace.stores_of(node)
        began = self.loops[0][1]
        copied = any(store.place == place and store.time >= began for store in stores)
        others = {store.place for store in stores if store.time <= began and store.place != place}
        return copied and any(self.trace.holds(other, node) for other in others)

    def _carried_on(self, old: int, new: int) -> Terms | None:
        """A further step of a parameter that moved already, by what was computed before it moved."""
        root = self.roots.get(old)
        if root is None:
            return None
        return movement(self.trace, old, new, root)

    def _learn_loop(self, version: int) -> None:
        """A parameter moved again by what was computed from its last move: a loop has come round."""
        for depth in range(len(self.loops) - 1, -1, -1):
            loop, began, round_number = self.loops[depth]
            if began > version and round_number and id(loop) not in self.facts.training_loops:
                self.facts.training_loops |= {id(outer) for outer, *_ in self.loops[: depth + 1]}
                raise LearntLoop
