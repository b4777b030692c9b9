"""Ops whose entries are entries of the input, moved, repeated or left out.

The VJP of them all is read off their own evaluation: where the number of each entry comes out, its
cotangent is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import Array, OpError, sample
from gradlint.ops.registry import define
from gradlint.ops.spelling import Bound, IsArray, Spell


def put_back(placed: Any, g: Any, shape: tuple[int, ...]) -> Array:
    """The sum of the cotangents `g` of each entry; `placed` holds its number, from 1, or 0 for none."""
    sums = np.zeros(int(np.prod(shape, dtype=int)) + 1)
    np.add.at(sums, np.ravel(placed).astype(int), np.ravel(g))
    return sums[1:].reshape(shape)


def numbered(shape: tuple[int, ...]) -> Array:
    """The number of each entry of an array of that shape, from 1."""
    return np.arange(1, int(np.prod(shape, dtype=int)) + 1).reshape(shape)


def rearrangement(name: str, evaluate: Any, **rest: Any) -> None:
    """Enter an op of one input that only moves entries and may fill in zeros."""

    def vjp(g: Any, out: Any, x: Any, **params: Any) -> Array:
        return put_back(evaluate(numbered(np.shape(x)), **params), g, np.shape(x))

    define(name, evaluate, vjp, linear=True, **rest)


def _of_numbers(numbers: Any, x: Any, T: Any) -> Any:
    """The same rearrangement of a torch tensor."""
    flat = T.cat([T.zeros(1, dtype=x.dtype, device=x.device), x.flatten()])
    return flat[T.as_tensor(np.array(numbers), device=x.device)]


def in_torch(evaluate: Any) -> Any:
    """A rearrangement in torch, by the numbers of its entries."""
    return lambda T, x, **params: _of_numbers(evaluate(numbered(tuple(x.shape)), **params), x, T)


rearrangement(
    "rot90",
    lambda x, k=1, axes=(0, 1): np.rot90(x, int(k), tuple(axes)),
    torch=lambda T, x, k=1, axes=(0, 1): T.rot90(x, int(k), tuple(axes)),
    spellings=(
        "np.rot90(m, k=1, axes=(0, 1))",
        "torch.rot90(input, k=1, dims:axes=(0, 1))",
        "Tensor.rot90(x, k=1, dims:axes=(0, 1))",
    ),
    view=True,
    samples=(sample((3, 4)), sample((3, 4), k=2), sample((2, 3, 4), axes=(1, 2))),
)
rearrangement(
    "narrow",
    lambda x, axis, start, length: np.take(x, np.arange(start, start + length), int(axis)),
    torch=lambda T, x, axis, start, length: T.narrow(x, axis, start, length),
    spellings=(
        "torch.narrow(input, $dim:axis, $start, $length)",
        "Tensor.narrow(x, $dim:axis, $start, $length)",
    ),
    samples=(sample((3, 4), axis=1, start=1, length=2),),
)
rearrangement(
    "select",
    lambda x, axis, index: np.take(x, int(index), int(axis)),
    torch=lambda T, x, axis, index: T.select(x, axis, index),
    spellings=(
        "torch.select(input, $dim:axis, $index)",
        "Tensor.select(x, $dim:axis, $index)",
    ),
    samples=(sample((3, 4), axis=1, index=2),),
)


def _delete(x: Any, index: Any, axis: Any = None) -> Array:
    index = np.asarray(index) if isinstance(index, (list, tuple, range)) else index
    return np.delete(x, index, axis=axis)


rearrangement(
    "delete",
    _delete,
    torch=in_torch(_delete),
    spellings=("np.delete(arr, $obj:index, axis=None)",),
    samples=(
        sample((3, 4), index=1, axis=0),
        sample((3, 4), index=[0, 2], axis=1),
        sample((5,), index=-1),
    ),
)


def _resize(x: Any, shape: Any) -> Array:
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    return np.resize(x, shape)


def _sized(bound: Bound, _is_array: IsArray) -> Bound:
    shape = bound.params["shape"]
    bound.params["shape"] = tuple(shape) if isinstance(shape, (list, tuple)) else (shape,)
    return bound


rearrangement(
    "resize",
    _resize,
    torch=in_torch(_resize),
    spellings=(Spell("np.resize(a, $new_shape:shape)", adapt=_sized),),
    samples=(sample((3, 4), shape=(2, 5)), sample((3,), shape=(2, 4))),
)


def _diagonal(x: Any, k: Any = 0, first: Any = 0, second: Any = 1) -> Array:
    return np.diagonal(x, int(k), int(first), int(second))


rearrangement(
    "diagonal",
    _diagonal,
    torch=lambda T, x, k=0, first=0, second=1: T.diagonal(x, k, first, second),
    spellings=(
        "np.diagonal(a, offset:k=0, axis1:first=0, axis2:second=1)",
        "ndarray.diagonal(a, offset:k=0, axis1:first=0, axis2:second=1)",
        "torch.diagonal(input, offset:k=0, dim1:first=0, dim2:second=1)",
        "Tensor.diagonal(x, offset:k=0, dim1:first=0, dim2:second=1)",
    ),
    view=True,
    samples=(sample((3, 4)), sample((4, 3), k=-1), sample((2, 3, 4), k=1, first=1, second=2)),
)


def _insert(x: Any, value: Any, index: Any, axis: Any = None) -> Array:
    index = np.asarray(index) if isinstance(index, (list, tuple, range)) else index
    kind = np.result_type(np.asarray(x), np.asarray(value))
    return np.insert(np.asarray(x).astype(kind), index, value, axis=axis)


def _insert_vjp(argnum: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, value: Any, index: Any, axis: Any = None) -> Array:
        own, other = np.zeros(np.shape(x), int), np.zeros(np.shape(value), int)
        counted = numbered(np.shape((x, value)[argnum]))
        first, second = (counted, other) if argnum == 0 else (own, counted)
        placed = _insert(first, second, index, axis)
        return put_back(placed, g, counted.shape)

    return vjp


def _torch_insert(T: Any, x: Any, value: Any, index: Any, axis: Any = None) -> Any:
    value = T.as_tensor(value, dtype=x.dtype)
    counted = numbered((x.numel() + value.numel(),))
    own = counted[: x.numel()].reshape(tuple(x.shape))
    placed = _insert(own, counted[x.numel() :].reshape(tuple(value.shape)), index, axis)
    return T.cat([x.flatten(), value.flatten()])[T.as_tensor(placed - 1)]


define(
    "insert",
    _insert,
    _insert_vjp(0),
    _insert_vjp(1),
    torch=_torch_insert,
    spellings=("np.insert(arr, $obj:index, values, axis=None)",),
    linear=True,
    samples=(
        sample((3, 4), 1.0, index=0, axis=1),
        sample((3, 4), (3,), index=1, axis=1),
        sample((3, 4), (4,), index=[0, 2], axis=0),
        sample((4,), (2,), index=[1, 1]),
    ),
)


def _in_elements(x: Any, shape: Any, steps: Any, itemsize: int = 8) -> Array:
    """The entries that lie `steps` bytes apart in the memory of an array stored in row-major order."""
    if not np.asarray(x).flags.c_contiguous:
        raise OpError("as_strided() of a view of another array is not followed")
    if any(n != int(n) for n in steps):
        raise OpError("as_strided() takes whole numbers of bytes")
    apart = [int(n) // itemsize for n in steps]
    places = sum(
        (
            np.arange(int(n)).reshape((-1,) + (1,) * (len(apart) - i - 1)) * step
            for i, (n, step) in enumerate(zip(shape, apart, strict=True))
        ),
        np.zeros((), int),
    )
    if np.max(places, initial=0) >= np.size(x) or np.min(places, initial=0) < 0:
        raise IndexError("as_strided() reaches beyond its array")
    return np.asarray(np.ravel(x)[places])


def _own_strides(bound: Bound, _is_array: IsArray) -> Bound:
    if bound.params["shape"] is None or bound.params["steps"] is None:
        raise OpError("as_strided() without shape and strides")
    return bound


rearrangement(
    "as_strided",
    _in_elements,
    torch=in_torch(_in_elements),
    spellings=(
        Spell(
            "np.lib.stride_tricks.as_strided(x, shape=None, strides:steps=None, subok=False, writeable=True)",
            adapt=_own_strides,
        ),
        Spell(
            "torch.as_strided(x, $size:shape, $stride:steps, storage_offset=None)",
            adapt=lambda bound, _is_array: _without_offset(bound),
        ),
        Spell(
            "Tensor.as_strided(x, $size:shape, $stride:steps, storage_offset=None)",
            adapt=lambda bound, _is_array: _without_offset(bound),
        ),
    ),
    samples=(
        sample((6,), shape=(4, 3), steps=(8, 8)),
        sample((4, 5), shape=(2, 3, 3, 3), steps=(40, 8, 40, 8)),
    ),
)


def _without_offset(bound: Bound) -> Bound:
    if bound.params["storage_offset"] is not None:
        raise OpError("as_strided() with an offset is not understood")
    params = {k: v for k, v in bound.params.items() if k != "storage_offset"}
    return Bound(bound.op, bound.inputs, {**params, "itemsize": 1})


def _windows(x: Any, window: Any, axis: Any = None) -> Array:
    window = tuple(window) if isinstance(window, list) else window
    return np.lib.stride_tricks.sliding_window_view(x, window, axis)


rearrangement(
    "sliding_window_view",
    _windows,
    torch=in_torch(_windows),
    spellings=(
        "np.lib.stride_tricks.sliding_window_view(x, $window_shape:window, axis=None, subok=False, "
        "writeable=False)",
    ),
    samples=(
        sample((5,), window=3),
        sample((4, 5), window=(2, 3)),
        sample((4, 5), window=2, axis=1),
    ),
)


def _unfold(x: Any, axis: int, size: int, step: int) -> Array:
    seen = np.lib.stride_tricks.sliding_window_view(x, int(size), int(axis))
    return seen[(slice(None),) * (int(axis) % np.ndim(x)) + (slice(None, None, int(step)),)]


rearrangement(
    "unfold",
    _unfold,
    torch=lambda T, x, axis, size, step: x.unfold(axis, size, step),
    spellings=("Tensor.unfold(x, $dimension:axis, $size, $step)",),
    samples=(sample((7,), axis=0, size=3, step=2), sample((3, 6), axis=1, size=2, step=1)),
)
