"""Determinants, pseudo-inverses, powers and Kronecker products. VJPs: Giles (2008), section 2."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.op import OPS, Array, OpError, Sample, sample
from gradlint.ops.registry import define, step
from gradlint.ops.solving import REGULAR
from gradlint.ops.spelling import Bound, IsArray, Spell


def _swap(x: Any) -> Array:
    return np.swapaxes(x, -1, -2)


def _scaled_inverse(g: Any, x: Any) -> Any:
    """`g` times the transposed inverse; raises OpError where there is none."""
    try:
        return np.asarray(g)[..., None, None] * _swap(np.linalg.inv(x))
    except np.linalg.LinAlgError as error:
        raise OpError(f"the determinant of a matrix: {error}") from error


SQUARE = (Sample((REGULAR,)), Sample((np.stack([REGULAR, REGULAR.T @ REGULAR]),)))
define(
    "det",
    lambda x: np.linalg.det(x),
    lambda g, out, x: _scaled_inverse(g * out, x),
    torch=lambda T, x: T.linalg.det(x),
    spellings=("np.linalg.det(a)", "torch.linalg.det(A)", "torch.det(input)", "Tensor.det(x)"),
    samples=SQUARE,
)
define(
    "logabsdet",
    lambda x: np.linalg.slogdet(x)[1],
    lambda g, out, x: _scaled_inverse(g, x),
    torch=lambda T, x: T.linalg.slogdet(x)[1],
    samples=SQUARE,
)


def _sign_and_log(bound: Bound, _is_array: IsArray) -> Bound:
    return replace(bound, parts=(bound, replace(bound, op=OPS["logabsdet"])))


step(
    "det_sign",
    lambda x: np.linalg.slogdet(x)[0],
    torch=lambda T, x: T.linalg.slogdet(x)[0],
    spellings=tuple(
        Spell(f"{name}slogdet(a)", adapt=_sign_and_log)
        for name in ("np.linalg.", "torch.linalg.", "torch.", "Tensor.")
    ),
    samples=SQUARE,
)


def _pinv_vjp(g: Any, out: Any, x: Any) -> Any:
    """Golub and Pereyra (1973), for a matrix of full rank."""
    rows, columns = np.eye(np.shape(x)[0]) - x @ out, np.eye(np.shape(x)[1]) - out @ x
    first = -_swap(out) @ g @ _swap(out)
    second = rows @ _swap(g) @ out @ _swap(out)
    third = _swap(out) @ out @ _swap(g) @ columns
    return first + second + third


define(
    "pinv",
    lambda x: np.linalg.pinv(x),
    _pinv_vjp,
    torch=lambda T, x: T.linalg.pinv(x),
    spellings=("np.linalg.pinv(a)", "torch.linalg.pinv(A)", "torch.pinverse(input)"),
    samples=(Sample((REGULAR,)), Sample((REGULAR[:2],)), Sample((REGULAR[:, :2],))),
)


def _power_vjp(g: Any, out: Any, x: Any, n: int) -> Any:
    inverse = np.linalg.inv(x) if n < 0 else x
    powers = [np.linalg.matrix_power(_swap(inverse), k) for k in range(abs(int(n)) + 1)]
    total = sum(powers[k] @ g @ powers[abs(n) - 1 - k] for k in range(abs(int(n))))
    if n < 0:
        total = -_swap(inverse) @ total @ _swap(inverse)
    return total if n else np.zeros(np.shape(x))


define(
    "matrix_power",
    lambda x, n: np.linalg.matrix_power(x, int(n)),
    _power_vjp,
    torch=lambda T, x, n: T.linalg.matrix_power(x, int(n)),
    spellings=("np.linalg.matrix_power(a, $n)", "torch.matrix_power(input, $n)"),
    samples=(Sample((REGULAR,), {"n": 3}), Sample((REGULAR,), {"n": -2})),
)


def _kron_blocks(g: Any, x: Any, y: Any) -> Array:
    """The cotangent of a Kronecker product of matrices by its four indices."""
    (a, b), (c, d) = np.shape(x), np.shape(y)
    return np.reshape(g, (a, c, b, d))


def _matrices_only(x: Any, y: Any) -> Any:
    if np.ndim(x) != 2 or np.ndim(y) != 2:
        raise OpError("kron() of other than two matrices is not understood")
    return np.kron(x, y)


define(
    "kron",
    _matrices_only,
    lambda g, out, x, y: np.einsum("acbd,cd->ab", _kron_blocks(g, x, y), y),
    lambda g, out, x, y: np.einsum("acbd,ab->cd", _kron_blocks(g, x, y), x),
    torch=lambda T, x, y: T.kron(x, y),
    spellings=("np.kron(a, b)", "torch.kron(input, other)", "Tensor.kron(x, other)"),
    linear=True,
    samples=(sample((2, 3), (4, 2)),),
)


def _cross_side(argnum: int) -> Any:
    """The cotangent of the first is `cross(second, g)`, that of the second `cross(g, first)`."""
    if argnum == 0:
        return lambda g, out, x, y, axis=-1: np.cross(y, g, axis=int(axis))
    return lambda g, out, x, y, axis=-1: np.cross(g, x, axis=int(axis))


define(
    "cross",
    lambda x, y, axis=-1: np.cross(x, y, axis=int(axis)),
    _cross_side(0),
    _cross_side(1),
    torch=lambda T, x, y, axis=-1: T.linalg.cross(x, y, dim=axis),
    spellings=("np.cross(a, b, axis=-1)", "torch.linalg.cross(input, other, dim:axis=-1)"),
    linear=True,
    samples=(sample((4, 3), (4, 3)), sample((3, 2), (3, 2), axis=0)),
)
