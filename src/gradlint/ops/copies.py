"""Copies, casts and moves between devices: the same numbers again.

`detach` passes cotangents on: who derives by hand never means to stop the gradient with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.op import Array, sample
from gradlint.ops.registry import define
from gradlint.ops.spelling import Bound, IsArray, Spell

FLOATS = ("float", "double", "half", "bfloat")
INTEGERS = ("int", "long", "short", "uint", "byte")


def kind_of(dtype: Any) -> str:
    """ "float", "int" or "bool": what `dtype` (a dtype of either library, a type, a name) stores.

    Empty where it says nothing of the kind: None, a device, several arguments of `Tensor.to`.
    """
    words = str(dtype.dtype if isinstance(dtype, np.ndarray) else dtype).lower()
    if "bool" in words:
        return "bool"
    if any(word in words for word in FLOATS):
        return "float"
    return "int" if any(word in words for word in INTEGERS) else ""


def _cast(x: Any, dtype: Any = None) -> Array:
    kinds: dict[str, Any] = {"float": np.float64, "int": np.int64, "bool": np.bool_}
    kind = kinds.get(kind_of(dtype))
    return np.array(x) if kind is None else np.asarray(x).astype(kind)


def _torch_cast(T: Any, x: Any, dtype: Any = None) -> Any:
    kinds = {"float": T.get_default_dtype(), "int": T.int64, "bool": T.bool}
    kind = kinds.get(kind_of(dtype))
    same = kind is None or (kind.is_floating_point and x.is_floating_point())
    return x.clone() if same else x.to(kind)


def _cast_vjp(g: Any, out: Any, x: Any, dtype: Any = None) -> Array:
    return np.zeros_like(g) if kind_of(dtype) in ("int", "bool") else np.asarray(g)


PLAIN_COPIES = (
    "np.copy(a, order=None)",
    "ndarray.copy(a, order=None)",
    "ndarray.item(a)",
    "ndarray.tolist(a)",
    "np.real(val)",
    "np.asfarray(a)",
    "torch.clone(input)",
    "Tensor.clone(x)",
    *(
        f"Tensor.{name}(x)"
        for name in (
            "item",
            "tolist",
            "cpu",
            "numpy",
            "contiguous",
            "requires_grad_",
            "resolve_conj",
        )
    ),
    "Tensor.cuda(x, device=None)",
)


def _cast_to(kind: str, *spellings: str) -> tuple[Spell, ...]:
    return tuple(Spell(spelling, {"dtype": kind}) for spelling in spellings)


def _told(bound: Bound, _is_array: IsArray) -> Bound:
    """The kind that a dtype names; another tensor given in its place is left to be looked at."""
    dtype = bound.params["dtype"]
    return bound if hasattr(dtype, "value") else replace(bound, params={"dtype": kind_of(dtype)})


FLOAT_NAMES = ("float64", "float32", "float16", "float_", "double", "single", "half", "longdouble")
INTEGER_NAMES = (
    *("int_", "int8", "int16", "int32", "int64", "intp", "longlong"),
    *("uint8", "uint16", "uint32", "uint64"),
)
CASTS = (
    *_cast_to("float", *(f"np.{name}(x)" for name in FLOAT_NAMES)),
    *_cast_to("int", *(f"np.{name}(x)" for name in INTEGER_NAMES)),
    *_cast_to("bool", "np.bool_(x)", "np.bool(x)", "Tensor.bool(x)"),
    *_cast_to("float", *(f"Tensor.{name}(x)" for name in ("float", "double", "half", "bfloat16"))),
    *_cast_to("int", *(f"Tensor.{name}(x)" for name in ("int", "long", "short", "byte", "char"))),
    Spell("ndarray.astype(a, $dtype, order=None)", adapt=_told),
    Spell("Tensor.type(x, $dtype)", adapt=_told),
    Spell("Tensor.to(x, *$dtype)", adapt=_told),
    Spell("Tensor.type_as(x, $dtype)", adapt=_told),
)
define(
    "copy",
    _cast,
    _cast_vjp,
    torch=_torch_cast,
    spellings=(*PLAIN_COPIES, *CASTS),
    write=(lambda w, g, out, x, dtype=None: g,),
    primal=lambda w, x, dtype=None: x,
    linear=True,
    elementwise=True,
    samples=(
        sample((3, 4)),
        sample(()),
        sample((3, 4), dtype="float64"),
        sample((3, 4), dtype="torch.DoubleTensor"),
        sample((3, 4), dtype=np.zeros(2)),
    ),
)
define(
    "detach",
    lambda x: np.array(x),
    lambda g, out, x: g,
    torch=lambda T, x: x.clone(),
    spellings=("torch.detach(input)", "Tensor.detach(x)"),
    write=(lambda w, g, out, x: g,),
    primal=lambda w, x: x,
    linear=True,
    view=True,
    elementwise=True,
    samples=(sample((3, 4)),),
)
