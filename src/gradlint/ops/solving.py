"""The inverse of a matrix and linear systems. VJPs: Giles (2008), sections 2.2.3 and 2.3.1."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import Array, OpError, Sample
from gradlint.ops.registry import define
from gradlint.ops.shapes import unbroadcast


def _swap(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _inverse_vjp(g: Any, out: Any, x: Any) -> Any:
    return -_swap(out) @ g @ _swap(out)


def _solve_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    return unbroadcast(np.linalg.solve(_swap(x), g), np.shape(y))


def _solve_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    pulled, columns = np.linalg.solve(_swap(x), g), out
    if np.ndim(g) == 1:
        pulled, columns = pulled[:, None], out[:, None]
    return -pulled @ _swap(columns)


def _regular(function: Any) -> Any:
    """The function with numpy's error for a singular matrix turned into an OpError."""

    def call(*xs: Any) -> Any:
        try:
            return function(*xs)
        except np.linalg.LinAlgError as error:
            raise OpError(f"{function.__name__}() of a matrix: {error}") from error

    return call


REGULAR = np.array([[2.0, 0.5, 0.1], [0.3, 1.5, 0.2], [0.4, -0.6, 3.0]])
define(
    "inv",
    _regular(np.linalg.inv),
    _inverse_vjp,
    torch=lambda T, x: T.linalg.inv(x),
    spellings=(
        "np.linalg.inv(a)",
        "torch.linalg.inv(A)",
        "torch.inverse(input)",
        "Tensor.inverse(x)",
    ),
    samples=(Sample((REGULAR,)),),
)
define(
    "solve",
    _regular(np.linalg.solve),
    _solve_left,
    _solve_right,
    torch=lambda T, x, y: T.linalg.solve(x, y),
    spellings=("np.linalg.solve(a, b)", "torch.linalg.solve(A, B)"),
    samples=(Sample((REGULAR, (3, 2))), Sample((REGULAR, (3,)))),
)
