"""Changing entries in place: `np.multiply.at`, `put`, `index_fill`, diagonals, masks.

The `.at` methods of numpy's functions use each entry once for every time that it is named.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.indexing import MASK, ROWS, assigned, plain_index, scattered
from gradlint.ops.op import OPS, Array, Sample, sample
from gradlint.ops.registry import define, step
from gradlint.ops.shapes import unbroadcast
from gradlint.ops.spelling import Bound, IsArray, Spell

REPEATED = (
    sample((3, 4), (4, 4), index=ROWS),
    sample((3, 4), (4,), index=(ROWS, np.array([0, 1, 0, 3]))),
    sample((3, 4), (4, 1), index=ROWS),
)
POSITIVE = tuple(Sample(s.specs, s.params, 0.5, 2.0) for s in REPEATED)


def _at(function: Any) -> Any:
    def evaluate(x: Any, value: Any, index: Any) -> Array:
        result = np.array(x, dtype=np.result_type(x, value))
        function.at(result, plain_index(index), value)
        return result

    return evaluate


def _torch_at(reduce: str) -> Any:
    """torch's reduction into named places, one place after another."""

    def call(T: Any, x: Any, value: Any, index: Any) -> Any:
        places = np.arange(x.numel()).reshape(tuple(x.shape))[plain_index(index)]
        given = T.broadcast_to(T.as_tensor(value), places.shape).flatten()
        flat = T.as_tensor(places.ravel())
        return x.flatten().scatter_reduce(0, flat, given, reduce).reshape(x.shape)

    return call


def _spelled(name: str) -> tuple[Spell, ...]:
    return (Spell(f"np.{name}.at(a, $indices:index, b)", in_place=True),)


define(
    "scatter_subtract",
    lambda x, value, index: np.asarray(x) - scattered(value, np.shape(x), index),
    lambda g, out, x, value, index: g,
    lambda g, out, x, value, index: -unbroadcast(g[plain_index(index)], np.shape(value)),
    torch=lambda T, x, value, index: _torch_at("sum")(T, x, -T.as_tensor(value), index),
    spellings=_spelled("subtract"),
    linear=True,
    samples=REPEATED,
)
define(
    "scatter_multiply",
    _at(np.multiply),
    lambda g, out, x, value, index: g * _at(np.multiply)(np.ones(np.shape(x)), value, index),
    lambda g, out, x, value, index: unbroadcast(
        (g * out)[plain_index(index)] / value, np.shape(value)
    ),
    torch=_torch_at("prod"),
    spellings=_spelled("multiply"),
    samples=POSITIVE,
)
define(
    "scatter_divide",
    _at(np.divide),
    lambda g, out, x, value, index: g * _at(np.divide)(np.ones(np.shape(x)), value, index),
    lambda g, out, x, value, index: (
        -unbroadcast((g * out)[plain_index(index)] / value, np.shape(value))
    ),
    torch=lambda T, x, value, index: _torch_at("prod")(T, x, 1 / T.as_tensor(value), index),
    spellings=_spelled("divide"),
    samples=POSITIVE,
)


def _extreme_base(g: Any, out: Any, x: Any, value: Any, index: Any) -> Array:
    return np.asarray(g * (out == x))


def _extreme_value(g: Any, out: Any, x: Any, value: Any, index: Any) -> Array:
    chosen = out[plain_index(index)] == value
    return unbroadcast(g[plain_index(index)] * chosen, np.shape(value))


for _name, _reduce in (("maximum", "amax"), ("minimum", "amin")):
    define(
        f"scatter_{_name}",
        _at(getattr(np, _name)),
        _extreme_base,
        _extreme_value,
        torch=_torch_at(_reduce),
        spellings=_spelled(_name),
        samples=REPEATED[:2],
    )
for _name in ("logical_or", "logical_and", "bitwise_or", "bitwise_and"):
    step(
        f"scatter_{_name}",
        _at(getattr(np, _name)),
        torch=lambda T, x, value, index, _name=_name: T.as_tensor(
            _at(getattr(np, _name))(x.numpy(), value.numpy(), index)
        ),
        spellings=_spelled(_name),
        samples=(Sample((MASK, np.array([False, True])), {"index": np.array([0, 1])}),),
    )


def _flat(x: Any, index: Any) -> Any:
    return np.unravel_index(np.asarray(plain_index(index)) % np.size(x), np.shape(x))


def _cycled(value: Any, index: Any) -> Any:
    return value if np.ndim(value) == 0 else np.resize(value, np.shape(plain_index(index)))


def _put_value(g: Any, out: Any, x: Any, value: Any, index: Any) -> Any:
    taken = g[_flat(x, index)]
    if np.ndim(value) == 0:
        return np.asarray(np.sum(taken))
    result = np.zeros(np.size(value))
    np.add.at(result, np.arange(np.size(taken)) % result.size, np.ravel(taken))
    return result.reshape(np.shape(value))


def _torch_put(T: Any, x: Any, value: Any, index: Any) -> Any:
    places = np.ravel_multi_index(_flat(x.detach().numpy(), index), tuple(x.shape))
    result = x.flatten().clone()
    value = T.as_tensor(value)
    count = int(np.size(places))
    result[T.as_tensor(np.ravel(places))] = (
        value if value.dim() == 0 else value.flatten().repeat(-(-count // value.numel()))[:count]
    )
    return result.reshape(x.shape)


define(
    "put",
    lambda x, value, index: assigned(x, _cycled(value, index), _flat(x, index)),
    lambda g, out, x, value, index: assigned(g, 0.0, _flat(x, index)),
    _put_value,
    torch=_torch_put,
    spellings=(
        Spell("np.put(a, $ind:index, v)", in_place=True),
        Spell("ndarray.put(a, $indices:index, values)", in_place=True),
        Spell("ndarray.itemset(a, $args:index, value)", in_place=True),
    ),
    linear=True,
    samples=(
        sample((3, 4), (2,), index=np.array([5, 1])),
        sample((3, 4), 0.5, index=np.array([0, 7])),
    ),
)


def _diagonal_places(shape: tuple[int, ...]) -> Any:
    return (np.arange(min(shape)),) * len(shape)


define(
    "fill_diagonal",
    lambda x, value: assigned(x, value, _diagonal_places(np.shape(x))),
    lambda g, out, x, value: assigned(g, 0.0, _diagonal_places(np.shape(x))),
    lambda g, out, x, value: unbroadcast(g[_diagonal_places(np.shape(x))], np.shape(value)),
    torch=lambda T, x, value: T.diagonal_scatter(
        x, T.broadcast_to(T.as_tensor(value, dtype=x.dtype), (min(x.shape),))
    ),
    spellings=(
        Spell("np.fill_diagonal(a, val)", in_place=True),
        Spell("Tensor.fill_diagonal_(x, fill_value)", in_place=True),
    ),
    linear=True,
    samples=(sample((3, 3), 0.5), sample((3, 4), 0.5), sample((3, 3), (3,))),
)


def _masked(mask: int, value: int) -> Any:
    """An adapter to `masked_fill(x, mask, value)`, from the places of mask and value in the call."""

    def adapt(bound: Bound, _is_array: IsArray) -> Bound:
        x = bound.inputs[0]
        inputs = (x, bound.inputs[mask], bound.inputs[value])
        return replace(bound, op=OPS["masked_fill"], inputs=inputs)

    return adapt


define(
    "copied_where",
    lambda x, value, mask: np.where(mask, value, x),
    torch=lambda T, x, value, mask: T.where(mask != 0, value, x),
    spellings=(
        Spell("np.copyto(dst, src, casting=None, @where=True)", None or {}, _masked(2, 1), True),
        Spell("np.putmask(a, mask, values)", {}, _masked(1, 2), True),
        Spell("np.place(arr, mask, vals)", {}, _masked(1, 2), True),
    ),
    samples=(Sample(((4, 3), (4, 3), MASK)),),
)


def _along(axis: Any, rank: int, index: Any) -> tuple[Any, ...]:
    return (*(slice(None),) * (int(axis) % rank), np.asarray(plain_index(index)))


define(
    "index_fill",
    lambda x, value, axis, index: assigned(x, value, _along(axis, np.ndim(x), index)),
    lambda g, out, x, value, axis, index: assigned(g, 0.0, _along(axis, np.ndim(x), index)),
    lambda g, out, x, value, axis, index: np.sum(g[_along(axis, np.ndim(x), np.unique(index))]),
    torch=lambda T, x, value, axis, index: T.index_fill(x, axis, T.as_tensor(index), value),
    spellings=(
        "torch.index_fill(input, $dim:axis, $index, value)",
        "Tensor.index_fill(x, $dim:axis, $index, value)",
    ),
    linear=True,
    samples=(sample((3, 4), 0.5, axis=1, index=np.array([0, 2])),),
)
define(
    "index_copy",
    lambda x, value, axis, index: assigned(x, value, _along(axis, np.ndim(x), index)),
    lambda g, out, x, value, axis, index: assigned(g, 0.0, _along(axis, np.ndim(x), index)),
    lambda g, out, x, value, axis, index: g[_along(axis, np.ndim(x), index)],
    torch=lambda T, x, value, axis, index: T.index_copy(x, axis, T.as_tensor(index), value),
    spellings=(
        "torch.index_copy(input, $dim:axis, $index, source)",
        "Tensor.index_copy(x, $dim:axis, $index, source)",
    ),
    linear=True,
    samples=(sample((3, 4), (3, 2), axis=1, index=np.array([0, 2])),),
)


def _accumulated(bound: Bound, _is_array: IsArray) -> Bound:
    adds = bound.params["accumulate"]
    params = {"index": bound.params["index"]}
    return replace(bound, op=OPS["scatter_add" if adds else "setitem"], params=params)


define(
    "index_put",
    lambda x, value, index: assigned(x, value, tuple(index)),
    lambda g, out, x, value, index: assigned(g, 0.0, tuple(index)),
    lambda g, out, x, value, index: unbroadcast(g[tuple(index)], np.shape(value)),
    torch=lambda T, x, value, index: T.index_put(x, tuple(map(T.as_tensor, index)), value),
    spellings=(
        Spell("Tensor.index_put(x, $indices:index, values, accumulate=False)", adapt=_accumulated),
    ),
    linear=True,
    samples=(sample((3, 4), (2,), index=(np.array([0, 2]), np.array([1, 3]))),),
)
