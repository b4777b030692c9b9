"""Normalisations of torch.nn.functional: of layers and batches, of vectors, and cosines.

VJP of a normalised x with mean and variance over `axes`: Ioffe and Szegedy (2015), section 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import Array, OpError, sample
from gradlint.ops.registry import define
from gradlint.ops.shapes import unbroadcast
from gradlint.ops.spelling import Bound, IsArray, Spell


def _standard(x: Any, axes: tuple[int, ...], eps: float) -> tuple[Array, Array]:
    """`x` with mean zero and variance one over `axes`, and one over the deviation."""
    inverse = 1 / np.sqrt(np.var(x, axis=axes, keepdims=True) + eps)
    return np.asarray((x - np.mean(x, axis=axes, keepdims=True)) * inverse), np.asarray(inverse)


def _to_input(g: Any, x: Any, axes: tuple[int, ...], eps: float) -> Any:
    hat, inverse = _standard(x, axes, eps)
    means = g.mean(axis=axes, keepdims=True), (g * hat).mean(axis=axes, keepdims=True)
    return inverse * (g - means[0] - hat * means[1])


def _layer_axes(shape: Any) -> tuple[int, ...]:
    return tuple(range(-(len(shape) if isinstance(shape, (tuple, list)) else 1), 0))


def _torch_layer(T: Any, x: Any, weight: Any, bias: Any, shape: Any, eps: float = 1e-5) -> Any:
    wanted = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    return T.nn.functional.layer_norm(x, wanted, eps=eps) * weight + bias


def _ones_and_zeros(bound: Bound, _is_array: IsArray) -> Bound:
    x, weight, bias = bound.inputs
    scale, shift = 1.0 if weight is None else weight, 0.0 if bias is None else bias
    return Bound(bound.op, (x, scale, shift), bound.params, given=bound.given)


define(
    "layer_norm",
    lambda x, weight, bias, shape, eps=1e-5: (
        _standard(x, _layer_axes(shape), eps)[0] * weight + bias
    ),
    lambda g, out, x, weight, bias, shape, eps=1e-5: _to_input(
        g * weight, x, _layer_axes(shape), eps
    ),
    lambda g, out, x, weight, bias, shape, eps=1e-5: unbroadcast(
        g * _standard(x, _layer_axes(shape), eps)[0], np.shape(weight)
    ),
    lambda g, out, x, weight, bias, shape, eps=1e-5: unbroadcast(g, np.shape(bias)),
    torch=_torch_layer,
    spellings=(
        Spell(
            "F.layer_norm(input, $normalized_shape:shape, @weight=None, @bias=None, eps=1e-5)",
            adapt=_ones_and_zeros,
        ),
    ),
    samples=(
        sample((3, 4), (4,), (4,), shape=(4,)),
        sample((2, 3, 4), (3, 4), (3, 4), shape=(3, 4), eps=1e-3),
    ),
)


def _channels(x: Any, value: Any) -> Any:
    return np.reshape(value, (1, -1) + (1,) * (np.ndim(x) - 2)) if np.ndim(value) else value


def _batch_axes(x: Any) -> tuple[int, ...]:
    return tuple(a for a in range(np.ndim(x)) if a != 1)


def _training_only(bound: Bound, is_array: IsArray) -> Bound:
    if not bound.params["training"]:
        raise OpError("batch_norm() with running statistics is not understood")
    params = {"eps": bound.params["eps"]}
    return _ones_and_zeros(Bound(bound.op, bound.inputs, params), is_array)


def _per_channel(g: Any, x: Any, value: Any) -> Any:
    summed = np.sum(g, axis=_batch_axes(x))
    return summed if np.ndim(value) else np.sum(summed)


define(
    "batch_norm",
    lambda x, weight, bias, eps=1e-5: (
        _standard(x, _batch_axes(x), eps)[0] * _channels(x, weight) + _channels(x, bias)
    ),
    lambda g, out, x, weight, bias, eps=1e-5: _to_input(
        g * _channels(x, weight), x, _batch_axes(x), eps
    ),
    lambda g, out, x, weight, bias, eps=1e-5: _per_channel(
        g * _standard(x, _batch_axes(x), eps)[0], x, weight
    ),
    lambda g, out, x, weight, bias, eps=1e-5: _per_channel(g, x, bias),
    torch=lambda T, x, weight, bias, eps=1e-5: T.nn.functional.batch_norm(
        x, None, None, weight, bias, training=True, eps=eps
    ),
    spellings=(
        Spell(
            "F.batch_norm(input, $running_mean, $running_var, @weight=None, @bias=None, "
            "training=False, momentum=0.1, eps=1e-5)",
            adapt=_training_only,
        ),
    ),
    samples=(sample((5, 3), (3,), (3,)), sample((2, 3, 4, 2), (3,), (3,), eps=1e-3)),
)


def _length(x: Any, p: Any, axis: Any, eps: float) -> Array:
    if float(p) != 2.0:
        raise OpError("normalize() by another norm than the second is not understood")
    return np.asarray(np.maximum(np.sqrt(np.sum(np.square(x), axis=int(axis), keepdims=True)), eps))


def _normalize_vjp(
    g: Any, out: Any, x: Any, p: Any = 2.0, axis: Any = 1, eps: float = 1e-12
) -> Any:
    inner = np.sum(g * out, axis=int(axis), keepdims=True)
    return (g - out * inner) / _length(x, p, axis, eps)


define(
    "normalize",
    lambda x, p=2.0, axis=1, eps=1e-12: x / _length(x, p, axis, eps),
    _normalize_vjp,
    torch=lambda T, x, p=2.0, axis=1, eps=1e-12: T.nn.functional.normalize(x, p, axis, eps),
    spellings=("F.normalize(input, p=2.0, dim:axis=1, eps=1e-12)",),
    samples=(sample((3, 4)), sample((3, 4), axis=0)),
)


def _cosine_parts(x: Any, y: Any, axis: Any, eps: float) -> tuple[Any, Any, Any]:
    lengths = _length(x, 2, axis, eps), _length(y, 2, axis, eps)
    return (x / lengths[0], y / lengths[1], lengths)


def _cosine(x: Any, y: Any, axis: Any = 1, eps: float = 1e-8) -> Any:
    first, second, _ = _cosine_parts(x, y, axis, eps)
    return np.sum(first * second, axis=int(axis))


def _cosine_side(argnum: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, y: Any, axis: Any = 1, eps: float = 1e-8) -> Any:
        parts = _cosine_parts(x, y, axis, eps)
        own, other = parts[argnum], parts[1 - argnum]
        along = np.expand_dims(g, int(axis))
        slope = along * (other - own * np.expand_dims(out, int(axis))) / parts[2][argnum]
        return unbroadcast(slope, np.shape((x, y)[argnum]))

    return vjp


define(
    "cosine_similarity",
    _cosine,
    _cosine_side(0),
    _cosine_side(1),
    torch=lambda T, x, y, axis=1, eps=1e-8: T.cosine_similarity(x, y, axis, eps),
    spellings=(
        "F.cosine_similarity(x1, x2, dim:axis=1, eps=1e-8)",
        "torch.cosine_similarity(x1, x2, dim:axis=1, eps=1e-8)",
    ),
    samples=(sample((3, 4), (3, 4)), sample((4,), (4,), axis=0)),
)
