"""`itertools`, `functools`, `operator` and `statistics` over the interpreter's values."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradlint.tracing.leaves import known
from gradlint.tracing.values import Native, plain

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls

ENDLESS = 4096
"""What stands for the length of an iterator without end."""


def _items(m: Calls, value: Any) -> list[Any]:
    found = m.items(value)
    if found is None:
        raise ValueError("what is iterated over is not known")
    return found


def _over_lists(name: str) -> None:
    """A function of itertools whose arguments are all iterables."""
    function = getattr(itertools, name)
    known(f"itertools.{name}")(
        lambda m, *values, **kw: list(
            function(*(_items(m, v) for v in values), **{k: plain(v) for k, v in kw.items()})
        )
    )


for _name in ("product", "chain", "zip_longest", "pairwise"):
    _over_lists(_name)


def _choosing(name: str) -> None:
    function = getattr(itertools, name)
    known(f"itertools.{name}")(
        lambda m, values, *sizes: list(function(_items(m, values), *(int(plain(n)) for n in sizes)))
    )


for _name in ("permutations", "combinations", "combinations_with_replacement"):
    _choosing(_name)


@known("itertools.chain.from_iterable")
def _chained(m: Calls, values: Any) -> Any:
    return [item for value in _items(m, values) for item in _items(m, value)]


@known("itertools.accumulate")
def _accumulate(m: Calls, values: Any, func: Any = None, initial: Any = None) -> Any:
    items = _items(m, values)
    return list(itertools.accumulate(items, _two(m, func), initial=initial))


def _two(m: Calls, func: Any) -> Callable[[Any, Any], Any]:
    if func is None:
        return lambda a, b: m.binary("+", a, b)
    return lambda a, b: m.call(func, [a, b], {}, None)


@known("itertools.count")
def _count(m: Calls, start: Any = 0, step: Any = 1) -> Any:
    first, by = plain(start), plain(step)
    return range(int(first), int(first) + ENDLESS * int(by), int(by))


@known("itertools.cycle")
def _cycle(m: Calls, values: Any) -> Any:
    items = _items(m, values)
    return list(itertools.islice(itertools.cycle(items), ENDLESS))


@known("itertools.repeat")
def _repeat(m: Calls, value: Any, times: Any = ENDLESS) -> Any:
    return [value] * int(plain(times))


@known("itertools.islice")
def _islice(m: Calls, values: Any, *bounds: Any) -> Any:
    return list(itertools.islice(_items(m, values), *plain(list(bounds))))


@known("itertools.starmap")
def _starmap(m: Calls, func: Any, values: Any) -> Any:
    return [m.call(func, _items(m, row), {}, None) for row in _items(m, values)]


@known("itertools.takewhile")
def _takewhile(m: Calls, func: Any, values: Any) -> Any:
    return list(itertools.takewhile(lambda v: _holds(m, func, v), _items(m, values)))


@known("itertools.dropwhile")
def _dropwhile(m: Calls, func: Any, values: Any) -> Any:
    return list(itertools.dropwhile(lambda v: _holds(m, func, v), _items(m, values)))


@known("itertools.compress")
def _compress(m: Calls, values: Any, selectors: Any) -> Any:
    chosen = zip(_items(m, values), _items(m, selectors), strict=False)
    return [value for value, taken in chosen if m.truth(taken) is True]


@known("itertools.tee")
def _tee(m: Calls, values: Any, n: Any = 2) -> Any:
    return tuple(list(_items(m, values)) for _ in range(int(plain(n))))


def _holds(m: Calls, func: Any, value: Any) -> bool:
    return m.truth(m.call(func, [value], {}, None)) is True


# functools


@known("functools.reduce")
def _reduce(m: Calls, func: Any, values: Any, *initial: Any) -> Any:
    items = [*initial, *_items(m, values)]
    total = items[0]
    for item in items[1:]:
        total = m.call(func, [total, item], {}, None)
    return total


@known("functools.partial")
def _partial(m: Calls, func: Any, *first: Any, **named: Any) -> Any:
    return Native(
        "partial", lambda m, *args, **kw: m.call(func, [*first, *args], {**named, **kw}, None)
    )


@known("weakref.ref")
def _reference(m: Calls, value: Any, *args: Any) -> Any:
    return Native("ref", lambda m: value)


@known("weakref.proxy")
def _proxy(m: Calls, value: Any, *args: Any) -> Any:
    return value


@known("functools.lru_cache", "functools.wraps", "functools.cache", "torch.jit.script",
       "torch.compile", "numba.jit", "numba.njit", "jax.jit")  # fmt: skip
def _decorated(m: Calls, func: Any = None, **kw: Any) -> Any:
    return func if callable_value(func) else Native("decorator", lambda m, f: f)


def callable_value(func: Any) -> bool:
    """Whether a decorator was given its function at once."""
    return func is not None and not isinstance(plain(func), int | float | str | bool)


# operator

_BINARY = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "matmul": "@", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=", "iadd": "+",
    "isub": "-", "imul": "*", "itruediv": "/", "and_": "&", "or_": "|", "xor": "^",
}  # fmt: skip
for _name, _symbol in _BINARY.items():
    known(f"operator.{_name}")(lambda m, a, b, _symbol=_symbol: m.binary(_symbol, a, b))
known("operator.neg")(lambda m, a: m.binary("*", a, -1))
known("operator.getitem")(lambda m, a, i: m.item(a, i))


@known("operator.itemgetter")
def _itemgetter(m: Calls, *keys: Any) -> Any:
    return Native("itemgetter", lambda m, value: _one(m.item(value, key) for key in keys))


@known("operator.attrgetter")
def _attrgetter(m: Calls, *names: Any) -> Any:
    return Native("attrgetter", lambda m, value: _one(m.attribute(value, n) for n in names))


def _one(values: Any) -> Any:
    found = tuple(values)
    return found[0] if len(found) == 1 else found


# statistics and exact sums

_SUMMARY: dict[str, tuple[str, dict[str, Any]]] = {
    "mean": ("mean", {}),
    "fmean": ("mean", {}),
    "median": ("quantile", {"q": 0.5}),
    "variance": ("var", {"ddof": 1}),
    "pvariance": ("var", {}),
    "stdev": ("std", {"ddof": 1}),
    "pstdev": ("std", {}),
}


def _summary(op: str, params: dict[str, Any]) -> Callable[..., Any]:
    return lambda m, values, *more: m.apply(
        op, [m.tensor_of(_items(m, values), "numpy")], params, "python"
    )


for _name, (_op, _params) in _SUMMARY.items():
    known(f"statistics.{_name}")(_summary(_op, _params))
known("math.fsum")(lambda m, values: _added(m, "+", _items(m, values), 0.0))
known("math.prod")(lambda m, values, start=1: _added(m, "*", _items(m, values), start))
known("math.sumprod")(
    lambda m, a, b: _added(
        m, "+", [m.binary("*", x, y) for x, y in zip(_items(m, a), _items(m, b), strict=True)], 0
    )
)


def _added(m: Calls, symbol: str, items: list[Any], total: Any) -> Any:
    for item in items:
        total = m.binary(symbol, total, item)
    return total
