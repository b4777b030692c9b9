"""Copies of all that a statement can see, so that it can be evaluated again later."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from gradlint.tracing.values import BoundMethod, Instance, Scope, Traced, UserFunction

_LARGEST = 256
"""Containers with more parts are shared with the walk: vocabularies and lists of files."""


@dataclass(slots=True)
class Snapshot:
    """A scope as it was: `cells` are its tensors, by their node. What is shared stays shared.

    Classes and imported modules are those of the walk, with the functions in them.
    """

    scope: Scope
    cells: dict[int, list[Traced]]
    size: int


def snapshot(scope: Scope) -> Snapshot:
    """Copy what can be seen in `scope`."""
    copier = _Copier()
    copied = copier.scope(scope)
    return Snapshot(copied, copier.cells, len(copier.copies))


@dataclass(slots=True)
class _Copier:
    copies: dict[int, Any] = field(default_factory=dict)
    cells: dict[int, list[Traced]] = field(default_factory=dict)

    def scope(self, scope: Scope) -> Scope:
        if id(scope) in self.copies:
            found: Scope = self.copies[id(scope)]
            return found
        made = Scope(stars=scope.stars, function=scope.function)
        self.copies[id(scope)] = made
        made.parent = None if scope.parent is None else self.scope(scope.parent)
        made.outer = {name: self.scope(outer) for name, outer in scope.outer.items()}
        made.names = {name: self.value(value) for name, value in scope.names.items()}
        return made

    def value(self, value: Any) -> Any:
        copies = _COPIES.get(type(value)) or (_Copier.table if isinstance(value, dict) else None)
        if copies is None:
            return value
        if id(value) not in self.copies:
            self.copies[id(value)] = copies(self, value)
        return self.copies[id(value)]

    def traced(self, value: Traced) -> Traced:
        made = replace(value, base=None if value.base is None else self.value(value.base))
        self.cells.setdefault(value.id, []).append(made)
        return made

    def function(self, value: UserFunction) -> UserFunction:
        return replace(value, scope=self.scope(value.scope))

    def method(self, value: BoundMethod) -> BoundMethod:
        return BoundMethod(self.value(value.receiver), self.value(value.function))

    def instance(self, value: Instance) -> Instance:
        made = Instance(value.cls, {}, value.key)
        self.copies[id(value)] = made
        made.attributes = {name: self.value(part) for name, part in value.attributes.items()}
        return made

    def sequence(self, value: list[Any]) -> list[Any]:
        if len(value) > _LARGEST:
            return value
        made: list[Any] = []
        self.copies[id(value)] = made
        made += self._parts(value)
        return made

    def fixed(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        return value if len(value) > _LARGEST else tuple(self._parts(value))

    def table(self, value: dict[Any, Any]) -> dict[Any, Any]:
        if len(value) > _LARGEST:
            return value
        made: dict[Any, Any] = copy(value)
        self.copies[id(value)] = made
        made.update((key, self.value(part)) for key, part in value.items())
        return made

    def _parts(self, values: Iterable[Any]) -> list[Any]:
        return [self.value(part) for part in values]


_COPIES: dict[type, Any] = {
    Traced: _Copier.traced, UserFunction: _Copier.function, BoundMethod: _Copier.method,
    Instance: _Copier.instance, list: _Copier.sequence, tuple: _Copier.fixed, dict: _Copier.table,
}  # fmt: skip
