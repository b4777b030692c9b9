"""Activation functions with flat parts or gates, and a few functions of one entry that go with them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradlint.ops import special
from gradlint.ops.op import Array, sample
from gradlint.ops.registry import define, elementwise

ANY = (sample((3, 4)), sample(()))
WIDE = (sample((3, 4), low=-5.0, high=5.0),)


def _functional(name: str, parameters: str = "") -> tuple[str, ...]:
    return (f"F.{name}(input{parameters}, inplace=False)",)


def _in_torch(name: str) -> Any:
    return lambda T, x, **params: getattr(T.nn.functional, name)(x, **params)


elementwise(
    "hardtanh",
    lambda x, min_val=-1.0, max_val=1.0: np.clip(x, min_val, max_val),
    lambda m, g, out, x, min_val=-1.0, max_val=1.0: g * (x > min_val) * (x < max_val),
    torch=_in_torch("hardtanh"),
    spellings=_functional("hardtanh", ", min_val=-1.0, max_val=1.0"),
    samples=(sample((3, 4)), sample((3, 4), min_val=-0.5, max_val=1.5)),
)
elementwise(
    "hardsigmoid",
    lambda x: np.clip(np.asarray(x) / 6 + 0.5, 0, 1),
    lambda m, g, out, x: g * (x > -3) * (x < 3) / 6,
    torch=lambda T, x: T.clamp(x / 6 + 0.5, 0, 1),
    spellings=_functional("hardsigmoid"),
    samples=WIDE,
)
elementwise(
    "hardswish",
    lambda x: x * np.clip(np.asarray(x) / 6 + 0.5, 0, 1),
    lambda m, g, out, x: g * m.where(x < -3, 0, m.where(x > 3, 1, x / 3 + 0.5)),
    torch=_in_torch("hardswish"),
    spellings=_functional("hardswish"),
    samples=WIDE,
)


def _mish_slope(x: Any) -> Any:
    t = np.tanh(special.softplus(x))
    return t + x * (1 - t**2) * special.sigmoid(x)


elementwise(
    "mish",
    lambda x: x * np.tanh(special.softplus(x)),
    lambda m, g, out, x: g * _mish_slope(x),
    torch=_in_torch("mish"),
    spellings=_functional("mish"),
    write=(),
    samples=ANY,
)
elementwise(
    "celu",
    lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha)),
    lambda m, g, out, x, alpha=1.0: g * m.where(x > 0, 1, m.exp(x / alpha)),
    torch=_in_torch("celu"),
    spellings=("F.celu(input, alpha=1.0, inplace=False)", "torch.celu(input, alpha=1.0)"),
    samples=(sample((3, 4)), sample((3, 4), alpha=0.5)),
)
elementwise(
    "tanhshrink",
    lambda x: x - np.tanh(x),
    lambda m, g, out, x: g * m.tanh(x) ** 2,
    torch=_in_torch("tanhshrink"),
    spellings=("F.tanhshrink(input)",),
    samples=ANY,
)
elementwise(
    "hardshrink",
    lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x, 0.0),
    lambda m, g, out, x, lambd=0.5: g * (m.abs(x) > lambd),
    torch=_in_torch("hardshrink"),
    spellings=("F.hardshrink(input, lambd=0.5)", "torch.hardshrink(input, lambd=0.5)"),
    samples=(sample((3, 4)), sample((3, 4), lambd=1.0)),
)
elementwise(
    "softshrink",
    lambda x, lambd=0.5: np.sign(x) * np.maximum(np.abs(x) - lambd, 0),
    lambda m, g, out, x, lambd=0.5: g * (m.abs(x) > lambd),
    torch=_in_torch("softshrink"),
    spellings=("F.softshrink(input, lambd=0.5)",),
    samples=(sample((3, 4)), sample((3, 4), lambd=1.0)),
)
elementwise(
    "threshold",
    lambda x, threshold, value: np.where(np.asarray(x) > threshold, x, value),
    lambda m, g, out, x, threshold, value: g * (x > threshold),
    torch=_in_torch("threshold"),
    spellings=(
        "F.threshold(input, $threshold, $value, inplace=False)",
        "torch.threshold(input, $threshold, $value)",
    ),
    samples=(sample((3, 4), threshold=0.3, value=-1.0),),
)


def _per_channel(x: Any, weight: Any) -> Any:
    """The slope of each channel, the second axis, as it broadcasts against `x`."""
    if np.size(weight) == 1:
        return np.reshape(weight, (1,) * np.ndim(x))
    return np.reshape(weight, (1, -1) + (1,) * (np.ndim(x) - 2))


def _prelu_weight(g: Any, out: Any, x: Any, weight: Any) -> Array:
    part = np.where(np.asarray(x) > 0, 0, g * x)
    axes = tuple(a for a in range(part.ndim) if np.size(weight) == 1 or a != 1)
    return np.reshape(part.sum(axis=axes), np.shape(weight))


define(
    "prelu",
    lambda x, weight: np.where(np.asarray(x) > 0, x, _per_channel(x, weight) * x),
    lambda g, out, x, weight: g * np.where(np.asarray(x) > 0, 1, _per_channel(x, weight)),
    _prelu_weight,
    torch=lambda T, x, weight: T.nn.functional.prelu(x, weight),
    spellings=("F.prelu(input, weight)", "torch.prelu(input, weight)"),
    samples=(sample((3, 4), (1,)), sample((2, 3, 4), (3,))),
)


def _halves(x: Any, axis: int) -> tuple[Array, Array]:
    first, second = np.split(np.asarray(x), 2, axis=int(axis))
    return first, special.sigmoid(second)


def _glu_vjp(g: Any, out: Any, x: Any, axis: int = -1) -> Array:
    first, gate = _halves(x, axis)
    return np.concatenate([g * gate, g * first * gate * (1 - gate)], axis=int(axis))


define(
    "glu",
    lambda x, axis=-1: np.multiply(*_halves(x, axis)),
    _glu_vjp,
    torch=lambda T, x, axis=-1: T.nn.functional.glu(x, axis),
    spellings=("F.glu(input, dim:axis=-1)",),
    samples=(sample((3, 4)), sample((2, 3), axis=0)),
)
define(
    "softmin",
    lambda x, axis: special.softmax(-np.asarray(x), axis),
    lambda g, out, x, axis: -out * (g - np.sum(g * out, axis=axis, keepdims=True)),
    torch=lambda T, x, axis: T.softmax(-x, axis),
    spellings=("F.softmin(input, $dim:axis)",),
    samples=(sample((3, 4), axis=1),),
)


def _erfc(x: Any) -> Array:
    return np.asarray(1 - special.erf(x))


elementwise(
    "erfc",
    _erfc,
    lambda m, g, out, x: -g * special.erf_slope(x),
    spellings=(
        *("torch.erfc(input)", "Tensor.erfc(x)", "torch.special.erfc(input)"),
        *("scipy.special.erfc(x)", "math.erfc(x)"),
    ),
    write=(),
    samples=ANY,
)
elementwise(
    "logit",
    lambda x: np.log(x) - np.log1p(-np.asarray(x)),
    lambda m, g, out, x: g / (x * (1 - x)),
    spellings=(
        *("torch.logit(input)", "Tensor.logit(x)", "torch.special.logit(input)"),
        "scipy.special.logit(x)",
    ),
    samples=(sample((3, 4), low=0.1, high=0.9),),
)


def _xlogy(x: Any, y: Any) -> Any:
    return np.where(np.asarray(x) == 0, 0.0, x * np.log(y))


elementwise(
    "xlogy",
    _xlogy,
    lambda m, g, out, x, y: g * m.log(y),
    lambda m, g, out, x, y: g * x / y,
    torch=lambda T, x, y: T.xlogy(T.as_tensor(x), T.as_tensor(y)),
    spellings=(
        *("torch.xlogy(input, other)", "Tensor.xlogy(x, other)"),
        *("torch.special.xlogy(input, other)", "scipy.special.xlogy(x, y)"),
    ),
    samples=(sample((3, 4), (4,), low=0.3),),
)
elementwise(
    "sinc",
    lambda x: np.sinc(x),
    lambda m, g, out, x: g * (np.cos(math.pi * x) - out) / x,
    spellings=("np.sinc(x)", "torch.sinc(input)", "Tensor.sinc(x)"),
    write=(),
    samples=(sample((3, 4), low=0.2),),
)
elementwise(
    "frac",
    lambda x: x - np.trunc(x),
    lambda m, g, out, x: g,
    spellings=("torch.frac(input)", "Tensor.frac(x)"),
    samples=(sample((3, 4)),),
)
elementwise(
    "fmod",
    lambda x, y: np.fmod(x, y),
    lambda m, g, out, x, y: g,
    None,
    torch=lambda T, x, y: T.fmod(T.as_tensor(x), T.as_tensor(y)),
    spellings=(
        "np.fmod(x1, x2)",
        "torch.fmod(input, other)",
        "Tensor.fmod(x, other)",
        "math.fmod(x, y)",
    ),
    samples=(sample((3, 4), 0.3),),
)
elementwise(
    "copysign",
    lambda x, y: np.copysign(x, y),
    lambda m, g, out, x, y: g * np.sign(x) * np.sign(out),
    None,
    torch=lambda T, x, y: T.copysign(T.as_tensor(x), T.as_tensor(y)),
    spellings=("np.copysign(x1, x2)", "torch.copysign(input, other)", "math.copysign(x, y)"),
    write=(),
    samples=(sample((3, 4), (4,)),),
)
for _name, _factor in (("deg2rad", math.pi / 180), ("rad2deg", 180 / math.pi)):
    elementwise(
        _name,
        lambda x, _factor=_factor: np.asarray(x) * _factor,
        lambda m, g, out, x, _factor=_factor: g * _factor,
        spellings=(
            *(f"{head}.{_name}(x)" for head in ("np", "torch", "Tensor")),
            *([f"np.{'radians' if _name == 'deg2rad' else 'degrees'}(x)"]),
            *([f"math.{'radians' if _name == 'deg2rad' else 'degrees'}(x)"]),
        ),
        linear=True,
        samples=ANY,
    )
elementwise(
    "arcsinh",
    lambda x: np.arcsinh(x),
    lambda m, g, out, x: g / m.sqrt(1 + x**2),
    spellings=(
        *(f"{head}.arcsinh(x)" for head in ("np", "torch", "Tensor")),
        *(f"{head}.asinh(x)" for head in ("np", "torch", "Tensor", "math")),
    ),
    samples=ANY,
)
elementwise(
    "arccosh",
    lambda x: np.arccosh(x),
    lambda m, g, out, x: g / m.sqrt(x**2 - 1),
    spellings=(
        *(f"{head}.arccosh(x)" for head in ("np", "torch", "Tensor")),
        *(f"{head}.acosh(x)" for head in ("np", "torch", "Tensor", "math")),
    ),
    samples=(sample((3, 4), low=1.2, high=3.0), sample((), low=1.2), sample(1.5)),
)
