"""What a function is given, as a tree: its leaves are the arrays that have a gradient."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradlint.gradcheck.arrays import as_array, is_number, is_real, is_tensor, like

Path = tuple[Any, ...]
_DEEP = 6


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """An array of real numbers in what a function is given, or in the object that it belongs to.

    `path` leads to it from the name of the argument; `weak`: a plain number, which mostly is a setting.
    """

    name: str
    path: Path
    value: Any
    weak: bool = False

    @property
    def argument(self) -> Any:
        """The name of the argument that it is, or is part of."""
        return self.path[0]


def leaves_of(value: Any, name: str, path: Path) -> Iterator[Leaf]:
    """The leaves in an argument: itself, or those in its lists, tuples and dictionaries."""
    if is_real(value):
        yield Leaf(name, path, as_array(value))
    elif is_number(value):
        yield Leaf(name, path, as_array(value), weak=True)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves_of(item, f"{name}[{key!r}]", (*path, key))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from leaves_of(item, f"{name}[{number}]", (*path, number))


def rebuilt(value: Any, path: Path, values: Mapping[Path, Any], double: bool) -> Any:
    """A copy of an argument with what `values` says in place of its leaves."""
    if path in values:
        return like(values[path], value, double)
    if isinstance(value, Mapping) and not is_real(value):
        return {k: rebuilt(item, (*path, k), values, double) for k, item in value.items()}
    if isinstance(value, list | tuple) and not is_real(value):
        items = [rebuilt(item, (*path, n), values, double) for n, item in enumerate(value)]
        return _of_type(type(value), items)
    return copied(value)


def _of_type(kind: type, items: list[Any]) -> Any:
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def copied(value: Any) -> Any:
    """A copy with a state of its own, or `value` itself where it cannot be copied."""
    if is_tensor(value):
        return value.detach().clone()
    try:
        return copy.deepcopy(value)
    except Exception:
        return value


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A place in an object that holds something: `get` reads it and `put` writes it."""

    name: str
    path: Path
    get: Callable[[], Any]
    put: Callable[[Any], None]


def slots_of(owner: Any, name: str = "self", path: Path = ("self",)) -> Iterator[Slot]:
    """Everything that an object holds, through its lists, dictionaries and objects of the user's."""
    yield from _slots(owner, name, path, set())


def _slots(owner: Any, name: str, path: Path, seen: set[int]) -> Iterator[Slot]:
    if id(owner) in seen or len(path) > _DEEP:
        return
    seen.add(id(owner))
    for key, item, label in _items(owner, name):
        here = (*path, key)
        yield Slot(label, here, partial(_get, owner, key), partial(_put, owner, key))
        if not is_real(item):
            yield from _slots(item, label, here, seen)


def _items(owner: Any, name: str) -> Iterator[tuple[Any, Any, str]]:
    if isinstance(owner, dict):
        for key, item in list(owner.items()):
            yield key, item, f"{name}[{key!r}]"
    elif isinstance(owner, list):
        for number, item in enumerate(owner):
            yield number, item, f"{name}[{number}]"
    elif hasattr(owner, "__dict__") and not isinstance(owner, type) and not callable_only(owner):
        for key, item in list(vars(owner).items()):
            yield key, item, f"{name}.{key}"


def callable_only(value: Any) -> bool:
    """Whether `value` is a function, a module or a tensor: its attributes are not the user's state."""
    import types

    kinds = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType)
    return isinstance(value, kinds) or is_tensor(value)


def _get(owner: Any, key: Any) -> Any:
    return owner[key] if isinstance(owner, dict | list) else getattr(owner, key)


def _put(owner: Any, key: Any, value: Any) -> None:
    if isinstance(owner, dict | list):
        owner[key] = value
    else:
        setattr(owner, key, value)
