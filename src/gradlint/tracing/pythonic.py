"""Python's standard library, as far as scripts use it between their arrays: copies and collections."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.tracing.first_time import zeros_since
from gradlint.tracing.leaves import known
from gradlint.tracing.values import Instance, Native, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls


class Filling(dict[Any, Any]):
    """A `defaultdict`: a key that is missing gets what `factory` makes."""

    def __init__(self, machine: Calls, factory: Any, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.machine = machine
        self.factory = factory

    def __missing__(self, key: Any) -> Any:
        if self.factory is None:
            raise KeyError(key)
        trace = self.machine.trace
        start = len(trace.nodes)
        made = self.machine.call(self.factory, [], {}, None)
        if type(made) in (int, float):
            made = self.machine.leaf(made, "python")
        trace.lazy |= zeros_since(trace, start)
        self[key] = made
        return made


class Deque(list[Any]):
    """A `deque`, with the methods that a list has not."""

    def __init__(self, values: Any = (), most: int | None = None) -> None:
        super().__init__(values)
        self.most = most
        self._cut()

    def _cut(self) -> None:
        if self.most is not None and len(self) > self.most:
            del self[: len(self) - self.most]

    def append(self, value: Any) -> None:
        super().append(value)
        self._cut()

    def appendleft(self, value: Any) -> None:
        self.insert(0, value)
        if self.most is not None:
            del self[self.most :]

    def popleft(self) -> Any:
        return self.pop(0)

    def extendleft(self, values: Any) -> None:
        for value in values:
            self.appendleft(value)

    def rotate(self, by: int = 1) -> None:
        by %= max(len(self), 1)
        self[:] = self[len(self) - by :] + self[: len(self) - by]


@known("collections.defaultdict")
def _defaultdict(m: Calls, factory: Any = None, *args: Any, **kw: Any) -> Any:
    return Filling(m, factory, *args, **kw)


@known("collections.OrderedDict")
def _ordered(m: Calls, value: Any = (), **kw: Any) -> Any:
    if isinstance(value, dict):
        return dict(value) | kw
    return {plain(k): v for k, v in m.items(value) or []} | kw


@known("collections.deque")
def _deque(m: Calls, values: Any = (), maxlen: Any = None) -> Any:
    return Deque(m.items(values) or (), None if maxlen is None else int(plain(maxlen)))


@known("collections.Counter")
def _counter(m: Calls, values: Any = ()) -> Any:
    counts = collections.Counter(_key(v) for v in m.items(values) or ())
    return Filling(m, Native("int", lambda m: 0), counts)


def _key(value: Any) -> Any:
    found = plain(value)
    return found.item() if isinstance(found, np.ndarray | np.generic) else found


@known("collections.namedtuple", "typing.NamedTuple")
def _namedtuple(m: Calls, name: Any, fields: Any, **kw: Any) -> Any:
    names = (
        fields if isinstance(fields, str) else [f if isinstance(f, str) else f[0] for f in fields]
    )
    made: Any = collections.namedtuple(plain(name), names)  # type: ignore[misc]
    return Native(plain(name), lambda m, *args, **kwargs: made(*args, **kwargs))


# Copies


@known("copy.copy", "copy.deepcopy")
def _copy(m: Calls, value: Any, *memo: Any) -> Any:
    return copied(m, value, {})


def copied(m: Calls, value: Any, seen: dict[int, Any]) -> Any:
    """A copy of `value` and of all that it holds, each object once."""
    if id(value) in seen:
        return seen[id(value)]
    if isinstance(value, Traced):
        made: Any = m.apply("copy", [value], {}, value.library)
    elif isinstance(value, Instance):
        made = seen[id(value)] = Instance(value.cls, {}, value.key)
        made.attributes.update((k, copied(m, v, seen)) for k, v in value.attributes.items())
    elif isinstance(value, dict):
        made = value.copy()
        made.update((k, copied(m, v, seen)) for k, v in value.items())
    elif type(value) in (list, tuple):
        made = type(value)(copied(m, v, seen) for v in value)
    else:
        return value
    seen[id(value)] = made
    return made


# Builtins that are functions of plain values


@known("builtins.slice")
def _slice(m: Calls, *bounds: Any) -> Any:
    return slice(*plain(list(bounds)))


@known("builtins.frozenset")
def _frozenset(m: Calls, values: Any = ()) -> Any:
    return frozenset(plain(v) for v in m.items(values) or ())


@known("builtins.divmod")
def _divmod(m: Calls, a: Any, b: Any) -> Any:
    return m.binary("//", a, b), m.binary("%", a, b)


@known("builtins.callable")
def _callable(m: Calls, value: Any) -> Any:
    held = (Traced, dict, list, tuple, str, int, float, type(None))
    return not isinstance(value, held) and (
        not isinstance(value, Instance) or value.cls.find("__call__") is not None
    )


@known("builtins.id", "builtins.hash")
def _identity(m: Calls, value: Any) -> Any:
    return id(value)


known("builtins.ord")(lambda m, c: ord(plain(c)))
known("builtins.chr")(lambda m, n: chr(int(plain(n))))


@known("builtins.vars")
def _vars(m: Calls, value: Any = None) -> Any:
    return value.attributes if isinstance(value, Instance) else m.opaque("vars() of this")


@known("builtins.delattr")
def _delattr(m: Calls, value: Any, name: Any) -> None:
    if isinstance(value, Instance):
        value.attributes.pop(plain(name), None)
