"""Copies of all that a walk holds, with what is shared among it shared again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing.making import Shape
from gradlint.tracing.values import (
    NOTHING,
    BoundMethod,
    Generator,
    Instance,
    LibraryPath,
    Opaque,
    Parent,
    Scope,
    Traced,
    UserClass,
    UserFunction,
    UserModule,
)


class Uncopyable(Exception):
    """A value may hold what only the walk that made it knows."""


@dataclass(slots=True)
class Copier:
    """Copies values, each once; `copies` are those made so far, by the identity of the original."""

    copies: dict[int, Any] = field(default_factory=dict)

    def value(self, value: Any) -> Any:
        """A copy of `value`, or `value` itself where nothing ever changes it.

        Raises:
            Uncopyable: neither is known to be right.
        """
        kind = type(value)
        copies = _COPIES.get(kind)
        if copies is None:
            if kind in _CONSTANT or isinstance(value, s.Node | np.generic):
                return value
            raise Uncopyable
        found = self.copies.get(id(value))
        if found is None:
            found = self.copies[id(value)] = copies(self, value)
        return found

    def traced(self, value: Traced) -> Traced:
        base = None if value.base is None else self.value(value.base)
        return Traced(
            value.id, value.value, value.library, base, value.how, value.base_version, value.version
        )

    def scope(self, value: Scope) -> Scope:
        made = self.copies[id(value)] = Scope(stars=list(value.stars))
        made.parent = None if value.parent is None else self.value(value.parent)
        made.outer = self._named(value.outer)
        made.names = self._named(value.names)
        made.function = None if value.function is None else self.value(value.function)
        made.yields = [self.value(part) for part in value.yields]
        return made

    def function(self, value: UserFunction) -> UserFunction:
        if value is NOTHING:
            return value
        defaults = self._named(value.defaults)
        scope = self.value(value.scope)
        owner = None if value.owner is None else self.value(value.owner)
        found = self.copies.get(id(value))  # made in the meantime, by the scope or the class
        return found or replace(value, scope=scope, defaults=defaults, owner=owner)

    def user_class(self, value: UserClass) -> UserClass:
        made = self.copies[id(value)] = UserClass(value.name, (), {}, value.definition)
        made.bases = tuple([self.value(base) for base in value.bases])
        made.names = self._named(value.names)
        return made

    def module(self, value: UserModule) -> UserModule:
        scope = self.value(value.scope)
        found = self.copies.get(id(value))
        return found or replace(value, scope=scope)

    def instance(self, value: Instance) -> Instance:
        made = self.copies[id(value)] = Instance(self.value(value.cls), {}, value.key)
        made.attributes = self._named(value.attributes)
        return made

    def method(self, value: BoundMethod) -> BoundMethod:
        return BoundMethod(self.value(value.receiver), self.value(value.function))

    def parent(self, value: Parent) -> Parent:
        return Parent(self.value(value.receiver), self.value(value.owner))

    def sequence(self, value: list[Any]) -> list[Any]:
        made: list[Any] = []
        self.copies[id(value)] = made
        made += [self.value(part) for part in value]
        return made

    def fixed(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([self.value(part) for part in value])

    def table(self, value: dict[Any, Any]) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        self.copies[id(value)] = made
        made.update((self.value(key), self.value(part)) for key, part in value.items())
        return made

    def members(self, value: set[Any]) -> set[Any]:
        return {self.value(part) for part in value}

    def counted(self, value: Counter[Any]) -> Counter[Any]:
        return value.copy()

    def _named(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self.value(value) for name, value in values.items()}


_CONSTANT = frozenset([
    int, float, complex, bool, str, bytes, type(None), type(Ellipsis), slice, range, frozenset,
    np.ndarray, LibraryPath, Opaque, Generator, Shape,
])  # fmt: skip
"""What is never changed: arrays of a walk are replaced, not written to."""

_COPIES: dict[type, Callable[[Copier, Any], Any]] = {
    Traced: Copier.traced, Scope: Copier.scope, UserFunction: Copier.function,
    UserClass: Copier.user_class, UserModule: Copier.module, Instance: Copier.instance,
    BoundMethod: Copier.method, Parent: Copier.parent, list: Copier.sequence, tuple: Copier.fixed,
    dict: Copier.table, set: Copier.members, Counter: Copier.counted,
}  # fmt: skip
