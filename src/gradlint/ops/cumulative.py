"""Running products, maxima and logarithms of sums, and differences between neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.gathering import _grid
from gradlint.ops.indexing import scattered
from gradlint.ops.op import Array, sample
from gradlint.ops.registry import define, step
from gradlint.ops.spelling import Bound, IsArray, Spell

ALONG = (sample((3, 4), axis=0), sample((3, 4), axis=1))


def _summed_after(g: Any, axis: int) -> Array:
    """The sum of the cotangents of an entry and of all that come after it."""
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


def _cumprod_vjp(g: Any, out: Any, x: Any, axis: Any = None) -> Any:
    if axis is None:
        return (_summed_after(g * out, 0) / np.ravel(x)).reshape(np.shape(x))
    return _summed_after(g * out, int(axis)) / x


define(
    "cumprod",
    lambda x, axis=None: np.cumprod(x, axis=axis),
    _cumprod_vjp,
    torch=lambda T, x, axis=None: T.cumprod(x.flatten() if axis is None else x, axis or 0),
    spellings=(
        "np.cumprod(a, axis=None, dtype=None, out=None)",
        "ndarray.cumprod(a, axis=None, dtype=None, out=None)",
        "torch.cumprod(input, $dim:axis)",
        "Tensor.cumprod(x, $dim:axis)",
    ),
    samples=(sample((3, 4)), *ALONG),
)


def _running(pick: Any, x: Any, axis: int) -> Array:
    """Where the extreme of an entry and all before it stands, the last of equals."""
    values = np.moveaxis(np.asarray(x), axis, 0)
    found = np.zeros(values.shape, int)
    for i in range(1, len(values)):
        best = np.take_along_axis(values, found[i - 1 : i], 0)[0]
        found[i] = np.where(pick(values[i], best), i, found[i - 1])
    return np.moveaxis(found, 0, axis)


def _define_running(name: str, pick: Any, extreme: Any) -> None:
    def value(x: Any, axis: int) -> Any:
        return extreme.accumulate(x, axis=int(axis))

    def vjp(g: Any, out: Any, x: Any, axis: int) -> Array:
        return scattered(g, np.shape(x), _grid(_running(pick, x, int(axis)), int(axis)))

    def both(bound: Bound, _is_array: IsArray) -> Bound:
        return replace(bound, result="values_indices", indices=f"{name}_index")

    define(
        name,
        value,
        vjp,
        torch=lambda T, x, axis: getattr(T, name)(x, axis)[0],
        spellings=tuple(
            Spell(f"{h}.{name}(x, $dim:axis)", adapt=both) for h in ("torch", "Tensor")
        ),
        samples=ALONG,
    )
    step(
        f"{name}_index",
        lambda x, axis: _running(pick, x, int(axis)),
        torch=lambda T, x, axis: getattr(T, name)(x, axis)[1],
        samples=ALONG,
    )


_define_running("cummax", np.greater_equal, np.maximum)
_define_running("cummin", np.less_equal, np.minimum)
define(
    "logcumsumexp",
    lambda x, axis: np.logaddexp.accumulate(x, axis=int(axis)),
    lambda g, out, x, axis: np.exp(x) * _summed_after(g * np.exp(-out), int(axis)),
    torch=lambda T, x, axis: T.logcumsumexp(x, axis),
    spellings=("torch.logcumsumexp(input, $dim:axis)", "Tensor.logcumsumexp(x, $dim:axis)"),
    samples=ALONG,
)


def _diff_vjp(g: Any, out: Any, x: Any, n: int = 1, axis: int = -1) -> Any:
    for _ in range(int(n)):
        width = [(0, 0)] * np.ndim(g)
        width[axis] = (1, 1)
        g = -np.diff(np.pad(g, width), axis=axis)
    return g


define(
    "diff",
    lambda x, n=1, axis=-1: np.diff(x, int(n), int(axis)),
    _diff_vjp,
    torch=lambda T, x, n=1, axis=-1: T.diff(x, n, axis),
    spellings=(
        "np.diff(a, n=1, axis=-1)",
        "torch.diff(input, n=1, dim:axis=-1)",
        "Tensor.diff(x, n=1, dim:axis=-1)",
    ),
    linear=True,
    samples=(sample((3, 4)), sample((4, 3), n=2, axis=0)),
)


def _ediff_vjp(g: Any, out: Any, x: Any) -> Any:
    return _diff_vjp(g, out, np.ravel(x)).reshape(np.shape(x))


define(
    "ediff1d",
    lambda x: np.ediff1d(x),
    _ediff_vjp,
    torch=lambda T, x: T.diff(x.flatten()),
    spellings=("np.ediff1d(ary)",),
    linear=True,
    samples=(sample((3, 4)),),
)
