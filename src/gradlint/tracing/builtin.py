"""Python's own functions, as the interpreter sees them."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.tracing import matrices, text_files, texts
from gradlint.tracing.inputs import Unknown
from gradlint.tracing.values import (
    BoundMethod,
    Foreign,
    Instance,
    LibraryPath,
    Opaque,
    Traced,
    UserClass,
    UserFunction,
    is_plain,
    plain,
)

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls

Builtin = Callable[..., Any]
_TABLE: dict[str, Builtin] = {}
_TYPES = {"numpy": "numpy.ndarray", "matrix": "numpy.matrix", "torch": "torch.tensor"}
OF_KNOWN = frozenset(
    """len range xrange zip map filter list tuple set dict reversed sorted enumerate sum
    pow""".split()  # noqa: SIM905
)
"""Functions that say nothing of what is not known: they pass it on, with its reason."""
TYPED_NUMBER, TYPED_COUNT = 0.1, 5
"""What stands for a number that the script asks its user for: a rate, say, or a number of units."""


def exists(name: str) -> bool:
    """Whether `name` is a builtin of Python (or of Python 2) that a script may call."""
    return hasattr(builtins, name) or name in _TABLE


def find(name: str) -> Builtin | None:
    """The interpreter's version of the builtin `name`, or None."""
    return _TABLE.get(name)


def _register(name: str) -> Callable[[Builtin], Builtin]:
    def register(function: Builtin) -> Builtin:
        _TABLE[name] = function
        return function

    return register


@_register("print")
def _print(m: Calls, *args: Any, **kw: Any) -> None:
    for value in args:
        m.show(value, "print")


@_register("range")
def _range(m: Calls, *args: Any) -> Any:
    for value in args:
        m.note_sizes(value, m.facts.counts)
    return range(*(int(v) for v in plain([m.asked_count(value) for value in args])))


_TABLE["xrange"] = _range


@_register("len")
def _len(m: Calls, value: Any) -> Any:
    value = value.operand(m) if isinstance(value, Foreign) else value
    if isinstance(value, Traced):
        return value.shape[0]
    if isinstance(value, Instance):
        return m.method(value, "__len__", [])
    return len(value)


@_register("enumerate")
def _enumerate(m: Calls, value: Any, start: Any = 0) -> Any:
    items = m.items(value)
    return list(enumerate(items, plain(start))) if items is not None else _unknown(m, "enumerate")


@_register("zip")
def _zip(m: Calls, *values: Any, **kw: Any) -> Any:
    parts = [m.items(v) for v in values]
    if any(p is None for p in parts):
        return _unknown(m, "zip")
    return list(zip(*(p for p in parts if p is not None), strict=False))


@_register("map")
def _map(m: Calls, function: Any, *values: Any) -> Any:
    parts = [m.items(v) for v in values]
    if any(p is None for p in parts):
        return _unknown(m, "map")
    rows = zip(*(p for p in parts if p is not None), strict=False)
    return [m.call(function, list(row), {}, None) for row in rows]


@_register("filter")
def _filter(m: Calls, function: Any, values: Any) -> Any:
    items = m.items(values) or []
    return [v for v in items if m.truth(m.call(function, [v], {}, None)) is True]


@_register("list")
def _list(m: Calls, value: Any = ()) -> Any:
    items = m.items(value)
    return items if items is not None else _unknown(m, "list")


@_register("tuple")
def _tuple(m: Calls, value: Any = ()) -> Any:
    items = m.items(value)
    return tuple(items) if items is not None else _unknown(m, "tuple")


@_register("set")
def _set(m: Calls, value: Any = ()) -> Any:
    return {plain(v) for v in m.items(value) or []}


@_register("dict")
def _dict(m: Calls, value: Any = (), **kw: Any) -> Any:
    found = (
        dict(value) if isinstance(value, dict) else {plain(k): v for k, v in m.items(value) or []}
    )
    return found | kw


@_register("dict.fromkeys")
def _fromkeys(m: Calls, keys: Any, value: Any = None) -> Any:
    items = m.items(keys)
    return {plain(k): value for k in items} if items is not None else _unknown(m, "fromkeys")


@_register("reversed")
def _reversed(m: Calls, value: Any) -> Any:
    items = m.items(value)
    return items[::-1] if items is not None else _unknown(m, "reversed")


@_register("sorted")
def _sorted(m: Calls, value: Any, **kw: Any) -> Any:
    items = m.items(value) or []
    reverse = bool(plain(kw.get("reverse", False)))
    if (key := kw.get("key")) is not None:
        return sorted(items, key=lambda v: plain(m.call(key, [v], {}, None)), reverse=reverse)
    return sorted(items, key=plain, reverse=reverse)


@_register("sum")
def _sum(m: Calls, value: Any, start: Any = 0) -> Any:
    items = m.items(value)
    if items is None:
        return _unknown(m, "sum")
    return reduce(lambda a, b: m.binary("+", a, b), items, start)


def _extreme(pick: Callable[..., Any]) -> Builtin:
    def extreme(m: Calls, *values: Any, **kw: Any) -> Any:
        items = m.items(values[0]) if len(values) == 1 else list(values)
        for value in items or []:
            if isinstance(value, Opaque):
                return value
        if not items:
            return kw["default"] if "default" in kw else _unknown(m, "min or max")
        key = kw.get("key")
        measure = plain if key is None else lambda v: plain(m.call(key, [v], {}, None))
        return pick(items, key=measure)

    return extreme


_TABLE["max"], _TABLE["min"] = _extreme(max), _extreme(min)


@_register("input")
def _input(m: Calls, *args: Any) -> Any:
    return m.opaque("what the user types", "typed")


@_register("float")
def _float(m: Calls, value: Any = 0.0) -> Any:
    if isinstance(value, Opaque):
        return m.leaf(TYPED_NUMBER, "python") if value.kind == "typed" else value
    value = text_files.as_numbers(m, value)
    if isinstance(value, Traced):
        copied = m.apply("copy", [m.scalar(value)], {}, "python")
        if isinstance(copied, Traced) and isinstance(copied.value, int | np.integer):
            return Traced(copied.id, float(copied.value), copied.library)
        return copied
    return float(value)


@_register("int")
def _int(m: Calls, value: Any = 0, *base: Any) -> Any:
    if isinstance(value, Opaque):
        return m.leaf(TYPED_COUNT, "python") if value.kind == "typed" else value
    value = m.asked_count(value)
    return int(np.asarray(plain(value)).item()) if isinstance(value, Traced) else int(value, *base)


@_register("abs")
def _abs(m: Calls, value: Any) -> Any:
    return m.apply("abs", [value], {}) if isinstance(value, Traced) else abs(value)


@_register("pow")
def _pow(m: Calls, a: Any, b: Any) -> Any:
    return m.binary("**", a, b)


@_register("round")
def _round(m: Calls, value: Any, digits: Any = None) -> Any:
    if isinstance(value, Opaque) or (isinstance(value, Traced) and digits is not None):
        return value
    return round(plain(value), plain(digits)) if np.ndim(plain(value)) == 0 else value


@_register("bool")
def _bool(m: Calls, value: Any = False) -> Any:
    return m.truth(value)


@_register("any")
def _any(m: Calls, value: Any) -> Any:
    return any(m.truth(v) is True for v in m.items(value) or [])


@_register("all")
def _all(m: Calls, value: Any) -> Any:
    return all(m.truth(v) is True for v in m.items(value) or [])


@_register("str")
def _str(m: Calls, value: Any = "") -> Any:
    (shown,) = m.shown([value])
    return str(plain(shown)) if is_plain(plain(shown)) else texts.SOME


_TABLE["repr"] = _TABLE["format"] = lambda m, value="", *a: texts.SOME


@_register("isinstance")
def _isinstance(m: Calls, value: Any, kinds: Any) -> Any:
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    names = {k.path for k in kinds if isinstance(k, LibraryPath)}
    if isinstance(value, Unknown):
        value = m.used_as_one_of(value, names)
    if isinstance(value, Opaque):
        return value
    if isinstance(value, Instance):
        return any(isinstance(k, UserClass) and _derives(value.cls, k) for k in kinds)
    value_names = _type_names(value)
    return bool(value_names & names)


def _derives(cls: UserClass, other: UserClass) -> bool:
    return cls is other or any(isinstance(b, UserClass) and _derives(b, other) for b in cls.bases)


def _type_names(value: Any) -> set[str]:
    if isinstance(value, Traced) and not value.is_python:
        return _numpy_names(value) if value.library != "torch" else {"torch.tensor"}
    kinds = type(plain(value)).__mro__
    return {f"builtins.{k.__name__}" for k in kinds if k is not object}


def _numpy_names(value: Traced) -> set[str]:
    """A sum of everything is one number to NumPy, and a float to Python."""
    if matrices.is_matrix(value):
        return {"numpy.matrix", "numpy.ndarray"}
    if value.shape or np.asarray(value.value).dtype.kind != "f":
        return {"numpy.ndarray"}
    names = {"numpy.ndarray", "numpy.float64", "numpy.floating", "numpy.number", "numpy.generic"}
    return {*names, "builtins.float"}


@_register("type")
def _type(m: Calls, value: Any) -> Any:
    if isinstance(value, Instance):
        return value.cls
    if isinstance(value, Traced) and not value.is_python:
        return LibraryPath(_TYPES[value.library])
    return LibraryPath(f"builtins.{type(plain(value)).__name__}")


@_register("hasattr")
def _hasattr(m: Calls, value: Any, name: Any) -> Any:
    if isinstance(value, Instance) and value.key is not None and name not in value.attributes:
        return value.cls.find(name) is not None or f"{value.key}.{name}" in m.facts.inputs.forms
    return not isinstance(m.attribute(value, name), Opaque)


@_register("getattr")
def _getattr(m: Calls, value: Any, name: Any, *default: Any) -> Any:
    found = m.attribute(value, name)
    return default[0] if isinstance(found, Opaque) and default else found


@_register("setattr")
def _setattr(m: Calls, value: Any, name: Any, new: Any) -> None:
    if isinstance(value, Instance):
        m.put_attribute(value, plain(name), new)


@_register("vars")
def _vars(m: Calls, value: Any) -> Any:
    return m.attribute(value, "__dict__")


@_register("id")
def _id(m: Calls, value: Any) -> int:
    return id(value)


@_register("callable")
def _callable(m: Calls, value: Any) -> bool:
    return isinstance(value, UserFunction | UserClass | LibraryPath | BoundMethod)


@_register("super")
def _super(m: Calls, *args: Any) -> Any:
    return m.parent_of_self()


@_register("next")
def _next(m: Calls, value: Any, *default: Any) -> Any:
    items = m.items(value)
    return items[0] if items else _unknown(m, "next")


_TABLE["iter"] = _list


def _unknown(m: Calls, name: str) -> Opaque:
    return m.opaque(f"what {name} runs over is not known")
