"""Diagonals, the trace and the triangles of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import sample
from gradlint.ops.registry import define


def _diagonal_vjp(g: Any, out: Any, x: Any, k: int = 0) -> Any:
    if np.ndim(x) == 1:
        return np.diagonal(g, k).copy()
    result = np.zeros(np.shape(x))
    entries = np.diagonal(np.arange(result.size).reshape(result.shape), k)
    np.put(result, entries, g)
    return result


define(
    "diag",
    lambda x, k=0: np.diag(x, int(k)),
    _diagonal_vjp,
    torch=lambda T, x, k=0: T.diag(x, k),
    spellings=(
        "np.diag(v, k=0)",
        "torch.diag(input, diagonal:k=0)",
        "Tensor.diag(x, diagonal:k=0)",
    ),
    linear=True,
    samples=(sample((3,)), sample((3, 4)), sample((4, 3), k=-1)),
)
define(
    "diagflat",
    lambda x, k=0: np.diagflat(x, int(k)),
    lambda g, out, x, k=0: np.diagonal(g, int(k)).reshape(np.shape(x)),
    torch=lambda T, x, k=0: T.diagflat(x, k),
    spellings=(
        "np.diagflat(v, k=0)",
        "torch.diagflat(input, offset:k=0)",
        "Tensor.diagflat(x, offset:k=0)",
    ),
    linear=True,
    samples=(sample((3,)), sample((3, 1)), sample((2, 3), k=1)),
)
define(
    "trace",
    lambda x: np.trace(x),
    lambda g, out, x: g * np.eye(*np.shape(x)),
    spellings=("np.trace(a)", "ndarray.trace(a)", "torch.trace(input)", "Tensor.trace(x)"),
    linear=True,
    samples=(sample((3, 3)), sample((3, 4))),
)


def _define_triangle(name: str) -> None:
    function = getattr(np, name)
    define(
        name,
        lambda x, k=0: function(x, int(k)),
        lambda g, out, x, k=0: function(g, int(k)),
        torch=lambda T, x, k=0: getattr(T, name)(x, k),
        spellings=(
            f"np.{name}(m, k=0)",
            f"torch.{name}(input, diagonal:k=0)",
            f"Tensor.{name}(x, diagonal:k=0)",
        ),
        write=(
            lambda w, g, out, x, k=0: w.call(
                name, w.filled(g, out, w.shape_out), *([k] if k else [])
            ),
        ),
        linear=True,
        samples=(sample((3, 4)), sample((3, 4), k=1)),
    )


_define_triangle("tril")
_define_triangle("triu")
