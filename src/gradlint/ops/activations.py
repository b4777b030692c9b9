"""Activation functions, as torch.nn.functional defines them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops import special
from gradlint.ops.op import Array, sample
from gradlint.ops.registry import define, elementwise
from gradlint.ops.spelling import Bound, IsArray, Spell
from gradlint.ops.text import Text
from gradlint.ops.writing import Writer, as_text

ANY = (sample((3, 4)), sample(()))


def _bell(x: Any) -> Any:
    return np.exp(-np.square(x) / 2) / math.sqrt(2 * math.pi)


def _sigmoid_text(w: Writer, x: Text) -> Text:
    if w.dialect.library == "torch":
        return w.call("sigmoid", x)
    return 1 / (1 + w.call("exp", -x))


elementwise(
    "sigmoid",
    special.sigmoid,
    lambda m, g, out, x: g * out * (1 - out),
    spellings=(
        "torch.sigmoid(input)",
        "Tensor.sigmoid(x)",
        "F.sigmoid(input)",
        "torch.special.expit(input)",
        "scipy.special.expit(x)",
    ),
    primal=_sigmoid_text,
    samples=ANY,
)
elementwise(
    "logsigmoid",
    lambda x: -special.softplus(-np.asarray(x)),
    lambda m, g, out, x: g * (1 - m.exp(out)),
    torch=lambda T, x: T.nn.functional.logsigmoid(x),
    spellings=("F.logsigmoid(input)", "scipy.special.log_expit(x)"),
    samples=ANY,
)


def _relu_text(w: Writer, x: Text) -> Text:
    if w.dialect.library == "torch":
        return w.method(x, "clamp(min=0)")
    return w.call("maximum", x, 0)


elementwise(
    "relu",
    lambda x: np.maximum(x, 0),
    lambda m, g, out, x: g * (x > 0),
    spellings=("torch.relu(input)", "Tensor.relu(x)", "F.relu(input, inplace=False)"),
    primal=_relu_text,
    samples=ANY,
)
elementwise(
    "relu6",
    lambda x: np.minimum(np.maximum(x, 0), 6),
    lambda m, g, out, x: g * (x > 0) * (x < 6),
    torch=lambda T, x: T.nn.functional.relu6(x),
    spellings=("F.relu6(input, inplace=False)",),
    samples=(sample((3, 4), low=-9.0, high=9.0),),
)
elementwise(
    "leaky_relu",
    lambda x, slope=0.01: np.where(x > 0, x, slope * x),
    lambda m, g, out, x, slope=0.01: g * m.where(x > 0, 1, slope),
    torch=lambda T, x, slope=0.01: T.nn.functional.leaky_relu(x, slope),
    spellings=("F.leaky_relu(input, negative_slope:slope=0.01, inplace=False)",),
    samples=(sample((3, 4)), sample((3, 4), slope=0.2)),
)
elementwise(
    "elu",
    lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
    lambda m, g, out, x, alpha=1.0: g * m.where(x > 0, 1, out + alpha),
    torch=lambda T, x, alpha=1.0: T.nn.functional.elu(x, alpha),
    spellings=("F.elu(input, alpha=1.0, inplace=False)",),
    samples=(sample((3, 4)), sample((3, 4), alpha=0.5)),
)
SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
elementwise(
    "selu",
    lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0))),
    lambda m, g, out, x: g * m.where(x > 0, SELU_SCALE, out + SELU_SCALE * SELU_ALPHA),
    spellings=("torch.selu(input)", "F.selu(input, inplace=False)"),
    samples=ANY,
)
elementwise(
    "softplus",
    lambda x, beta=1.0, threshold=20.0: special.softplus(beta * np.asarray(x)) / beta,
    lambda m, g, out, x, beta=1.0, threshold=20.0: g * (1 - m.exp(-(beta * out))),
    torch=lambda T, x, beta=1.0, threshold=20.0: T.nn.functional.softplus(x, beta, threshold),
    spellings=("F.softplus(input, beta=1.0, threshold=20.0)",),
    samples=(sample((3, 4)), sample((3, 4), beta=2.0)),
)
elementwise(
    "softsign",
    lambda x: x / (1 + np.abs(x)),
    lambda m, g, out, x: g / (1 + m.abs(x)) ** 2,
    torch=lambda T, x: T.nn.functional.softsign(x),
    spellings=("F.softsign(input)",),
    samples=ANY,
)
elementwise(
    "silu",
    lambda x: x * special.sigmoid(x),
    lambda m, g, out, x: g * special.sigmoid(x) * (1 + x * (1 - special.sigmoid(x))),
    torch=lambda T, x: T.nn.functional.silu(x),
    spellings=("F.silu(input, inplace=False)",),
    write=(lambda w, g, out, x: g * _sigmoid_text(w, x) * (1 + x * (1 - _sigmoid_text(w, x))),),
    samples=ANY,
)
elementwise(
    "erf",
    special.erf,
    lambda m, g, out, x: g * special.erf_slope(x),
    spellings=(
        "torch.erf(input)",
        "Tensor.erf(x)",
        "torch.special.erf(input)",
        "scipy.special.erf(x)",
        "math.erf(x)",
    ),
    write=(lambda w, g, out, x: g * as_text(2 / math.sqrt(math.pi)) * w.exp(-(x**2)),),
    samples=ANY,
)


def _gelu(x: Any, approximate: str = "none") -> Array:
    if approximate == "tanh":
        return np.asarray(0.5 * x * (1 + np.tanh(_gelu_inner(x))))
    return np.asarray(0.5 * x * (1 + special.erf(np.asarray(x) / math.sqrt(2))))


def _gelu_inner(x: Any) -> Any:
    return math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)


def _gelu_slope(x: Any, approximate: str) -> Any:
    if approximate != "tanh":
        return 0.5 * (1 + special.erf(np.asarray(x) / math.sqrt(2))) + x * _bell(x)
    t = np.tanh(_gelu_inner(x))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * math.sqrt(2 / math.pi) * (1 + 0.134145 * x**2)


elementwise(
    "gelu",
    _gelu,
    lambda m, g, out, x, approximate="none": g * _gelu_slope(x, approximate),
    torch=lambda T, x, approximate="none": T.nn.functional.gelu(x, approximate=approximate),
    spellings=("F.gelu(input, approximate='none')",),
    write=(),
    samples=(sample((3, 4)), sample((3, 4), approximate="tanh")),
)


def _by_rank(bound: Bound, _is_array: IsArray) -> Bound:
    if bound.params["axis"] is not None:
        return bound
    return replace(bound, params={"axis": "implicit"})


def _over(axis: Any, x: Any) -> Any:
    """The axis of a softmax: None is all of them; torch without `dim` takes 1, or 0 by the rank."""
    return axis if axis != "implicit" else (0 if np.ndim(x) in (0, 1, 3) else 1)


def _write_over(w: Writer, axis: Any) -> Any:
    if axis is None:
        return tuple(range(len(w.shape_out)))
    return _over(axis, np.zeros(w.shape_out))


def _softmax_vjp(g: Any, out: Any, x: Any, axis: Any = None) -> Any:
    return out * (g - np.sum(g * out, axis=_over(axis, x), keepdims=True))


def _log_softmax_vjp(g: Any, out: Any, x: Any, axis: Any = None) -> Any:
    return g - np.exp(out) * np.sum(g, axis=_over(axis, x), keepdims=True)


def _write_softmax(w: Writer, g: Text, out: Text, x: Text, axis: Any = None) -> Text:
    inner = w.total(w.filled(g * out, out, w.shape_out), _write_over(w, axis), keepdims=True)
    return out * (g - inner)


def _write_log_softmax(w: Writer, g: Text, out: Text, x: Text, axis: Any = None) -> Text:
    inner = w.total(w.filled(g, out, w.shape_out), _write_over(w, axis), keepdims=True)
    return g - w.exp(out) * inner


def _define_softmax(name: str, evaluate: Any, vjp: Any, write: Any) -> None:
    def replayed(T: Any, x: Any, axis: Any = None) -> Any:
        function = getattr(T, name)
        return function(x.flatten(), 0).reshape(x.shape) if axis is None else function(x, axis)

    define(
        name,
        lambda x, axis=None: evaluate(x, _over(axis, x)),
        vjp,
        torch=replayed,
        spellings=(
            f"torch.{name}(input, $dim:axis, dtype=None)",
            f"Tensor.{name}(x, $dim:axis, dtype=None)",
            f"torch.special.{name}(input, $dim:axis, dtype=None)",
            Spell(f"F.{name}(input, dim:axis=None, _stacklevel=3, dtype=None)", adapt=_by_rank),
            f"scipy.special.{name}(x, axis=None)",
        ),
        write=(write,),
        samples=(
            sample((3, 4), axis=1),
            sample((3, 4), axis=0),
            sample((2, 3, 4), axis=-1),
            sample((3, 4), axis=None),
        ),
    )


_define_softmax("softmax", special.softmax, _softmax_vjp, _write_softmax)
_define_softmax("log_softmax", special.log_softmax, _log_softmax_vjp, _write_log_softmax)
