"""Averages with weights, variances, norms and the logarithm of a sum of exponentials."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.op import OPS, Array, OpError, sample
from gradlint.ops.reductions import AXES, extreme_vjp, in_torch
from gradlint.ops.registry import define
from gradlint.ops.shapes import axes_of, count_of, plain_axis, spread, unreduce
from gradlint.ops.spelling import Bound, IsArray, Spell
from gradlint.ops.text import Text
from gradlint.ops.writing import Unwritable, Writer


def _average_x(g: Any, out: Any, x: Any, weights: Any, axis: Any = None) -> Array:
    share = _weights_along(x, weights, axis)
    return np.asarray(
        spread(g, x, axis, False) * share / share.sum(plain_axis(axis), keepdims=True)
    )


def _average_weights(g: Any, out: Any, x: Any, weights: Any, axis: Any = None) -> Array:
    share = _weights_along(x, weights, axis)
    total = share.sum(plain_axis(axis), keepdims=True)
    slope = spread(g, x, axis, False) * (x - unreduce(out, axis, False, np.shape(x))) / total
    return slope if np.shape(weights) == np.shape(x) else _others_summed(slope, axis)


def _others_summed(slope: Array, axis: Any) -> Array:
    return np.asarray(slope.sum(tuple(a for a in range(slope.ndim) if a != axis % slope.ndim)))


def _weights_along(x: Any, weights: Any, axis: Any) -> Array:
    if np.shape(weights) == np.shape(x):
        return np.asarray(weights)
    if axis is None or np.ndim(weights) != 1:
        raise OpError("average() needs weights of its array's shape, or one axis")
    shape = [1] * np.ndim(x)
    shape[int(axis)] = np.size(weights)
    return np.broadcast_to(np.reshape(weights, shape), np.shape(x))


def _adapt_average(bound: Bound, _is_array: IsArray) -> Bound:
    if bound.inputs[1] is None:
        return replace(bound, op=OPS["mean"], inputs=bound.inputs[:1])
    if "keepdims" in bound.given:
        raise OpError("average() with weights and keepdims is not understood")
    params = {"axis": bound.params["axis"]}
    return replace(bound, params=params)


def _average(x: Any, weights: Any, axis: Any = None) -> Any:
    return np.average(x, axis=plain_axis(axis), weights=weights)


define(
    "average",
    _average,
    _average_x,
    _average_weights,
    torch=lambda T, x, weights, axis=None: (
        (x * weights).sum() / weights.sum()
        if axis is None
        else (x.movedim(axis, -1) * weights).sum(-1) / weights.sum()
    ),
    spellings=(
        Spell("np.average(a, axis=None, @weights=None, keepdims=False)", adapt=_adapt_average),
    ),
    samples=(
        sample((3, 4), (3, 4), low=0.5),
        sample((3, 4), (3,), low=0.5, axis=0),
    ),
)


def _variance(x: Any, axis: Any = None, keepdims: bool = False, ddof: Any = 0) -> Any:
    return np.var(x, axis=plain_axis(axis), ddof=int(ddof), keepdims=bool(keepdims))


def _deviation(x: Any, axis: Any = None, keepdims: bool = False, ddof: Any = 0) -> Any:
    return np.sqrt(_variance(x, axis, keepdims, ddof))


def _variance_vjp(
    g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False, ddof: Any = 0
) -> Array:
    centred = x - np.mean(x, axis=plain_axis(axis), keepdims=True)
    return np.asarray(
        2 * spread(g, x, axis, keepdims) * centred / (count_of(np.shape(x), axis) - int(ddof))
    )


def _deviation_vjp(
    g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False, ddof: Any = 0
) -> Array:
    return _variance_vjp(g / (2 * out), out, x, axis, keepdims, ddof)


def _write_variance(
    w: Writer, g: Text, out: Text, x: Text, axis: Any = None, keepdims: Any = False, ddof: Any = 0
) -> Text:
    options = "" if axis is None else f"{w.dialect.axis}={axis!r}, {w.dialect.keepdims}=True"
    centred = x - w.method(x, f"mean({options})")
    return w.unreduce(g, axis, keepdims) * 2 * centred / (w.count(x, axis) - int(ddof))


def _write_deviation(w: Writer, g: Text, out: Text, x: Text, **params: Any) -> Text:
    return _write_variance(w, g / (2 * out), out, x, **params)


def _torch_spread(name: str) -> Any:
    def call(T: Any, x: Any, axis: Any = None, keepdims: bool = False, ddof: Any = 0) -> Any:
        return getattr(T, name)(
            x, dim=axes_of(axis, x.dim()), correction=int(ddof), keepdim=bool(keepdims)
        )

    return call


def _define_spread(name: str, evaluate: Any, vjp: Any, write: Any) -> None:
    define(
        name,
        evaluate,
        vjp,
        torch=_torch_spread(name),
        spellings=(
            f"np.{name}(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, "
            "correction:ddof=0)",
            f"ndarray.{name}(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False)",
            *(
                Spell(
                    f"{head}.{name}(x, dim:axis=None, unbiased:ddof=1, keepdim:keepdims=False, "
                    "correction:ddof=1)"
                )
                for head in ("torch", "Tensor")
            ),
        ),
        write=(write,),
        samples=(*AXES, sample((3, 4), axis=0, ddof=1)),
    )


_define_spread("var", _variance, _variance_vjp, _write_variance)
_define_spread("std", _deviation, _deviation_vjp, _write_deviation)


def _order(x: Any, ord: Any, axis: Any, flat: bool) -> float:
    """The p of the p-norm; raises OpError for the matrix norms that are none."""
    if ord in (None, "fro"):
        return 2.0
    matrix = len(axes_of(axis, np.ndim(x))) == 2
    if isinstance(ord, str) or (matrix and not flat) or float(ord) not in (1.0, 2.0, float("inf")):
        raise OpError(f"the norm of order {ord!r} is not understood")
    return float(ord)


def _norm(
    x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, flat: bool = False
) -> Any:
    p, over, keep = _order(x, ord, axis, flat), plain_axis(axis), bool(keepdims)
    if p == 2:
        return np.sqrt(np.sum(np.square(x), axis=over, keepdims=keep))
    reduce = np.sum if p == 1 else np.max
    return reduce(np.abs(x), axis=over, keepdims=keep)


def _norm_vjp(
    g: Any,
    out: Any,
    x: Any,
    ord: Any = None,
    axis: Any = None,
    keepdims: bool = False,
    flat: bool = False,
) -> Any:
    p = _order(x, ord, axis, flat)
    if p == 2:
        return np.asarray(spread(np.divide(g, out), x, axis, keepdims) * x)
    if p == 1:
        return np.asarray(spread(g, x, axis, keepdims) * np.sign(x))
    return extreme_vjp(g, out, np.abs(x), axis, keepdims) * np.sign(x)


def _write_norm(
    w: Writer,
    g: Text,
    out: Text,
    x: Text,
    ord: Any = None,
    axis: Any = None,
    keepdims: bool = False,
    flat: bool = False,
) -> Text:
    if ord not in (None, "fro", 2):
        raise Unwritable("a norm of another order")
    return w.unreduce(g, axis, keepdims) * x / w.unreduce(out, axis, keepdims)


NORM = "(x, ord=None, axis=None, keepdims=False)"
define(
    "norm",
    _norm,
    _norm_vjp,
    torch=lambda T, x, ord=None, axis=None, keepdims=False, flat=False: T.linalg.vector_norm(
        x, 2 if ord in (None, "fro") else float(ord), dim=axis, keepdim=bool(keepdims)
    ),
    spellings=(
        f"np.linalg.norm{NORM}",
        f"torch.linalg.norm{NORM}".replace("axis", "dim:axis").replace("keepd", "keepdim:keepd"),
        Spell(
            "torch.linalg.vector_norm(x, ord=2, dim:axis=None, keepdim:keepdims=False)",
            {"flat": True},
        ),
        Spell(
            "torch.norm(input, p:ord='fro', dim:axis=None, keepdim:keepdims=False)", {"flat": True}
        ),
        Spell("Tensor.norm(x, p:ord='fro', dim:axis=None, keepdim:keepdims=False)", {"flat": True}),
    ),
    write=(_write_norm,),
    samples=(*AXES, sample((3, 4), ord=1, axis=0), sample((3,), ord=float("inf"))),
)


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    over = plain_axis(axis)
    top = np.max(x, axis=over, keepdims=True)
    total = np.sum(np.exp(x - top), axis=over, keepdims=bool(keepdims))
    return np.log(total) + (top if keepdims else np.squeeze(top, axis=over))


define(
    "logsumexp",
    _logsumexp,
    lambda g, out, x, axis=None, keepdims=False: (
        spread(g, x, axis, keepdims) * np.exp(x - unreduce(out, axis, keepdims, np.shape(x)))
    ),
    torch=in_torch("logsumexp"),
    spellings=(
        "torch.logsumexp(input, $dim:axis, keepdim:keepdims=False)",
        "Tensor.logsumexp(x, $dim:axis, keepdim:keepdims=False)",
        "torch.special.logsumexp(input, $dim:axis, keepdim:keepdims=False)",
        "scipy.special.logsumexp(a, axis=None, keepdims=False)",
    ),
    write=(
        lambda w, g, out, x, axis=None, keepdims=False: (
            w.unreduce(g, axis, keepdims) * w.exp(x - w.unreduce(out, axis, keepdims))
        ),
    ),
    samples=AXES,
)
