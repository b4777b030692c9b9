"""Exponentials, logarithms, roots, trigonometry. Source: Abramowitz and Stegun, chapter 4."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import sample
from gradlint.ops.registry import elementwise

ANY = (sample((3, 4)), sample(()))
POSITIVE = (sample((3, 4), low=0.2, high=3.0), sample((), low=0.5))
UNIT = (sample((3, 4), low=-0.9, high=0.9),)


def _everywhere(*names: str, math: bool = False, special: bool = False) -> tuple[str, ...]:
    """The spellings of a function that numpy and torch both have under each of `names`."""
    found = [f"{head}.{name}(x)" for name in names for head in ("np", "torch", "Tensor")]
    found += [f"math.{name}(x)" for name in names if math]
    found += [f"torch.special.{name}(x)" for name in names if special]
    return tuple(found)


def _unary(
    name: str, evaluate: Any, formula: Any, domain: Any, spellings: tuple[str, ...], **rest: Any
) -> None:
    elementwise(
        name,
        lambda x: evaluate(x),
        lambda m, g, out, x: formula(m, g, out, x),
        spellings=spellings,
        samples=domain,
        **rest,
    )


_unary("exp", np.exp, lambda m, g, y, x: g * y, ANY, _everywhere("exp", math=True))
_unary("exp2", np.exp2, lambda m, g, y, x: g * y * float(np.log(2)), ANY, _everywhere("exp2"))
_unary("expm1", np.expm1, lambda m, g, y, x: g * m.exp(x), ANY, _everywhere("expm1", math=True))
_unary("log", np.log, lambda m, g, y, x: g / x, POSITIVE, _everywhere("log", math=True))
_unary("log1p", np.log1p, lambda m, g, y, x: g / (1 + x), POSITIVE, _everywhere("log1p", math=True))
_unary(
    "log2",
    np.log2,
    lambda m, g, y, x: g / (x * float(np.log(2))),
    POSITIVE,
    _everywhere("log2", math=True),
)
_unary(
    "log10",
    np.log10,
    lambda m, g, y, x: g / (x * float(np.log(10))),
    POSITIVE,
    _everywhere("log10", math=True),
)
_unary("sqrt", np.sqrt, lambda m, g, y, x: g / (2 * y), POSITIVE, _everywhere("sqrt", math=True))
_unary(
    "rsqrt",
    lambda x: 1 / np.sqrt(x),
    lambda m, g, y, x: -g * y / (2 * x),
    POSITIVE,
    ("torch.rsqrt(input)", "Tensor.rsqrt(x)"),
    primal=lambda w, x: 1 / w.sqrt(x),
)
_unary(
    "cbrt",
    np.cbrt,
    lambda m, g, y, x: g / (3 * y**2),
    POSITIVE,
    ("np.cbrt(x)",),
    torch=lambda T, x: x ** (1 / 3),
)
_unary("sin", np.sin, lambda m, g, y, x: g * m.cos(x), ANY, _everywhere("sin", math=True))
_unary("cos", np.cos, lambda m, g, y, x: -g * m.sin(x), ANY, _everywhere("cos", math=True))
_unary("tan", np.tan, lambda m, g, y, x: g * (1 + y**2), UNIT, _everywhere("tan", math=True))
_unary(
    "arcsin",
    np.arcsin,
    lambda m, g, y, x: g / m.sqrt(1 - x**2),
    UNIT,
    (*_everywhere("arcsin"), *(f"{m}.asin(x)" for m in ("np", "torch", "Tensor", "math"))),
)
_unary(
    "arccos",
    np.arccos,
    lambda m, g, y, x: -g / m.sqrt(1 - x**2),
    UNIT,
    (*_everywhere("arccos"), *(f"{m}.acos(x)" for m in ("np", "torch", "Tensor", "math"))),
)
_unary(
    "arctan",
    np.arctan,
    lambda m, g, y, x: g / (1 + x**2),
    ANY,
    (*_everywhere("arctan"), *(f"{m}.atan(x)" for m in ("np", "torch", "Tensor", "math"))),
)
_unary("sinh", np.sinh, lambda m, g, y, x: g * m.cosh(x), ANY, _everywhere("sinh", math=True))
_unary("cosh", np.cosh, lambda m, g, y, x: g * m.sinh(x), ANY, _everywhere("cosh", math=True))
_unary(
    "tanh",
    np.tanh,
    lambda m, g, y, x: g * (1 - y**2),
    ANY,
    (*_everywhere("tanh", math=True), "F.tanh(input)"),
)
_unary(
    "arctanh",
    np.arctanh,
    lambda m, g, y, x: g / (1 - x**2),
    UNIT,
    (*_everywhere("arctanh"), *(f"{m}.atanh(x)" for m in ("np", "torch", "Tensor", "math"))),
)
elementwise(
    "logaddexp",
    lambda x, y: np.logaddexp(x, y),
    lambda m, g, out, x, y: g * m.exp(x - out),
    lambda m, g, out, x, y: g * m.exp(y - out),
    spellings=("np.logaddexp(x1, x2)", "torch.logaddexp(input, other)"),
    samples=(sample((3, 4), (4,)), sample((), ())),
)
elementwise(
    "arctan2",
    lambda y, x: np.arctan2(y, x),
    lambda m, g, out, y, x: g * x / (x**2 + y**2),
    lambda m, g, out, y, x: -g * y / (x**2 + y**2),
    spellings=(
        "np.arctan2(x1, x2)",
        "math.atan2(y, x)",
        "torch.atan2(input, other)",
        "torch.arctan2(input, other)",
    ),
    samples=(sample((3, 4), (4,)), sample((), ())),
)
elementwise(
    "hypot",
    lambda x, y: np.hypot(x, y),
    lambda m, g, out, x, y: g * x / out,
    lambda m, g, out, x, y: g * y / out,
    spellings=("np.hypot(x1, x2)", "math.hypot(x1, x2)", "torch.hypot(input, other)"),
    samples=(sample((3, 4), (4,)), sample((), ())),
)
