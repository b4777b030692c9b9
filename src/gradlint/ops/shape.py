"""Reshapes and broadcasts. All linear: each VJP gives the cotangent its shape back."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import Array, OpError, sample
from gradlint.ops.registry import define
from gradlint.ops.shapes import axes_of, dims, plain_axis, unbroadcast
from gradlint.ops.spelling import Bound, IsArray, Spell
from gradlint.ops.text import ATOM, Text
from gradlint.ops.writing import Unwritable, Writer


def _write_back(w: Writer, g: Text, out: Text, x: Text, memory: str = "C", **params: Any) -> Text:
    """The cotangent given the shape of the input again."""
    if memory == "F":
        raise Unwritable("a reshape in Fortran order")
    if len(w.shape_in(0)) == 1 and w.shape_out == w.shape_in(0):
        return g
    g = w.filled(g, out, w.shape_out)
    return w.method(g, f"reshape({x.at_least(ATOM)}.shape)", w.shape_in(0))


def _reshape_vjp(g: Any, out: Any, x: Any, memory: str = "C", **params: Any) -> Array:
    return np.reshape(g, np.shape(x), order="F" if memory == "F" else "C")


def _define_reshape(
    name: str, evaluate: Any, torch: Any, spellings: Any, samples: Any, primal: Any = None
) -> None:
    """An op that keeps its entries in their order, the row-major one unless `memory` is "F"."""
    define(
        name,
        evaluate,
        _reshape_vjp,
        torch=torch,
        spellings=spellings,
        write=(_write_back,),
        primal=primal,
        linear=True,
        view=True,
        samples=samples,
    )


def _reshape(x: Any, shape: Any, memory: str = "C") -> Array:
    return np.reshape(x, dims(shape), order="F" if memory == "F" else "C")


def _torch_reshape(T: Any, x: Any, shape: Any, memory: str = "C") -> Any:
    if memory != "F":
        return T.reshape(x, dims(shape))
    backwards = T.reshape(x.permute(*range(x.dim())[::-1]), dims(shape)[::-1])
    return backwards.permute(*range(len(dims(shape)))[::-1])


def _reshape_text(w: Writer, x: Text, shape: Any, memory: str = "C") -> Text:
    if memory == "F" and w.dialect.library == "torch":
        raise Unwritable("torch has no Fortran order")
    words = [w.size(n).text if n > 2 else str(n) for n in dims(shape)] + (
        ["order='F'"] if memory == "F" else []
    )
    return w.method(x, f"reshape({', '.join(words)})", None)


def _flatten(x: Any, start: int = 0, end: int = -1, memory: str = "C") -> Array:
    shape = np.shape(x)
    if memory == "F":
        return np.ravel(x, order="F")
    if not shape:
        return np.reshape(x, 1)
    first, last = start % len(shape), end % len(shape)
    middle = int(np.prod(shape[first : last + 1], dtype=int))
    return np.reshape(x, (*shape[:first], middle, *shape[last + 1 :]))


def _squeeze(x: Any, axis: Any = None) -> Array:
    single = [a for a in axes_of(axis, np.ndim(x)) if np.shape(x)[a] == 1]
    return np.asarray(np.squeeze(x, axis=tuple(single)))


def _is_a_view(bound: Bound, _is_array: IsArray) -> Bound:
    """`x.view(dtype)` reads bytes anew, which is no operation on numbers."""
    shape = bound.params["shape"]
    if isinstance(shape, tuple) and len(shape) == 1 and isinstance(shape[0], (str, type)):
        raise OpError("view() as another dtype is not understood")
    return bound


_define_reshape(
    "reshape",
    _reshape,
    _torch_reshape,
    (
        "np.reshape(a, $shape, order:memory='C')",
        "ndarray.reshape(a, *$shape, order:memory='C')",
        "torch.reshape(input, $shape)",
        "Tensor.reshape(x, *$shape)",
        Spell("Tensor.view(x, *$shape)", adapt=_is_a_view),
    ),
    (
        sample((3, 4), shape=(2, 6)),
        sample((3, 4), shape=((-1,),)),
        sample((3,), shape=(-1, 1)),
        sample((3, 4), shape=(2, 6), memory="F"),
    ),
    _reshape_text,
)
_define_reshape(
    "reshape_as",
    lambda x, shape: np.reshape(x, np.shape(shape)),
    lambda T, x, shape: T.reshape(x, tuple(np.shape(shape))),
    ("Tensor.view_as(x, $other:shape)", "Tensor.reshape_as(x, $other:shape)"),
    (sample((3, 4), shape=np.zeros((4, 3))),),
)
_define_reshape(
    "flatten",
    _flatten,
    lambda T, x, start=0, end=-1, memory="C": (
        T.flatten(x.permute(*range(x.dim())[::-1])) if memory == "F" else T.flatten(x, start, end)
    ),
    (
        "np.ravel(a, order:memory='C')",
        "ndarray.ravel(a, order:memory='C')",
        Spell("ndarray.flatten(a, order:memory='C')", copies=True),
        "torch.flatten(input, start_dim:start=0, end_dim:end=-1)",
        "Tensor.flatten(x, start_dim:start=0, end_dim:end=-1)",
        "torch.ravel(input)",
        "Tensor.ravel(x)",
    ),
    (sample((3, 4)), sample((2, 3, 4), start=1), sample((3, 4), memory="F")),
)
_define_reshape(
    "squeeze",
    lambda x, axis=None: _squeeze(x, axis),
    lambda T, x, axis=None: T.squeeze(x) if axis is None else T.squeeze(x, axis),
    (
        "np.squeeze(a, axis=None)",
        "ndarray.squeeze(a, axis=None)",
        "torch.squeeze(input, dim:axis=None)",
        "Tensor.squeeze(x, dim:axis=None)",
    ),
    (sample((3, 1)), sample((1, 3, 1), axis=0)),
)
_define_reshape(
    "expand_dims",
    lambda x, axis: np.expand_dims(x, plain_axis(axis)),
    lambda T, x, axis: T.unsqueeze(x, axis),
    (
        "np.expand_dims(a, $axis)",
        "torch.unsqueeze(input, $dim:axis)",
        "Tensor.unsqueeze(x, $dim:axis)",
    ),
    (sample((3, 4), axis=0), sample((3,), axis=-1)),
)
_define_reshape(
    "atleast_2d",
    lambda x: np.atleast_2d(x),
    lambda T, x: T.atleast_2d(x),
    ("np.atleast_2d(x)", "torch.atleast_2d(x)"),
    (sample((3,)),),
)
_define_reshape(
    "atleast_1d",
    lambda x: np.atleast_1d(x),
    lambda T, x: T.atleast_1d(x),
    ("np.atleast_1d(x)", "np.ascontiguousarray(x)", "torch.atleast_1d(x)"),
    (sample(()),),
)


def _expand(x: Any, shape: Any) -> Array:
    wanted, have = dims(shape), np.shape(x)
    own = (None,) * (len(wanted) - len(have)) + have
    return np.broadcast_to(x, [n if w == -1 else w for w, n in zip(wanted, own, strict=True)])


def _unbroadcast_vjp(g: Any, out: Any, x: Any, shape: Any) -> Array:
    return unbroadcast(g, np.shape(x))


def _write_unbroadcast(w: Writer, g: Text, out: Text, x: Text, shape: Any) -> Text:
    return w.unbroadcast(g, out, 0)


define(
    "broadcast_to",
    lambda x, shape: _expand(x, shape),
    _unbroadcast_vjp,
    torch=lambda T, x, shape: x.expand(dims(shape)),
    primal=lambda w, x, shape: Text(f"{w.dialect.module}broadcast_to({x.text}, {dims(shape)})"),
    spellings=(
        "np.broadcast_to(array, $shape)",
        "torch.broadcast_to(input, $size:shape)",
        "Tensor.broadcast_to(x, *$size:shape)",
        "Tensor.expand(x, *$size:shape)",
    ),
    write=(_write_unbroadcast,),
    linear=True,
    samples=(sample((4,), shape=(3, 4)), sample((3, 1), shape=((2, 3, 4),))),
)
define(
    "expand_as",
    lambda x, shape: np.broadcast_to(x, np.shape(shape)),
    _unbroadcast_vjp,
    torch=lambda T, x, shape: x.expand(tuple(np.shape(shape))),
    spellings=("Tensor.expand_as(x, $other:shape)",),
    write=(_write_unbroadcast,),
    linear=True,
    samples=(sample((4,), shape=np.zeros((3, 4))),),
)
