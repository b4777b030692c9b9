"""Reductions over axes, and cumulative sums.

A maximum shared by several entries passes its cotangent to them in equal parts, as torch.amax does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.op import OPS, Array, sample
from gradlint.ops.registry import define, step
from gradlint.ops.shapes import axes_of, count_of, plain_axis, spread, unreduce
from gradlint.ops.spelling import Bound, IsArray, Spell
from gradlint.ops.text import Text
from gradlint.ops.writing import Writer

AXES = (
    sample((3, 4)),
    sample((3, 4), axis=0),
    sample((3, 4), axis=1),
    sample((3, 4), axis=-1, keepdims=True),
    sample((3, 4), axis=0, keepdims=True),
    sample((2, 3, 4), axis=(0, 2)),
    sample((2, 3, 4), axis=1),
)
ONE_AXIS = (sample((3, 4)), sample((3, 4), axis=0), sample((3, 4), axis=1, keepdims=True))


def _spelled(name: str, *more: str | Spell, both: tuple[str, ...] = ()) -> tuple[str | Spell, ...]:
    """The four usual spellings of a reduction, and others."""
    names = (name, *both)
    return (
        *(f"np.{n}(a, axis=None, dtype=None, out=None, keepdims=False)" for n in names),
        *(f"ndarray.{n}(a, axis=None, dtype=None, out=None, keepdims=False)" for n in names),
        *(f"torch.{n}(input, dim:axis=None, keepdim:keepdims=False)" for n in names),
        *(f"Tensor.{n}(x, dim:axis=None, keepdim:keepdims=False)" for n in names),
        *more,
    )


def in_torch(name: str) -> Any:
    """torch's reduction of that name; without an axis where none is given, as torch wants it."""

    def call(T: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        axes = axes_of(axis, x.dim())
        return getattr(T, name)(x, dim=axes, keepdim=bool(keepdims)) if axes else x * 1

    return call


define(
    "sum",
    lambda x, axis=None, keepdims=False: np.sum(x, axis=plain_axis(axis), keepdims=bool(keepdims)),
    lambda g, out, x, axis=None, keepdims=False: spread(g, x, axis, keepdims),
    torch=in_torch("sum"),
    spellings=_spelled("sum"),
    write=(lambda w, g, out, x, axis=None, keepdims=False: w.unreduce(g, axis, keepdims),),
    primal=lambda w, x, axis=None, keepdims=False: w.total(x, plain_axis(axis), bool(keepdims)),
    linear=True,
    samples=AXES,
)


def _mean_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Array:
    return spread(g, x, axis, keepdims) / count_of(np.shape(x), axis)


def _write_mean(
    w: Writer, g: Text, out: Text, x: Text, axis: Any = None, keepdims: bool = False
) -> Text:
    return w.unreduce(g, axis, keepdims) / w.count(x, axis)


define(
    "mean",
    lambda x, axis=None, keepdims=False: np.mean(x, axis=plain_axis(axis), keepdims=bool(keepdims)),
    _mean_vjp,
    torch=in_torch("mean"),
    spellings=_spelled("mean"),
    write=(_write_mean,),
    linear=True,
    samples=AXES,
)


def extreme_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Array:
    chosen = x == unreduce(out, axis, keepdims, np.shape(x))
    ties = np.sum(chosen, axis=plain_axis(axis), keepdims=True)
    return np.asarray(unreduce(g, axis, keepdims, np.shape(x)) * chosen / ties)


def _write_extreme(
    w: Writer, g: Text, out: Text, x: Text, axis: Any = None, keepdims: bool = False
) -> Text:
    return w.unreduce(g, axis, keepdims) * w.equal(x, w.unreduce(out, axis, keepdims))


def _adapt_extreme(pairwise: str, indices: str) -> Any:
    """`torch.max`: of two tensors entry by entry, with an axis a pair, else a plain maximum."""

    def adapt(bound: Bound, is_array: IsArray) -> Bound:
        if "axis" not in bound.given:
            return bound
        if is_array(bound.params["axis"]):
            inputs = (*bound.inputs, bound.params["axis"])
            return replace(bound, op=OPS[pairwise], inputs=inputs, params={})
        return replace(bound, result="values_indices", indices=indices)

    return adapt


def _define_extreme(name: str, pairwise: str, other: str) -> None:
    torch_spellings = (
        Spell(
            f"{head}(x, dim|other:axis=None, keepdim:keepdims=False)".replace("dim|other", "dim"),
            adapt=_adapt_extreme(pairwise, f"arg{name}"),
        )
        for head in (f"torch.{name}", f"Tensor.{name}")
    )
    define(
        name,
        lambda x, axis=None, keepdims=False: getattr(np, name)(
            x, axis=plain_axis(axis), keepdims=bool(keepdims)
        ),
        extreme_vjp,
        torch=in_torch(other),
        spellings=(
            f"np.{name}(a, axis=None, out=None, keepdims=False)",
            f"ndarray.{name}(a, axis=None, out=None, keepdims=False)",
            f"np.{other}(a, axis=None, out=None, keepdims=False)",
            f"torch.{other}(input, dim:axis=None, keepdim:keepdims=False)",
            f"Tensor.{other}(x, dim:axis=None, keepdim:keepdims=False)",
            *torch_spellings,
        ),
        write=(_write_extreme,),
        samples=AXES,
    )


_define_extreme("max", "maximum", "amax")
_define_extreme("min", "minimum", "amin")


def _prod_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Array:
    return np.asarray(spread(np.multiply(g, out), x, axis, keepdims) / x)


define(
    "prod",
    lambda x, axis=None, keepdims=False: np.prod(x, axis=plain_axis(axis), keepdims=bool(keepdims)),
    _prod_vjp,
    torch=lambda T, x, axis=None, keepdims=False: (
        T.prod(x) if axis is None else T.prod(x, dim=axis, keepdim=keepdims)
    ),
    spellings=_spelled("prod"),
    write=(
        lambda w, g, out, x, axis=None, keepdims=False: w.unreduce(g * out, axis, keepdims) / x,
    ),
    samples=ONE_AXIS,
)


def _cumsum_vjp(g: Any, out: Any, x: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.cumsum(g[::-1])[::-1].reshape(np.shape(x))
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


define(
    "cumsum",
    lambda x, axis=None: np.cumsum(x, axis=axis),
    _cumsum_vjp,
    torch=lambda T, x, axis=None: T.cumsum(x.flatten() if axis is None else x, axis or 0),
    spellings=(
        "np.cumsum(a, axis=None, dtype=None, out=None)",
        "ndarray.cumsum(a, axis=None, dtype=None, out=None)",
        "torch.cumsum(input, $dim:axis)",
        "Tensor.cumsum(x, $dim:axis)",
    ),
    linear=True,
    samples=(sample((3, 4)), sample((3, 4), axis=0), sample((3, 4), axis=1)),
)


def _index(name: str) -> None:
    evaluate = getattr(np, name)
    step(
        name,
        lambda x, axis=None, keepdims=False: evaluate(x, axis=axis, keepdims=bool(keepdims)),
        torch=lambda T, x, axis=None, keepdims=False: getattr(T, name)(
            x, dim=axis, keepdim=keepdims
        ),
        spellings=(
            f"np.{name}(a, axis=None, out=None, keepdims=False)",
            f"ndarray.{name}(a, axis=None, out=None, keepdims=False)",
            f"torch.{name}(input, dim:axis=None, keepdim:keepdims=False)",
            f"Tensor.{name}(x, dim:axis=None, keepdim:keepdims=False)",
        ),
        samples=ONE_AXIS,
    )


_index("argmax")
_index("argmin")


def _test(name: str) -> None:
    evaluate = getattr(np, name)
    step(
        name,
        lambda x, axis=None, keepdims=False: evaluate(
            x, axis=plain_axis(axis), keepdims=bool(keepdims)
        ),
        torch=lambda T, x, axis=None, keepdims=False: getattr(T, name)(
            x != 0, dim=axes_of(axis, x.dim()), keepdim=keepdims
        ),
        spellings=(
            f"np.{name}(a, axis=None, out=None, keepdims=False)",
            f"ndarray.{name}(a, axis=None, out=None, keepdims=False)",
            f"torch.{name}(input, dim:axis=None, keepdim:keepdims=False)",
            f"Tensor.{name}(x, dim:axis=None, keepdim:keepdims=False)",
        ),
        samples=ONE_AXIS,
    )


_test("all")
_test("any")
step(
    "count_nonzero",
    lambda x, axis=None: np.count_nonzero(x, axis=plain_axis(axis)),
    torch=lambda T, x, axis=None: T.count_nonzero(x, dim=axis),
    spellings=(
        "np.count_nonzero(a, axis=None)",
        "torch.count_nonzero(input, dim:axis=None)",
        "Tensor.count_nonzero(x, dim:axis=None)",
    ),
    samples=(sample((3, 4)), sample((3, 4), axis=0)),
)
