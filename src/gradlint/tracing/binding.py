"""Binding values to names, attributes and items, and noticing when a parameter moves."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from gradlint.reading import syntax as s
from gradlint.tracing import matrices, places, starting
from gradlint.tracing.access import plain_index
from gradlint.tracing.inputs import Unknown
from gradlint.tracing.library_calls import LibraryCalls
from gradlint.tracing.making import Shape
from gradlint.tracing.text_files import Fields
from gradlint.tracing.trace import Opaque, Store, Update
from gradlint.tracing.updates import Terms, moved_by, movement, names_its_gradient, shrinkage
from gradlint.tracing.values import Instance, Traced, UserClass, UserModule, plain


class LearntLoop(Exception):
    """A loop turned out to be a training loop; the walk starts again, knowing it."""


class Binding(LibraryCalls):
    """Assignments. Every store is recorded, and with it every update of a parameter.

    `held` are the statements whose parameters stay where they are; `roots` gives the node that a
    parameter was before its steps; `loops` are those that are running: statement, start, round.
    `stepped` counts the steps, those that are held back among them.
    """

    held: Set[int]
    blind: Set[int]
    stepped = 0
    roots: dict[int, int]
    shrunk: dict[int, int]
    loops: list[tuple[s.Stmt, int, int]]

    def _is_held(self, statement: s.Stmt) -> bool:
        self.stepped += id(statement) in self.facts.updates
        return id(statement) in self.held

    def exec_Assign(self, n: s.Assign) -> None:
        value = self.named(n.value)
        self.at = self.statement = n
        if self._is_held(n):
            return
        self.bind(n.targets[0], value, n)
        for target in n.targets[1:]:
            self.bind(target, self._own_number(value, n.value), n)

    def _own_number(self, value: Any, node: s.Expr) -> Any:
        """`m = b = 0`: each name gets a number of its own."""
        if isinstance(value, Traced) and value.is_python and self.trace.nodes[value.id].is_leaf:
            return self.leaf(value.value, "python", node)
        return value

    def bind(self, target: s.Expr, value: Any, statement: s.Stmt) -> None:
        """Bind an assignment's target to `value`."""
        match target:
            case s.Sequence():
                self._bind_parts(target, value, statement)
            case s.Starred():
                self.bind(target.value, value, statement)
            case s.Subscript():
                self._bind_item(target, value, statement)
            case _:
                old, place = self._current(target), places.text(target)
                self._put(target, value)
                if isinstance(old, Traced) and self._is_working_copy(place, old.id):
                    old = None
                self.note(place, old, value, statement, isinstance(target, s.Name))

    def _bind_parts(self, target: s.Sequence, value: Any, statement: s.Stmt) -> None:
        count = len(target.elements)
        if isinstance(value, Unknown):
            value = self.used_items(value, count)
        if isinstance(value, Shape) and len(value) != count:
            self.misfit("rank", (value.of,), {"rank": count}, "the shape has other parts")
        star = next((i for i, e in enumerate(target.elements) if isinstance(e, s.Starred)), None)
        if isinstance(value, Fields) and len(value) != count and star is None:
            self.misfit("columns", (value.row.id,), {"size": count}, "the line has other fields")
        parts = self.items(value)
        if parts is not None and star is not None and len(parts) >= count - 1:
            end = len(parts) - (count - 1 - star)
            parts = [*parts[:star], parts[star:end], *parts[end:]]
        if parts is None or len(parts) != count:
            self.used_as_sample(
                value, tuple(e.id for e in target.elements if isinstance(e, s.Name))
            )
            reason = (
                value if isinstance(value, Opaque) else self.opaque("these values do not match")
            )
            parts = [reason] * count
        for element, part in zip(target.elements, parts, strict=True):
            self.bind(element, part, statement)

    def _current(self, target: s.Expr) -> Any:
        if isinstance(target, s.Name):
            name = target.id
            holder = self.scope.outer.get(name, self.scope)
            return holder.names.get(name)
        if isinstance(target, s.Attribute):
            owner = self.evaluate(target.value)
            if isinstance(owner, UserModule):
                return owner.scope.names.get(target.attr)
            if isinstance(owner, UserClass):
                return owner.names.get(target.attr)
            return owner.attributes.get(target.attr) if isinstance(owner, Instance) else None
        return None

    def _put(self, target: s.Expr, value: Any) -> None:
        if isinstance(target, s.Name):
            self.scope.outer.get(target.id, self.scope).names[target.id] = value
        elif isinstance(target, s.Attribute):
            owner = self.evaluate(target.value)
            if isinstance(owner, Instance):
                self.set_attribute(owner, target.attr, value)
            elif isinstance(owner, UserClass):
                owner.names[target.attr] = value
            elif isinstance(owner, UserModule):
                owner.scope.names[target.attr] = value
            elif isinstance(owner, Traced) and target.attr == "data" and isinstance(value, Traced):
                self.write(owner, value)
            elif isinstance(owner, Traced) and target.attr == "shape":
                self._reshape(owner, value)

    def _reshape(self, tensor: Traced, shape: Any) -> None:
        """`x.shape = (n, 1)`: the tensor itself has another shape from now on."""
        made = self.apply("reshape", [tensor], {"shape": plain(shape)}, tensor.library)
        if isinstance(made, Traced):
            tensor.id, tensor.value, tensor.base, tensor.how = made.id, made.value, None, None

    def _bind_item(self, target: s.Subscript, value: Any, statement: s.Stmt) -> None:
        holder, index = self.evaluate(target.value), self.index_of(target.index)
        place = places.text(target, index)
        if isinstance(holder, Unknown):
            holder = self.used_item(holder, index)
        index = self.known_index(holder, index)
        if isinstance(holder, Traced):
            made = index if isinstance(index, Opaque) else self._set_item(
                holder, index, value, places.text(target.value), statement
            )  # fmt: skip
            if isinstance(made, Opaque):
                self._forget(target.value, holder, made, statement)
            elif isinstance(statement, s.Assign):
                starting.begin(self, holder, target)
            return
        if isinstance(holder, Instance):
            self.method(holder, "__setitem__", [index, value])
            return
        if isinstance(holder, list | dict) and not isinstance(index, Opaque):
            self.put_item(holder, plain(index), value, place)

    def put_item(self, holder: Any, key: Any, value: Any, place: str) -> None:
        if id(self.statement) in self.held:
            return
        old = self._held(holder, key)
        try:
            holder[key] = value
        except (IndexError, TypeError):
            return
        self.note(place, old, value, self.statement)

    def put_attribute(self, value: Instance, name: str, new: Any) -> None:
        if id(self.statement) in self.held:
            return
        old = value.attributes.get(name)
        self.set_attribute(value, name, new)
        self.note(f"self.{name}", old, new, self.statement)

    def _held(self, holder: Any, key: Any) -> Any:
        try:
            return holder[key]
        except (KeyError, IndexError, TypeError):
            return None

    def _joined(self, parts: Any, library: str) -> Any:
        """A tensor of what is put into one; a row of an array of records is none."""
        try:
            return self.tensor_of(parts, library)
        except TypeError as error:
            return self.opaque(str(error))

    def _set_item(
        self, holder: Traced, index: Any, value: Any, place: str, statement: s.Stmt
    ) -> Any:
        self.refresh(holder)
        old = holder.id
        if isinstance(statement, s.Assign):
            self.used_places(index)
        if isinstance(value, list | tuple):
            value = self._joined(value, matrices.array_library(holder.library))
        made = (
            value if isinstance(value, Opaque)
            else self.apply("setitem", [holder, value], {"index": plain_index(index)}, holder.library)
        )  # fmt: skip
        if isinstance(made, Traced):
            self.write(holder, made)
            self._note_traced(place, old, made.id, statement)
        return made

    def _forget(self, target: s.Expr, holder: Traced, why: Opaque, statement: s.Stmt) -> None:
        """An array is unknown once something unknown was written into it."""
        self.note(places.text(target), holder, why, statement)
        if isinstance(target, s.Name | s.Attribute):
            self._put(target, why)
        elif isinstance(target, s.Subscript):
            owner, key = self.evaluate(target.value), plain(self.index_of(target.index))
            if isinstance(owner, Traced):
                self._forget(target.value, owner, why, statement)
            elif isinstance(owner, list | dict) and self._held(owner, key) is holder:
                owner[key] = why

    def exec_AugAssign(self, n: s.AugAssign) -> None:
        target, change = n.target, self.evaluate(n.value)
        current = self.evaluate(target)
        self.at = self.statement = n
        if self._is_held(n):
            return
        if isinstance(current, list) and n.op == "+":
            current += self.items(change) or []
            return
        if not self._in_place(target, current):
            made = self.binary_at(n, current, change)
            self.bind(target, made, n)
            return
        place, owner = self._owner(target, current)
        old = owner.id
        made = self.binary_at(n, current, matrices.in_place(self, current, change))
        if isinstance(made, Traced) and made.shape != current.shape:
            reason = f"{made.shape} does not fit into {current.shape} in place"
            self.misfit("in place", (old, made.id), {}, reason)
            made = self.opaque(reason, "shape")
        if isinstance(made, Traced):
            self.write(current, made)
            self._note_traced(place, old, owner.id, n)
        elif isinstance(made, Opaque):
            self._forget(target, current, made, n)

    def _owner(self, target: s.Expr, current: Traced) -> tuple[str, Traced]:
        """The array whose items `current` shows, with its place: a step of a row is one of the matrix."""
        place, owner = target, current
        while owner.base is not None and owner.how is not None and owner.how[0] == "getitem":
            owner = owner.base
            place = place.value if isinstance(place, s.Subscript) else place
        if owner is current or owner.base is not None:
            return self._place_of(target), current
        return self._place_of(place), owner

    def binary_at(self, n: s.AugAssign, current: Any, change: Any) -> Any:
        """`current op change`, recorded as made by the statement's right-hand side."""
        before, self.at = self.at, n.value
        try:
            return self.binary(n.op, current, change)
        finally:
            self.at = before

    def _in_place(self, target: s.Expr, current: Any) -> bool:
        if not isinstance(current, Traced) or current.is_python:
            return False
        if isinstance(target, s.Subscript) and current.base is None:
            holder = self.evaluate(target.value)
            return not isinstance(holder, Traced)
        return bool(current.shape) or current.library == "torch"

    def _place_of(self, target: s.Expr) -> str:
        if isinstance(target, s.Subscript):
            return places.text(target, self.index_of(target.index))
        return places.text(target)

    def written(self, target: Traced, made: Traced) -> None:
        if self._is_held(self.statement):
            return
        old = target.id
        self.write(target, made)
        self._note_traced(places.written(self.at), old, made.id, self.statement)

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
        return copied and any(self._holds(other, node) for other in others)

    def _holds(self, place: str, node: int) -> bool:
        last = next((store for store in reversed(self.trace.stores) if store.place == place), None)
        return last is not None and last.new == node

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
