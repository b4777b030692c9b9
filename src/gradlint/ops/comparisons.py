"""Comparisons, logic, rounding: piecewise constant, so without a derivative; and `where`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.op import OPS, Sample, sample
from gradlint.ops.registry import elementwise, infix, step
from gradlint.ops.spelling import Bound, IsArray, Spell
from gradlint.ops.text import Text, compare
from gradlint.ops.writing import Writer, as_text

POINTS = (sample((3, 4), (4,)), sample((3, 4), 0.5))
FLAGS = (Sample((np.array([True, True, False, False]), np.array([True, False, True, False]))),)


def _comparison(symbol: str, evaluate: Any, torch_name: str, numpy_name: str) -> None:
    step(
        numpy_name,
        lambda x, y: evaluate(x, y),
        torch=lambda T, x, y: getattr(T, torch_name)(x, y),
        operators=(symbol,),
        spellings=(
            f"np.{numpy_name}(x1, x2)",
            *(
                f"{head}.{name}(input, other)"
                for head in ("torch", "Tensor")
                for name in (torch_name, numpy_name)
                if name != "equal"
            ),
        ),
        primal=infix(lambda x, y: compare(as_text(x), symbol, y)),
        elementwise=True,
        samples=POINTS,
    )


_comparison("<", np.less, "lt", "less")
_comparison("<=", np.less_equal, "le", "less_equal")
_comparison(">", np.greater, "gt", "greater")
_comparison(">=", np.greater_equal, "ge", "greater_equal")
_comparison("==", np.equal, "eq", "equal")
_comparison("!=", np.not_equal, "ne", "not_equal")


def _logic(name: str, evaluate: Any, symbol: str, bitwise: str) -> None:
    step(
        name,
        lambda x, y: evaluate(x, y),
        spellings=tuple(f"{head}.{name}(x, other)" for head in ("np", "torch", "Tensor")),
        elementwise=True,
        samples=FLAGS,
    )
    step(
        bitwise,
        lambda x, y: getattr(np, bitwise)(x, y),
        operators=(symbol,),
        spellings=tuple(f"{head}.{bitwise}(x, other)" for head in ("np", "torch", "Tensor")),
        primal=infix(lambda x, y: Text(f"{x.at_least(2)} {symbol} {y.at_least(2)}", 0)),
        elementwise=True,
        samples=FLAGS,
    )


_logic("logical_and", np.logical_and, "&", "bitwise_and")
_logic("logical_or", np.logical_or, "|", "bitwise_or")
_logic("logical_xor", np.logical_xor, "^", "bitwise_xor")


def _shift(symbol: str, name: str, torch_name: str) -> None:
    step(
        name,
        lambda x, y: getattr(np, name)(x, y),
        torch=lambda T, x, y: getattr(T, torch_name)(x, y),
        operators=(symbol,),
        spellings=(f"np.{name}(x1, x2)", f"torch.{torch_name}(input, other)"),
        elementwise=True,
        samples=(Sample((np.array([5, 12, 7]), np.array([1, 2, 0]))),),
    )


_shift("<<", "left_shift", "bitwise_left_shift")
_shift(">>", "right_shift", "bitwise_right_shift")


def _flat(name: str, evaluate: Any, *spellings: str, **rest: Any) -> None:
    """An op of one input that is constant almost everywhere, under `name` in both libraries."""
    names = spellings or tuple(f"{head}.{name}(x)" for head in ("np", "torch", "Tensor"))
    rest.setdefault("samples", (sample((3, 4)),))
    step(name, lambda x: evaluate(x), spellings=names, elementwise=True, **rest)


_flat("logical_not", np.logical_not, samples=(Sample((np.array([True, False]),)),))
_flat(
    "invert",
    np.invert,
    "np.invert(x)",
    "np.bitwise_not(x)",
    "torch.bitwise_not(input)",
    "Tensor.bitwise_not(x)",
    torch=lambda T, x: T.bitwise_not(x),
    operators=("invert",),
    samples=(Sample((np.array([True, False]),)),),
)
_flat("isnan", np.isnan)
_flat("isinf", np.isinf)
_flat("isfinite", np.isfinite)
_flat("sign", np.sign)
_flat("floor", np.floor, *(f"{head}.floor(x)" for head in ("np", "torch", "Tensor", "math")))
_flat("ceil", np.ceil, *(f"{head}.ceil(x)" for head in ("np", "torch", "Tensor", "math")))
_flat(
    "trunc", np.trunc, *(f"{m}.{n}(x)" for m in ("np", "torch", "Tensor") for n in ("trunc", "fix"))
)
step(
    "round",
    lambda x, decimals=0: np.round(x, int(decimals or 0)),
    torch=lambda T, x, decimals=0: T.round(x, decimals=int(decimals or 0)),
    spellings=(
        "np.round(a, decimals=0, out=None)",
        "np.around(a, decimals=0, out=None)",
        "np.rint(x)",
        "ndarray.round(a, decimals=0, out=None)",
        "torch.round(input, decimals=0)",
        "Tensor.round(x, decimals=0)",
        "builtins.round(number, ndigits:decimals=0)",
    ),
    elementwise=True,
    samples=(sample((3, 4)), sample((3, 4), decimals=1)),
)
step(
    "sampled",  # what was drawn with probabilities that were computed
    lambda p, drawn: np.asarray(drawn),
    torch=lambda T, p, drawn: T.as_tensor(drawn),
    samples=(sample((3, 4), drawn=np.eye(3, 4)),),
)
step(
    "floor_divide",
    lambda x, y: np.floor_divide(x, y),
    operators=("//",),
    spellings=(
        "np.floor_divide(x1, x2)",
        "torch.floor_divide(input, other)",
        "Tensor.floor_divide(x, other)",
    ),
    primal=infix(lambda x, y: Text(f"{x.at_least(2)} // {y.at_least(4)}", 2)),
    elementwise=True,
    samples=(sample((3, 4), (4,), low=0.5),),
)
elementwise(
    "remainder",
    lambda x, y: np.remainder(x, y),
    lambda m, g, out, x, y: g,
    None,
    operators=("%",),
    spellings=(
        "np.remainder(x1, x2)",
        "np.mod(x1, x2)",
        "torch.remainder(input, other)",
        "Tensor.remainder(x, other)",
    ),
    primal=infix(lambda x, y: Text(f"{x.at_least(2)} % {y.at_least(4)}", 2)),
    samples=(sample((3, 4), 0.3),),
)
step(
    "heaviside",
    lambda x, at_zero: np.heaviside(x, at_zero),
    spellings=(
        "np.heaviside(x1, x2)",
        "torch.heaviside(input, values)",
        "Tensor.heaviside(x, values)",
    ),
    elementwise=True,
    samples=(sample((3, 4), (4,)),),
)
step(
    "isclose",
    lambda x, y, rtol=1e-5, atol=1e-8, equal_nan=False: np.isclose(x, y, rtol, atol, equal_nan),
    spellings=(
        "np.isclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=False)",
        "torch.isclose(input, other, rtol=1e-5, atol=1e-8, equal_nan=False)",
    ),
    elementwise=True,
    samples=(sample((3, 4), (4,)),),
)
step(
    "allclose",
    lambda x, y, rtol=1e-5, atol=1e-8, equal_nan=False: np.allclose(x, y, rtol, atol, equal_nan),
    torch=lambda T, x, y, **tolerances: T.tensor(T.allclose(x, y, **tolerances)),
    spellings=(
        "np.allclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=False)",
        "torch.allclose(input, other, rtol=1e-5, atol=1e-8, equal_nan=False)",
    ),
    samples=(sample((3, 4), (3, 4)),),
)
step(
    "array_equal",
    lambda x, y: np.array_equal(x, y),
    torch=lambda T, x, y: T.tensor(T.equal(x, y)),
    spellings=(
        "np.array_equal(a1, a2)",
        "torch.equal(input, other)",
        "Tensor.equal(x, other)",
    ),
    samples=(sample((3, 4), (3, 4)),),
)


def _alone(bound: Bound, _is_array: IsArray) -> Bound:
    """`where` of a condition alone gives the places where it holds."""
    if bound.inputs[1] is None:
        return replace(bound, op=OPS["nonzero"], inputs=bound.inputs[:1], result="rows")
    return bound


def _chosen_first(bound: Bound, _is_array: IsArray) -> Bound:
    x, condition, other = bound.inputs
    return replace(bound, inputs=(condition, x, other))


def _write_where(argnum: int) -> Any:
    def write(w: Writer, g: Text, out: Text, *inputs: Text) -> Text:
        chosen = (g, 0) if argnum == 1 else (0, g)
        return w.unbroadcast(w.where(inputs[0], *chosen), out, argnum)

    return write


elementwise(
    "where",
    lambda c, x, y: np.where(c, x, y),
    None,
    lambda m, g, out, c, x, y: np.where(c, g, 0),
    lambda m, g, out, c, x, y: np.where(c, 0, g),
    torch=lambda T, c, x, y: T.where(T.as_tensor(c) != 0, x, y),
    primal=lambda w, c, x, y: w.where(c, x, y),
    spellings=(
        Spell("np.where(condition, @x=None, @y=None)", adapt=_alone),
        Spell("torch.where(condition, @input=None, @other=None)", adapt=_alone),
        Spell("Tensor.where(x, condition, other)", adapt=_chosen_first),
    ),
    write=(None, _write_where(1), _write_where(2)),
    linear=True,
    samples=(
        Sample((np.array([True, False, True, False]), (3, 4), (4,))),
        Sample((np.array([[True], [False], [True]]), (3, 4), 0.01)),
    ),
)
elementwise(
    "nan_to_num",
    lambda x, nan=0.0, posinf=None, neginf=None: np.nan_to_num(
        x, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf
    ),
    lambda m, g, out, x, nan=0.0, posinf=None, neginf=None: g * np.isfinite(x),
    spellings=(
        "np.nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None)",
        "torch.nan_to_num(input, nan=0.0, posinf=None, neginf=None)",
        "Tensor.nan_to_num(x, nan=0.0, posinf=None, neginf=None)",
    ),
    write=(lambda w, g, out, x, nan=0.0, posinf=None, neginf=None: g,),
    samples=(sample((3, 4)),),
)
step(
    "argsort",
    lambda x, axis=-1, descending=False: np.argsort(-x if descending else x, axis=axis),
    torch=lambda T, x, axis=-1, descending=False: T.argsort(x, dim=axis, descending=descending),
    spellings=(
        "np.argsort(a, axis=-1, kind=None)",
        "ndarray.argsort(a, axis=-1, kind=None)",
        "torch.argsort(input, dim:axis=-1, descending=False)",
        "Tensor.argsort(x, dim:axis=-1, descending=False)",
    ),
    samples=(sample((3, 4)), sample((3, 4), axis=0)),
)
