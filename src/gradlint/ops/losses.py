"""The losses of torch.nn.functional, with their `reduction`: of two arrays, entry by entry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops import special
from gradlint.ops.op import OpError, sample
from gradlint.ops.registry import define
from gradlint.ops.shapes import unbroadcast
from gradlint.ops.spelling import Bound, IsArray, Spell
from gradlint.ops.text import Text
from gradlint.ops.writing import Unwritable, Writer

REDUCED = ("mean", "sum", "none")


def by_old_flags(bound: Bound, _is_array: IsArray) -> Bound:
    """`size_average=False` is the sum and `reduce=False` no reduction, as before torch 0.4.1."""
    params = dict(bound.params)
    size_average, reduce = params.pop("size_average"), params.pop("reduce")
    for flag in (size_average, reduce):
        if not isinstance(flag, (bool, type(None))):
            raise OpError(f"{bound.op.name}() with a reduction that is not known here")
    if reduce is False:
        params["reduction"] = "none"
    elif size_average is not None or reduce is not None:
        params["reduction"] = "sum" if size_average is False else "mean"
    return replace(bound, params=params)


def reduced(values: Any, reduction: str) -> Any:
    """The mean, the sum or the values themselves; raises OpError for another reduction."""
    if reduction == "batchmean":
        return np.sum(values) / np.shape(values)[0]
    if reduction not in REDUCED:
        raise OpError(f"the reduction {reduction!r} is not understood")
    return values if reduction == "none" else getattr(np, reduction)(values)


def _share(g: Any, values: Any, reduction: str) -> Any:
    """The cotangent of each of the `values` that were reduced."""
    if reduction == "batchmean":
        return np.divide(g, np.shape(values)[0])
    return np.divide(g, np.size(values)) if reduction == "mean" else np.asarray(g)


def _count_text(w: Writer, x: Text, target: Text, reduction: str) -> Any:
    """What a written cotangent is divided by."""
    if reduction == "batchmean":
        return w.count(x, 0)
    if reduction != "mean":
        return 1
    whole = np.broadcast_shapes(*w.in_shapes[:2])
    argnum = 0 if w.shape_in(0) == whole else 1
    if w.shape_in(argnum) != whole:
        raise Unwritable("both sides of the loss are broadcast")
    return w.count((x, target)[argnum], None, argnum)


def _pair(name: str, value: Any, slope_x: Any, slope_target: Any, **rest: Any) -> None:
    """A loss of two arrays entry by entry; the slopes are formulas `(m, x, target, **params)`."""
    slopes = (slope_x, slope_target)

    def vjp(argnum: int) -> Any:
        def function(g: Any, out: Any, x: Any, t: Any, reduction: str = "mean", **p: Any) -> Any:
            each = _share(g, np.broadcast(x, t), reduction) * slopes[argnum](np, x, t, **p)
            return unbroadcast(np.asarray(each), np.shape((x, t)[argnum]))

        return function

    def write(argnum: int) -> Any:
        def text(
            w: Writer, g: Text, out: Text, x: Text, t: Text, reduction: str = "mean", **p: Any
        ) -> Text:
            whole = w.with_shapes(np.broadcast_shapes(*w.in_shapes), w.in_shapes)
            each = g * slopes[argnum](w, x, t, **p) / _count_text(w, x, t, reduction)
            return whole.unbroadcast(each, x - t, argnum)

        return text

    define(
        name,
        lambda x, t, reduction="mean", **p: reduced(value(x, t, **p), reduction),
        vjp(0),
        vjp(1),
        torch=lambda T, x, t, reduction="mean", **p: getattr(T.nn.functional, name)(
            x, T.as_tensor(t), reduction=reduction, **p
        ),
        write=(write(0), write(1)),
        **rest,
    )


LEGACY = ", size_average=None, reduce=None"
PAIRS = tuple(sample((3, 4), (3, 4), reduction=how) for how in REDUCED)
_pair(
    "mse_loss",
    lambda x, t: np.square(np.subtract(x, t)),
    lambda m, x, t: 2 * (x - t),
    lambda m, x, t: 2 * (t - x),
    spellings=(Spell(f"F.mse_loss(input, target{LEGACY}, reduction='mean')", adapt=by_old_flags),),
    samples=(*PAIRS, sample((3, 4), (4,))),
)
_pair(
    "l1_loss",
    lambda x, t: np.abs(np.subtract(x, t)),
    lambda m, x, t: m.sign(x - t),
    lambda m, x, t: m.sign(t - x),
    spellings=(Spell(f"F.l1_loss(input, target{LEGACY}, reduction='mean')", adapt=by_old_flags),),
    samples=PAIRS,
)


def _bend(m: Any, d: Any, width: float) -> Any:
    if m is not np:
        raise Unwritable("a loss in two pieces")
    return np.clip(d, -width, width)


def _smooth(d: Any, beta: float) -> Any:
    if beta == 0:
        return np.abs(d)
    return np.where(np.abs(d) < beta, d**2 / (2 * beta), np.abs(d) - beta / 2)


_pair(
    "smooth_l1_loss",
    lambda x, t, beta=1.0: _smooth(np.subtract(x, t), beta),
    lambda m, x, t, beta=1.0: _bend(m, (x - t) / beta, 1),
    lambda m, x, t, beta=1.0: _bend(m, (t - x) / beta, 1),
    spellings=(
        Spell(
            f"F.smooth_l1_loss(input, target{LEGACY}, reduction='mean', beta=1.0)",
            adapt=by_old_flags,
        ),
    ),
    samples=(*PAIRS, sample((3, 4), (3, 4), beta=0.5)),
)
_pair(
    "huber_loss",
    lambda x, t, delta=1.0: delta * _smooth(np.subtract(x, t), delta),
    lambda m, x, t, delta=1.0: _bend(m, x - t, delta),
    lambda m, x, t, delta=1.0: _bend(m, t - x, delta),
    spellings=("F.huber_loss(input, target, reduction='mean', delta=1.0)",),
    samples=(*PAIRS, sample((3, 4), (3, 4), delta=0.5)),
)


def _weighted(values: Any, weight: Any) -> Any:
    return values if weight is None else values * weight


def _cross(x: Any, t: Any, weight: Any = None) -> Any:
    logs = np.maximum(np.log(x), -100), np.maximum(np.log(1 - x), -100)
    return _weighted(-(t * logs[0] + (1 - t) * logs[1]), weight)


def _with_logits(x: Any, t: Any, weight: Any = None, pos_weight: Any = None) -> Any:
    if pos_weight is not None:
        raise OpError("binary_cross_entropy_with_logits() with pos_weight is not understood")
    return _weighted(special.softplus(x) - x * t, weight)


def _logistic(m: Any, x: Any) -> Any:
    if m is np:
        return special.sigmoid(x)
    if m.dialect.library != "torch":
        raise Unwritable("numpy has no sigmoid")
    return m.call("sigmoid", x)


_pair(
    "binary_cross_entropy",
    _cross,
    lambda m, x, t, weight=None: _weighted((x - t) / (x * (1 - x)), weight),
    lambda m, x, t, weight=None: _weighted(m.log(1 - x) - m.log(x), weight),
    spellings=(
        Spell(
            f"F.binary_cross_entropy(input, target, weight=None{LEGACY}, reduction='mean')",
            adapt=by_old_flags,
        ),
    ),
    samples=tuple(sample((3, 4), (3, 4), low=0.1, high=0.9, reduction=how) for how in REDUCED),
)
_pair(
    "binary_cross_entropy_with_logits",
    _with_logits,
    lambda m, x, t, weight=None, pos_weight=None: _weighted(_logistic(m, x) - t, weight),
    lambda m, x, t, weight=None, pos_weight=None: _weighted(-x, weight),
    spellings=(
        Spell(
            f"F.binary_cross_entropy_with_logits(input, target, weight=None{LEGACY}, "
            "reduction='mean', pos_weight=None)",
            adapt=by_old_flags,
        ),
    ),
    samples=PAIRS,
)


def _divergence(x: Any, t: Any, log_target: bool = False) -> Any:
    if log_target:
        return np.exp(t) * (t - x)
    return np.where(t > 0, t * np.log(np.where(t > 0, t, 1)), 0) - t * x


_pair(
    "kl_div",
    _divergence,
    lambda m, x, t, log_target=False: -m.exp(t) if log_target else -t,
    lambda m, x, t, log_target=False: m.exp(t) * (t - x + 1) if log_target else m.log(t) + 1 - x,
    spellings=(
        Spell(
            f"F.kl_div(input, target{LEGACY}, reduction='mean', log_target=False)",
            adapt=by_old_flags,
        ),
    ),
    samples=tuple(
        sample((3, 4), (3, 4), low=0.1, high=0.9, reduction=how) for how in (*REDUCED, "batchmean")
    ),
)
