"""Medians and quantiles, ranges, and the reductions that pass over what is not a number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.op import OPS, Array, sample
from gradlint.ops.reductions import extreme_vjp
from gradlint.ops.registry import define
from gradlint.ops.searching import KTH
from gradlint.ops.shapes import axes_of, plain_axis, spread
from gradlint.ops.spelling import Bound, IsArray, Spell

AXES = (sample((3, 5)), sample((3, 4), axis=0), sample((3, 4), axis=1, keepdims=True))


def _at_front(x: Any, axis: Any) -> Array:
    """The reduced axes as one, in front of the others."""
    axes = axes_of(axis, np.ndim(x))
    others = [a for a in range(np.ndim(x)) if a not in axes]
    moved = np.transpose(x, (*axes, *others))
    shape = tuple(np.shape(x)[a] for a in others)
    return moved.reshape((-1, *shape))


def _quantile(x: Any, q: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.quantile(x, float(q), axis=plain_axis(axis), keepdims=bool(keepdims))


def _quantile_vjp(
    g: Any, out: Any, x: Any, q: Any, axis: Any = None, keepdims: bool = False
) -> Array:
    flat = _at_front(x, axis)
    at = float(q) * (len(flat) - 1)
    low = int(np.floor(at))
    order = np.argsort(flat, axis=0)
    weights = np.zeros_like(flat, dtype=float)
    for place, share in ((low, 1 - (at - low)), (min(low + 1, len(flat) - 1), at - low)):
        chosen = np.take(order, [place], axis=0)
        np.put_along_axis(weights, chosen, np.take_along_axis(weights, chosen, 0) + share, axis=0)
    axes = axes_of(axis, np.ndim(x))
    rest = [a for a in range(np.ndim(x)) if a not in axes]
    shape = tuple(np.shape(x)[a] for a in (*axes, *rest))
    back = np.transpose(weights.reshape(shape), np.argsort((*axes, *rest)))
    return np.asarray(spread(g, x, axis, keepdims) * back)


def _torch_quantile(T: Any, x: Any, q: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return T.quantile(x, float(q), dim=axis, keepdim=bool(keepdims))


define(
    "quantile",
    _quantile,
    _quantile_vjp,
    torch=_torch_quantile,
    spellings=(
        "np.quantile(a, $q, axis=None, out=None, keepdims=False)",
        "torch.quantile(input, $q, dim:axis=None, keepdim:keepdims=False)",
        "Tensor.quantile(x, $q, dim:axis=None, keepdim:keepdims=False)",
        Spell("np.median(a, axis=None, out=None, keepdims=False)", {"q": 0.5}),
    ),
    samples=tuple(replace(s, params={**s.params, "q": q}) for s in AXES for q in (0.3, 0.5)),
)
define(
    "percentile",
    lambda x, q, axis=None, keepdims=False: _quantile(x, q / 100, axis, keepdims),
    lambda g, out, x, q, axis=None, keepdims=False: _quantile_vjp(
        g, out, x, q / 100, axis, keepdims
    ),
    torch=lambda T, x, q, axis=None, keepdims=False: _torch_quantile(T, x, q / 100, axis, keepdims),
    spellings=("np.percentile(a, $q, axis=None, out=None, keepdims=False)",),
    samples=tuple(replace(s, params={**s.params, "q": 30}) for s in AXES),
)


def _lower_median(bound: Bound, _is_array: IsArray) -> Bound:
    """torch's median is the lower of the two in the middle; with an axis also where it is."""
    if "axis" in bound.given:
        return replace(bound, result="values_indices", indices="median_index")
    return replace(bound, op=OPS["lower_median_all"], params={})


def _middle(x: Any, axis: int) -> int:
    return int(np.shape(x)[int(axis)] + 1) // 2


def _lower(x: Any, axis: int = -1, keepdims: bool = False) -> Any:
    return OPS["kthvalue"].evaluate(x, _middle(x, axis), axis, keepdims)


define(
    "lower_median",
    _lower,
    lambda g, out, x, axis=-1, keepdims=False: OPS["kthvalue"].vjps[0](  # type: ignore[misc]
        g, out, x, _middle(x, axis), axis, keepdims
    ),
    torch=lambda T, x, axis=-1, keepdims=False: T.median(x, axis, keepdims)[0],
    spellings=tuple(
        Spell(f"{head}.median(x, dim:axis=-1, keepdim:keepdims=False)", adapt=_lower_median)
        for head in ("torch", "Tensor")
    ),
    samples=tuple(replace(s, params={k: v for k, v in s.params.items() if k != "k"}) for s in KTH),
)
define(
    "median_index",
    lambda x, axis=-1, keepdims=False: OPS["kth_index"].evaluate(
        x, _middle(x, axis), axis, keepdims
    ),
    torch=lambda T, x, axis=-1, keepdims=False: T.median(x, axis, keepdims)[1],
    differentiable=False,
    samples=(sample((3, 4), axis=1),),
)
define(
    "lower_median_all",
    lambda x: _lower(np.ravel(x)),
    lambda g, out, x: g * (x == out) / np.sum(x == out),
    torch=lambda T, x: T.median(x),
    samples=(sample((3, 4)),),
)


def _range_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    ends = (
        reduce(x, axis=plain_axis(axis), keepdims=bool(keepdims)) for reduce in (np.max, np.min)
    )
    most, least = (extreme_vjp(g, end, x, axis, keepdims) for end in ends)
    return most - least


define(
    "ptp",
    lambda x, axis=None, keepdims=False: np.ptp(x, axis=plain_axis(axis), keepdims=bool(keepdims)),
    _range_vjp,
    torch=lambda T, x, axis=None, keepdims=False: (
        T.amax(x, axes_of(axis, x.dim()), bool(keepdims))
        - T.amin(x, axes_of(axis, x.dim()), bool(keepdims))
    ),
    spellings=("np.ptp(a, axis=None, out=None, keepdims=False)",),
    samples=AXES,
)


def _known(x: Any, fill: float) -> Any:
    return np.where(np.isnan(x), fill, x)


def _define_passing_over(name: str, fill: float) -> None:
    """A reduction of numpy that leaves out what is not a number."""
    plain, passing = OPS[name], getattr(np, f"nan{name}")

    def vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        found = plain.vjps[0](g, out, _known(x, fill), axis, keepdims)  # type: ignore[misc]
        return np.where(np.isnan(x), 0, found)

    define(
        f"nan{name}",
        lambda x, axis=None, keepdims=False: passing(
            x, axis=plain_axis(axis), keepdims=bool(keepdims)
        ),
        vjp,
        torch=plain.torch,
        spellings=(f"np.nan{name}(a, axis=None, out=None, keepdims=False)",),
        samples=AXES,
    )


_define_passing_over("sum", 0.0)
_define_passing_over("max", -np.inf)
_define_passing_over("min", np.inf)


def _nanmean_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    there = ~np.isnan(x)
    counts = np.sum(there, axis=plain_axis(axis), keepdims=True)
    return spread(g, x, axis, keepdims) * there / counts


define(
    "nanmean",
    lambda x, axis=None, keepdims=False: np.nanmean(
        x, axis=plain_axis(axis), keepdims=bool(keepdims)
    ),
    _nanmean_vjp,
    torch=lambda T, x, axis=None, keepdims=False: T.mean(x, axes_of(axis, x.dim()), bool(keepdims)),
    spellings=(
        "np.nanmean(a, axis=None, dtype=None, out=None, keepdims=False)",
        "torch.nanmean(input, dim:axis=None, keepdim:keepdims=False)",
    ),
    linear=True,
    samples=AXES,
)
