"""The values that the interpreter handles, beside plain Python numbers, strings and containers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing.trace import Opaque

__all__ = [
    "NOTHING", "BoundMethod", "Foreign", "Generator", "Instance", "LibraryPath", "Native", "Opaque", "Parent",
    "Scope", "Traced", "UserClass", "UserFunction", "UserModule", "is_plain", "plain", "setter_of",
]  # fmt: skip


@dataclass(slots=True, eq=False)
class Traced:
    """A tensor (or a Python number that takes part in the descent) with its node in the trace.

    Arrays change in place and may be views, so this is a cell: `version` counts the changes, and a
    view knows the operation `how` that derives it from `base`.
    """

    id: int
    value: Any
    library: str
    base: Traced | None = None
    how: tuple[str, dict[str, Any]] | None = None
    base_version: int = 0
    version: int = 0

    @property
    def is_python(self) -> bool:
        return self.library == "python"

    @property
    def shape(self) -> tuple[int, ...]:
        value = self.value
        return value.shape if type(value) is np.ndarray else np.shape(value)


@dataclass(frozen=True, slots=True)
class LibraryPath:
    """Something of a library by its dotted name: `numpy`, `numpy.random.randn`, `torch.float`."""

    path: str


@dataclass(slots=True, eq=False)
class Scope:
    """The names of a module, a function call or a class body; lookups go on to `parent`."""

    names: dict[str, Any] = field(default_factory=dict)
    parent: Scope | None = None
    outer: dict[str, Scope] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    function: UserFunction | None = None
    yields: list[Any] = field(default_factory=list)

    @property
    def method(self) -> Scope | None:
        """The call of a method that is running here."""
        scope: Scope | None = self
        while scope is not None and (scope.function is None or scope.function.owner is None):
            scope = scope.parent
        return scope

    def find(self, name: str) -> Scope | None:
        """The scope that holds `name`."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.outer:
                return scope.outer[name]
            if name in scope.names:
                return scope
            scope = scope.parent
        return None

    @property
    def module(self) -> Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


class Foreign:
    """An object of a library that the interpreter stands in for; what it does not know is opaque."""

    __slots__ = ()

    def attribute(self, m: Any, name: str) -> Any:
        """`object.name`."""
        return BoundMethod(self, name)

    def method(self, m: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """`object.name(*args, **kwargs)`."""
        return m.opaque(f".{name}() is not known here")

    def item(self, m: Any, index: Any) -> Any:
        """`object[index]`."""
        return m.opaque("what is looked up here is not known")

    def items(self, m: Any) -> list[Any] | None:
        """What iteration over the object gives, None where that is not known."""
        return None

    def operand(self, m: Any) -> Any:
        """The tensor that the object is in a calculation."""
        return m.opaque("this object cannot be calculated with")


@dataclass(frozen=True, slots=True, eq=False)
class UserModule:
    """A module of the user's own; `path` is its file, or its folder where it has no `__init__.py`."""

    name: str
    path: str
    scope: Scope


@dataclass(frozen=True, slots=True, eq=False)
class UserFunction:
    """A `def` or `lambda` of the script."""

    name: str
    params: tuple[s.Parameter, ...]
    body: s.Block | s.Expr
    scope: Scope
    defaults: dict[str, Any]
    owner: UserClass | None = None
    kind: str = "function"
    definition: s.Stmt | None = None


@dataclass(slots=True, eq=False)
class UserClass:
    """A class of the script."""

    name: str
    bases: tuple[Any, ...]
    names: dict[str, Any]
    definition: s.Stmt | None = None

    def find(self, name: str) -> Any:
        """The attribute `name` of the class or its bases, or None."""
        if name in self.names:
            return self.names[name]
        for base in self.bases:
            if isinstance(base, UserClass) and (found := base.find(name)) is not None:
                return found
        return None


@dataclass(slots=True, eq=False)
class Instance:
    """An object of a class of the script; one with a `key` has inputs for the attributes that nothing set."""

    cls: UserClass
    attributes: dict[str, Any] = field(default_factory=dict)
    key: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Parent:
    """What `super()` gives: an object (or class) seen as one of the classes above `owner`."""

    receiver: Any
    owner: UserClass

    def find(self, name: str) -> Any:
        """The attribute `name` of the classes above, or None."""
        return UserClass("super", self.owner.bases, {}).find(name)


@dataclass(frozen=True, slots=True, eq=False)
class BoundMethod:
    """A method with its receiver, of the script's own classes or of any other value by name."""

    receiver: Any
    function: Any


NOTHING = UserFunction(
    "__init__", (s.Parameter("args", star="*"), s.Parameter("kwargs", star="**")), (), Scope(), {},
)  # fmt: skip
"""The `__init__` of a class that has none."""


def setter_of(name: str) -> str:
    """The name under which a class keeps the setter of its property `name`."""
    return f"{name}.setter"


@dataclass(frozen=True, slots=True, eq=False)
class Native:
    """A function that a library made (`partial`, `vectorize`); it is called with the machine first."""

    name: str
    function: Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class Generator:
    """A random generator object; its methods are those of `library`'s random module."""

    library: str


_NUMBERS = frozenset([int, float, bool, str, type(None), np.ndarray])
"""What most values are that are asked for; found at once."""


def plain(value: Any) -> Any:
    """The Python value behind `value`: what `range`, a dictionary key or a condition needs.

    Containers are unwrapped too; what has no plain value is returned as it is.
    """
    kind = type(value)
    if kind is Traced:
        return value.value
    if kind in _NUMBERS:
        return value
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    if isinstance(value, slice):
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    return value


def key_of(value: Any) -> Any:
    """`value` as a key of a dictionary or a member of a set; arrays and tensors are told by identity."""
    found = plain(value)
    if isinstance(found, np.ndarray) and not found.shape:
        return found.item()
    try:
        hash(found)
    except TypeError:
        return value if isinstance(value, Traced) else id(value)
    return found


_PLAIN = (int, float, complex, str, bytes, bool, type(None), np.ndarray, np.generic, slice, range)


def is_number(value: Any) -> bool:
    """Whether a value is one number and no array; no truth value."""
    if isinstance(value, Traced):
        return value.is_python or not value.shape
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_plain(value: Any) -> bool:
    """Whether `value`, after `plain`, holds nothing that only the interpreter understands."""
    if isinstance(value, list | tuple | set | frozenset):
        return all(is_plain(v) for v in value)
    return isinstance(value, _PLAIN) or value is Ellipsis
