"""Products of vectors and matrices.

VJPs follow Giles, *An extended collection of matrix derivative results* (2008), section 2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops import einsum
from gradlint.ops.op import Array, sample
from gradlint.ops.registry import define
from gradlint.ops.shapes import unbroadcast
from gradlint.ops.text import Text
from gradlint.ops.writing import Unwritable, Writer


def _swap(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _as_matrices(g: Any, x: Any, y: Any) -> tuple[Array, Array, Array]:
    """The operands with vectors made rows (left) or columns (right), and the cotangent to match."""
    g = np.expand_dims(g, -1) if np.ndim(y) == 1 else np.asarray(g)
    g = np.expand_dims(g, -2) if np.ndim(x) == 1 else g
    return g, np.atleast_2d(x), np.asarray(y)[:, None] if np.ndim(y) == 1 else np.asarray(y)


def _matmul_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    g, rows, columns = _as_matrices(g, x, y)
    return unbroadcast(g @ _swap(columns), rows.shape).reshape(np.shape(x))


def _matmul_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    g, rows, columns = _as_matrices(g, x, y)
    return unbroadcast(_swap(rows) @ g, columns.shape).reshape(np.shape(y))


def _write_left(w: Writer, g: Text, out: Text, x: Text, y: Text) -> Text:
    ranks = (len(w.shape_in(0)), len(w.shape_in(1)))
    if ranks == (1, 1):
        return g * y
    g = w.filled(g, out, w.shape_out)
    if ranks == (2, 1):
        return w.call("outer", g, y).with_shape(w.shape_in(0))
    if max(ranks) > 2 and w.shape_in(0)[:-2] != w.shape_out[:-2]:
        raise Unwritable("a broadcast batch of matrices")
    return w.matmul(g, w.transpose(y), w.shape_in(0))


def _write_right(w: Writer, g: Text, out: Text, x: Text, y: Text) -> Text:
    ranks = (len(w.shape_in(0)), len(w.shape_in(1)))
    if ranks == (1, 1):
        return g * x
    g = w.filled(g, out, w.shape_out)
    if ranks == (1, 2):
        return w.call("outer", x, g).with_shape(w.shape_in(1))
    if max(ranks) > 2 and w.shape_in(1)[:-2] != w.shape_out[:-2]:
        raise Unwritable("a broadcast batch of matrices")
    return w.matmul(w.transpose(x), g, w.shape_in(1))


MATRICES = (
    sample((3, 4), (4, 5)),
    sample((4,), (4, 5)),
    sample((3, 4), (4,)),
    sample((4,), (4,)),
)
define(
    "matmul",
    lambda x, y: np.matmul(x, y),
    _matmul_left,
    _matmul_right,
    torch=lambda T, x, y: T.matmul(x, y),
    operators=("@",),
    spellings=(
        "np.matmul(x1, x2)",
        "torch.matmul(input, other)",
        "Tensor.matmul(x, other)",
        "torch.linalg.matmul(input, other)",
        "torch.mm(input, mat2)",
        "Tensor.mm(x, mat2)",
        "torch.mv(input, vec)",
        "Tensor.mv(x, vec)",
        "torch.bmm(input, mat2)",
        "Tensor.bmm(x, mat2)",
    ),
    write=(_write_left, _write_right),
    primal=lambda w, x, y: w.matmul(x, y),
    linear=True,
    samples=(*MATRICES, sample((2, 3, 4), (2, 4, 5)), sample((2, 3, 4), (4, 5))),
)


def _dot_subscripts(x: Any, y: Any) -> str:
    """`numpy.dot` of any ranks: over the last axis of x and the last but one of y."""
    m, n = np.ndim(x), np.ndim(y)
    left, right = einsum.LETTERS[:m], einsum.LETTERS[m : m + n]
    if m and n:
        right = right.replace(right[max(n - 2, 0)], left[-1])
    kept = "".join(c for c in left + right if not (m and n and c == left[-1]))
    return f"{left},{right}->{kept}"


def _dot_vjp(argnum: int) -> Any:
    def vjp(g: Any, out: Any, x: Any, y: Any) -> Any:
        return einsum.vjp(g, (x, y), _dot_subscripts(x, y), argnum)

    return vjp


def _dot_write(argnum: int, product: Any) -> Any:
    def write(w: Writer, g: Text, out: Text, x: Text, y: Text) -> Text:
        ranks = (len(w.shape_in(0)), len(w.shape_in(1)))
        if 0 in ranks:
            return w.unbroadcast(g * (x, y)[1 - argnum], out, argnum)
        if max(ranks) > 2:
            raise Unwritable("a product of arrays of more than two axes")
        result: Text = product(w, g, out, x, y)
        return result

    return write


def _dot_text(w: Writer, x: Text, y: Text) -> Text:
    ranks = [len(t.shape) for t in (x, y) if t.shape is not None]
    if 0 in ranks:
        return x * y
    if ranks and max(ranks) > 2:
        if w.dialect.library == "torch":
            raise Unwritable("torch has no dot of more than two axes")
        return w.call("dot", x, y)
    return w.matmul(x, y)


def _torch_dot(T: Any, x: Any, y: Any) -> Any:
    x, y = T.as_tensor(x), T.as_tensor(y)
    return T.einsum(_dot_subscripts(x, y), x, y)


define(
    "dot",
    lambda x, y: np.dot(x, y),
    _dot_vjp(0),
    _dot_vjp(1),
    torch=_torch_dot,
    spellings=(
        "np.dot(a, b)",
        "ndarray.dot(a, b)",
        "torch.dot(input, other)",
        "Tensor.dot(x, other)",
    ),
    write=(_dot_write(0, _write_left), _dot_write(1, _write_right)),
    primal=_dot_text,
    linear=True,
    samples=(*MATRICES, sample((), (3, 4)), sample((3, 4), 2.5), sample((2, 3, 4), (5, 4, 3))),
)


define(
    "vdot",
    lambda x, y: np.vdot(x, y),
    lambda g, out, x, y: np.reshape(g * np.ravel(y), np.shape(x)),
    lambda g, out, x, y: np.reshape(g * np.ravel(x), np.shape(y)),
    torch=lambda T, x, y: T.sum(x.flatten() * y.flatten()),
    spellings=("np.vdot(a, b)", "torch.vdot(input, other)"),
    write=(lambda w, g, out, x, y: g * y, lambda w, g, out, x, y: g * x),
    primal=lambda w, x, y: w.total(x * y),
    linear=True,
    samples=(sample((3,), (3,)), sample((3, 4), (3, 4))),
)
define(
    "outer",
    lambda x, y: np.outer(x, y),
    lambda g, out, x, y: np.reshape(g @ np.ravel(y), np.shape(x)),
    lambda g, out, x, y: np.reshape(np.ravel(x) @ g, np.shape(y)),
    torch=lambda T, x, y: T.outer(T.as_tensor(x).flatten(), T.as_tensor(y).flatten()),
    spellings=(
        "np.outer(a, b)",
        "torch.outer(input, vec2)",
        "torch.ger(input, vec2)",
        "Tensor.outer(x, vec2)",
        "Tensor.ger(x, vec2)",
    ),
    write=(
        lambda w, g, out, x, y: _outer_text(w, 0, w.filled(g, out, w.shape_out), y),
        lambda w, g, out, x, y: _outer_text(w, 1, x, w.filled(g, out, w.shape_out)),
    ),
    linear=True,
    samples=(sample((3,), (4,)),),
)


def _outer_text(w: Writer, argnum: int, x: Text, y: Text) -> Text:
    if max(map(len, w.in_shapes)) > 1:
        raise Unwritable("outer of matrices flattens them")
    return replace(w, dialect=replace(w.dialect, product="{a} @ {b}")).matmul(
        x, y, w.shape_in(argnum)
    )


def _addmm_side(argnum: int) -> Any:
    half = (_matmul_left, _matmul_right)[argnum]
    return lambda g, out, b, x, y, beta, alpha: alpha * half(g, out, x, y)


define(
    "addmm",
    lambda b, x, y, beta=1, alpha=1: beta * b + alpha * np.matmul(x, y),
    lambda g, out, b, x, y, beta, alpha: unbroadcast(beta * g, np.shape(b)),
    _addmm_side(0),
    _addmm_side(1),
    lambda g, out, b, x, y, beta, alpha: np.sum(g * b),
    lambda g, out, b, x, y, beta, alpha: np.sum(g * np.matmul(x, y)),
    torch=lambda T, b, x, y, beta=1, alpha=1: beta * b + alpha * T.matmul(x, y),
    spellings=tuple(
        f"{head}.{name}(input, mat1, mat2, @beta=1, @alpha=1)"
        for head in ("torch", "Tensor")
        for name in ("addmm", "addmv", "baddbmm")
    ),
    primal=lambda w, b, x, y, beta, alpha: beta * b + alpha * w.matmul(x, y),
    linear=True,
    samples=(
        sample((5,), (3, 4), (4, 5), 1.0, 1.0),
        sample((3, 5), (3, 4), (4, 5), 0.5, 2.0),
        sample((3,), (3, 4), (4,), 1.0, 1.0),
        sample((2, 3, 5), (2, 3, 4), (2, 4, 5), 1.0, 1.0),
    ),
)


def _linear_bias(g: Any, out: Any, x: Any, weight: Any, bias: Any = None) -> Array:
    return unbroadcast(g, np.shape(bias))


define(
    "linear",
    lambda x, weight, bias=0: np.matmul(x, np.transpose(weight)) + bias,
    lambda g, out, x, weight, bias=0: _matmul_left(g, out, x, np.transpose(weight)),
    lambda g, out, x, weight, bias=0: np.transpose(_matmul_right(g, out, x, np.transpose(weight))),
    _linear_bias,
    torch=lambda T, x, weight, bias=0: T.matmul(x, weight.T) + bias,
    spellings=("F.linear(input, weight, @bias=0)",),
    linear=True,
    samples=(
        sample((3, 4), (5, 4), (5,)),
        sample((4,), (5, 4), 0),
        sample((2, 3, 4), (5, 4), (5,)),
    ),
)
