"""Einstein sums, and the products that are one: `inner` and `tensordot`."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops import einsum
from gradlint.ops.op import sample
from gradlint.ops.registry import define, literal
from gradlint.ops.shapes import plain_axis
from gradlint.ops.text import Text
from gradlint.ops.writing import Unwritable, Writer


def _inner_subscripts(x: Any, y: Any) -> str:
    m, n = np.ndim(x), np.ndim(y)
    left, right = einsum.LETTERS[:m], einsum.LETTERS[m : m + n]
    if m and n:
        right = right[:-1] + left[-1]
        return f"{left},{right}->{left[:-1]}{right[:-1]}"
    return f"{left},{right}->{left}{right}"


def _write_inner(w: Writer, g: Text, other: Text, argnum: int) -> Text:
    """Rows against rows: what either side gets from `g`, of shape (rows of the first, rows of the second)."""
    ranks = tuple(map(len, w.in_shapes))
    if ranks == (1, 1):
        return g * other
    if ranks == (2, 1) and argnum == 0:
        return w.call("outer", g, other).with_shape(w.shape_in(0))
    if ranks == (1, 2) and argnum == 1:
        return w.call("outer", g, other).with_shape(w.shape_in(1))
    if max(ranks) > 2 or min(ranks) < 1:
        raise Unwritable("an inner product of more than two axes")
    is_turned = argnum == 1 and ranks == (2, 2)
    left, right = (w.transpose(g) if is_turned else g), other
    if ranks == (2, 1):
        left, right = w.transpose(other), g
    return w.matmul(left, right, w.shape_in(argnum))


define(
    "inner",
    lambda x, y: np.inner(x, y),
    lambda g, out, x, y: einsum.vjp(g, (x, y), _inner_subscripts(x, y), 0),
    lambda g, out, x, y: einsum.vjp(g, (x, y), _inner_subscripts(x, y), 1),
    spellings=("np.inner(a, b)", "torch.inner(input, other)", "Tensor.inner(x, other)"),
    write=(
        lambda w, g, out, x, y: _write_inner(w, w.filled(g, out, w.shape_out), y, 0),
        lambda w, g, out, x, y: _write_inner(w, w.filled(g, out, w.shape_out), x, 1),
    ),
    linear=True,
    samples=(
        sample((4,), (4,)),
        sample((3, 4), (5, 4)),
        sample((3, 4), (4,)),
        sample((4,), (5, 4)),
    ),
)
define(
    "einsum",
    lambda *xs, subscripts: np.einsum(subscripts, *xs),
    lambda g, out, *xs, subscripts, argnum: einsum.vjp(g, xs, subscripts, argnum),
    torch=lambda T, *xs, subscripts: T.einsum(subscripts, *xs),
    spellings=(
        "np.einsum($subscripts, *operands, optimize=False)",
        "torch.einsum($equation:subscripts, *operands)",
    ),
    linear=True,
    variadic=True,
    samples=(
        sample((3, 4), (4, 5), subscripts="ij,jk->ik"),
        sample((3, 4), (4, 5), subscripts="ij,jk"),
        sample((2, 3, 4), (2, 4), (5,), subscripts="bij,bj,k->ik"),
        sample((3, 3), subscripts="ii->i"),
        sample((3, 4), subscripts="ij->j"),
        sample((2, 3, 4), (4, 5), subscripts="...ij,jk->...ik"),
    ),
)


def _tensordot_subscripts(x: Any, y: Any, axes: Any) -> str:
    m, n = np.ndim(x), np.ndim(y)
    if isinstance(axes, (int, np.integer)):
        axes = (tuple(range(m - axes, m)), tuple(range(axes)))
    left, right = einsum.LETTERS[:m], list(einsum.LETTERS[m : m + n])
    mine, theirs = (np.atleast_1d(plain_axis(a)) for a in axes)
    for i, j in zip(mine, theirs, strict=True):
        right[j] = left[i]
    summed = {left[i] for i in mine}
    kept = [c for c in (*left, *right) if c not in summed]
    return f"{left},{''.join(right)}->{''.join(kept)}"


def _tensordot_text(w: Writer, x: Text, y: Text, axes: Any = 2) -> Text:
    if not isinstance(axes, int):
        axes = tuple([a] if isinstance(a, int) else list(a) for a in axes)
    word = "dims" if w.dialect.library == "torch" else "axes"
    return Text(f"{w.dialect.module}tensordot({x.text}, {y.text}, {word}={literal(axes)})")


define(
    "tensordot",
    lambda x, y, axes=2: np.tensordot(x, y, axes),
    lambda g, out, x, y, axes=2: einsum.vjp(g, (x, y), _tensordot_subscripts(x, y, axes), 0),
    lambda g, out, x, y, axes=2: einsum.vjp(g, (x, y), _tensordot_subscripts(x, y, axes), 1),
    torch=lambda T, x, y, axes=2: T.einsum(_tensordot_subscripts(x, y, axes), x, y),
    primal=_tensordot_text,
    spellings=("np.tensordot(a, b, axes=2)", "torch.tensordot(a, b, dims:axes=2)"),
    linear=True,
    samples=(
        sample((3, 4), (4, 5), axes=1),
        sample((2, 3, 4), (3, 4, 5), axes=2),
        sample((2, 3, 4), (3, 5, 2), axes=([0, 1], [2, 0])),
        sample((3, 4), (5, 4), axes=(1, 1)),
    ),
)
