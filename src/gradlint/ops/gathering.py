"""Picking and placing entries along one axis: `take`, `index_add`, `gather`, `scatter`."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.indexing import ROWS, assigned, scattered
from gradlint.ops.op import Array, sample
from gradlint.ops.registry import define
from gradlint.ops.shapes import unbroadcast
from gradlint.ops.spelling import Spell


def _along(axis: int, rank: int, index: Any) -> tuple[Any, ...]:
    """The index that takes `index` along `axis` and everything along the others."""
    axis = int(axis) % rank
    return (*(slice(None),) * axis, np.asarray(index))


def _fits(x: Any, axis: Any) -> tuple[Any, int]:
    return (np.ravel(x), 0) if axis is None else (np.asarray(x), int(axis))


def _take(x: Any, index: Any, axis: Any = None) -> Array:
    return np.asarray(np.take(x, np.asarray(index), axis=axis))


def _take_vjp(g: Any, out: Any, x: Any, index: Any, axis: Any = None) -> Any:
    base, along = _fits(x, axis)
    return scattered(g, base.shape, _along(along, base.ndim, index)).reshape(np.shape(x))


define(
    "take",
    _take,
    _take_vjp,
    torch=lambda T, x, index, axis=None: (
        T.take(x, T.as_tensor(index))
        if axis is None
        else T.index_select(x, axis, T.as_tensor(index))
    ),
    spellings=(
        "np.take(a, $indices:index, axis=None)",
        "ndarray.take(a, $indices:index, axis=None)",
        "torch.take(input, $index)",
        "torch.index_select(input, $dim:axis, $index)",
        "Tensor.index_select(x, $dim:axis, $index)",
    ),
    linear=True,
    samples=(
        sample((3, 4), index=ROWS),
        sample((3, 4), index=ROWS, axis=0),
        sample((3, 4), index=ROWS, axis=1),
    ),
)
define(
    "index_add",
    lambda x, value, index, axis: (
        np.asarray(x) + scattered(value, np.shape(x), _along(axis, np.ndim(x), index))
    ),
    lambda g, out, x, value, index, axis: g,
    lambda g, out, x, value, index, axis: np.take(g, np.asarray(index), axis=axis),
    torch=lambda T, x, value, index, axis: T.index_add(x, axis, T.as_tensor(index), value),
    spellings=(
        "torch.index_add(input, $dim:axis, $index, source)",
        "Tensor.index_add(x, $dim:axis, $index, source)",
    ),
    linear=True,
    samples=(
        sample((3, 4), (4, 4), index=ROWS, axis=0),
        sample((3, 5), (3, 4), index=ROWS, axis=1),
    ),
)


def _grid(index: Any, axis: int) -> tuple[Any, ...]:
    """The full index of `take_along_axis`: every axis its own grid, `axis` by `index`."""
    index = np.asarray(index)
    grid: list[Any] = list(np.indices(index.shape, sparse=True))
    grid[int(axis)] = index
    return tuple(grid)


COLUMNS = np.array([[0], [2], [3]])
define(
    "gather",
    lambda x, index, axis: np.asarray(x)[_grid(index, axis)],
    lambda g, out, x, index, axis: scattered(g, np.shape(x), _grid(index, axis)),
    torch=lambda T, x, index, axis: T.gather(x, axis, T.as_tensor(index)),
    spellings=(
        "torch.gather(input, $dim:axis, $index)",
        "Tensor.gather(x, $dim:axis, $index)",
        "np.take_along_axis(arr, $indices:index, axis=-1)",
    ),
    linear=True,
    samples=(
        sample((3, 4), index=COLUMNS, axis=1),
        sample((3, 4), index=np.array([[0, 2, 1]]), axis=0),
    ),
)


def _placed(x: Any, value: Any, index: Any, axis: Any) -> Array:
    return assigned(x, np.broadcast_to(_cut(value, index), np.shape(index)), _grid(index, axis))


def _cut(value: Any, index: Any) -> Any:
    """The entries of a source that an index reads: torch leaves out those beyond its shape."""
    larger = np.ndim(value) == np.ndim(index) and all(
        n >= m for n, m in zip(np.shape(value), np.shape(index), strict=True)
    )
    return np.asarray(value)[tuple(map(slice, np.shape(index)))] if larger else value


def _uncut(g: Any, value: Any, index: Any) -> Any:
    """The cotangent of a source: nothing for the entries that are left out."""
    cut = unbroadcast(g, np.shape(_cut(value, index)))
    if np.shape(cut) == np.shape(value):
        return cut
    made = np.zeros(np.shape(value))
    made[tuple(map(slice, np.shape(index)))] = cut
    return made


define(
    "scatter",
    _placed,
    lambda g, out, x, value, index, axis: assigned(g, 0, _grid(index, axis)),
    lambda g, out, x, value, index, axis: _uncut(g[_grid(index, axis)], value, index),
    torch=lambda T, x, value, index, axis: T.scatter(x, axis, T.as_tensor(index), value),
    spellings=(
        "torch.scatter(input, $dim:axis, $index, src)",
        "Tensor.scatter(x, $dim:axis, $index, src)",
        Spell("np.put_along_axis(arr, $indices:index, values, $axis)", in_place=True),
    ),
    linear=True,
    samples=(sample((3, 4), (3, 1), index=COLUMNS, axis=1),),
)
define(
    "scatter_add_along",
    lambda x, value, index, axis: (
        np.asarray(x) + scattered(_cut(value, index), np.shape(x), _grid(index, axis))
    ),
    lambda g, out, x, value, index, axis: g,
    lambda g, out, x, value, index, axis: _uncut(g[_grid(index, axis)], value, index),
    torch=lambda T, x, value, index, axis: T.scatter_add(
        x, axis, T.as_tensor(index), value[tuple(map(slice, np.shape(index)))]
    ),
    spellings=(
        "torch.scatter_add(input, $dim:axis, $index, src)",
        "Tensor.scatter_add(x, $dim:axis, $index, src)",
    ),
    linear=True,
    samples=(
        sample((3, 4), (3, 1), index=COLUMNS, axis=1),
        sample((3, 4), (3, 2), index=COLUMNS, axis=1),
    ),
)
