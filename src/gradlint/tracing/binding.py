"""Binding values to names, attributes and items."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from gradlint.reading import syntax as s
from gradlint.tracing import matrices, places, starting
from gradlint.tracing.access import plain_index
from gradlint.tracing.inputs import Unknown
from gradlint.tracing.making import Shape
from gradlint.tracing.noting import Noting
from gradlint.tracing.text_files import Fields
from gradlint.tracing.trace import Opaque
from gradlint.tracing.values import Instance, Traced, UserClass, UserModule, plain


class Binding(Noting):
    """Assignments to names, attributes and items; `held` are the statements that change nothing."""

    held: Set[int]

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
