"""Arithmetic and powers. VJPs: Griewank and Walther, *Evaluating Derivatives*, chapter 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import sample
from gradlint.ops.registry import elementwise, infix
from gradlint.ops.scaled import scaled
from gradlint.ops.spelling import Spell
from gradlint.ops.text import Text
from gradlint.ops.writing import Writer

PAIRS = (sample((3, 4), (3, 4)), sample((2, 3, 4), (3, 1)), sample((), (3,)), sample((4,), 2.5))
POSITIVE = (
    sample((3, 4), (3, 4), low=0.5, high=2.0),
    sample((3, 4), (4,), low=0.5, high=2.0),
    sample((3, 1), 3, low=0.5, high=2.0),
)


elementwise(
    "add",
    lambda x, y: np.add(x, y),
    lambda m, g, out, x, y: g,
    lambda m, g, out, x, y: g,
    torch=lambda T, x, y: x + y,
    operators=("+",),
    spellings=(
        "np.add(x1, x2)",
        Spell("torch.add(input, other, last=None, alpha=None)", adapt=scaled("add", "add_scaled")),
        Spell("Tensor.add(x, other, last=None, alpha=None)", adapt=scaled("add", "add_scaled")),
    ),
    primal=infix(lambda x, y: x + y),
    linear=True,
    samples=PAIRS,
)
elementwise(
    "subtract",
    lambda x, y: np.subtract(x, y),
    lambda m, g, out, x, y: g,
    lambda m, g, out, x, y: -g,
    torch=lambda T, x, y: x - y,
    operators=("-",),
    spellings=(
        "np.subtract(x1, x2)",
        Spell(
            "torch.sub(input, other, last=None, alpha=None)",
            adapt=scaled("subtract", "sub_scaled"),
        ),
        Spell(
            "torch.subtract(input, other, last=None, alpha=None)",
            adapt=scaled("subtract", "sub_scaled"),
        ),
        Spell(
            "Tensor.sub(x, other, last=None, alpha=None)", adapt=scaled("subtract", "sub_scaled")
        ),
        Spell(
            "Tensor.subtract(x, other, last=None, alpha=None)",
            adapt=scaled("subtract", "sub_scaled"),
        ),
    ),
    primal=infix(lambda x, y: x - y),
    linear=True,
    samples=PAIRS,
)
elementwise(
    "multiply",
    lambda x, y: np.multiply(x, y),
    lambda m, g, out, x, y: g * y,
    lambda m, g, out, x, y: g * x,
    torch=lambda T, x, y: x * y,
    operators=("*",),
    spellings=(
        "np.multiply(x1, x2)",
        "torch.mul(input, other)",
        "torch.multiply(input, other)",
        "Tensor.mul(x, other)",
        "Tensor.multiply(x, other)",
    ),
    primal=infix(lambda x, y: x * y),
    linear=True,
    samples=PAIRS,
)
elementwise(
    "divide",
    lambda x, y: np.divide(x, y),
    lambda m, g, out, x, y: g / y,
    lambda m, g, out, x, y: -g * x / y**2,
    torch=lambda T, x, y: x / y,
    operators=("/",),
    spellings=(
        "np.divide(x1, x2)",
        "np.true_divide(x1, x2)",
        "torch.div(input, other)",
        "torch.divide(input, other)",
        "torch.true_divide(input, other)",
        "Tensor.div(x, other)",
        "Tensor.divide(x, other)",
        "Tensor.true_divide(x, other)",
    ),
    primal=infix(lambda x, y: x / y),
    samples=POSITIVE,
)


def _power_x(m: Any, g: Any, out: Any, x: Any, y: Any) -> Any:
    return g * y * x ** (y - 1)


def _write_power_x(w: Writer, g: Text, out: Text, x: Text, y: Text) -> Text:
    if y.text in ("2", "2.0"):
        return w.unbroadcast(g * 2 * x, out, 0)
    lower = x ** (float(y.text) - 1) if y.is_number else x ** (y - 1)
    return w.unbroadcast(g * y * lower, out, 0)


def _write_power_y(w: Writer, g: Text, out: Text, x: Text, y: Text) -> Text:
    return w.unbroadcast(g * out * w.log(x), out, 1)


elementwise(
    "power",
    lambda x, y: np.power(x, y),
    _power_x,
    lambda m, g, out, x, y: g * out * m.log(x),
    torch=lambda T, x, y: x**y,
    operators=("**",),
    spellings=(
        "np.power(x1, x2)",
        "np.float_power(x1, x2)",
        "torch.pow(input, exponent)",
        "Tensor.pow(x, exponent)",
        "math.pow(x, y)",
    ),
    write=(_write_power_x, _write_power_y),
    primal=infix(lambda x, y: x**y),
    samples=(*POSITIVE, sample((3,), 2.0, low=0.5), sample((3,), 0.5, low=0.5)),
)
elementwise(
    "square",
    lambda x: np.square(x),
    lambda m, g, out, x: g * 2 * x,
    spellings=("np.square(x)", "torch.square(input)", "Tensor.square(x)"),
    samples=(sample((3, 4)), sample(())),
)
elementwise(
    "negative",
    lambda x: np.negative(x),
    lambda m, g, out, x: -g,
    operators=("neg",),
    spellings=(
        "np.negative(x)",
        "torch.neg(input)",
        "torch.negative(input)",
        "Tensor.neg(x)",
        "Tensor.negative(x)",
    ),
    primal=lambda w, x: -x,
    linear=True,
    samples=(sample((3, 4)),),
)
elementwise(
    "positive",
    lambda x: np.positive(x),
    lambda m, g, out, x: g,
    operators=("pos",),
    spellings=("np.positive(x)", "torch.positive(input)", "Tensor.positive(x)"),
    primal=lambda w, x: x,
    linear=True,
    samples=(sample((3, 4)),),
)
elementwise(
    "abs",
    lambda x: np.abs(x),
    lambda m, g, out, x: g * m.sign(x),
    operators=("abs",),
    spellings=(
        "np.abs(x)",
        "np.absolute(x)",
        "np.fabs(x)",
        "torch.abs(input)",
        "torch.absolute(input)",
        "Tensor.abs(x)",
        "Tensor.absolute(x)",
        "builtins.abs(x)",
        "math.fabs(x)",
    ),
    samples=(sample((3, 4)),),
)
elementwise(
    "reciprocal",
    lambda x: np.reciprocal(np.asarray(x, dtype=float)),
    lambda m, g, out, x: -g / x**2,
    spellings=("np.reciprocal(x)", "torch.reciprocal(input)", "Tensor.reciprocal(x)"),
    primal=lambda w, x: 1 / x,
    samples=(sample((3, 4), low=0.5),),
)
