"""`np.matrix`: arrays of two axes that multiply as matrices do and stay matrices.

Source: https://numpy.org/doc/stable/reference/generated/numpy.matrix.html, and `numpy/matrixlib/defmatrix.py`
for what reductions and items keep. A matrix is a `Traced` whose library is `MATRIX`; what is not listed here
as keeping or leaving it is opaque, so that nothing is said of what was not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint import ops
from gradlint.tracing.matrix_axes import kept
from gradlint.tracing.values import Opaque, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.machine import Machine

MATRIX = "matrix"
LEAVING = frozenset(
    f"numpy.{name}"
    for name in (
        *("copy", "where", "outer", "ravel", "nonzero", "ndarray.nonzero", "diag", "trace", "einsum"),
        *("unique", "linalg.norm", "linalg.det", "allclose", "array_equal", "count_nonzero"),
    )
)  # fmt: skip
"""What gives plain arrays or numbers, also where it is given matrices."""
MAKERS = frozenset(
    f"numpy.{name}"
    for name in (
        *("matrix", "mat", "asmatrix", "bmat", "array", "asarray", "asanyarray", "ascontiguousarray"),
        *("zeros_like", "ones_like", "empty_like", "full_like", "shape", "ndim", "size", "isscalar"),
    )
)  # fmt: skip
"""The functions beside the ops that know of matrices."""


def is_matrix(value: Any) -> bool:
    """Whether `value` is an `np.matrix`."""
    return type(value) is Traced and value.library == MATRIX


def among(values: Any) -> bool:
    """Whether one of `values`, or of what stands in a list among them, is a matrix."""
    for value in values:
        if type(value) is Traced:
            if value.library == MATRIX:
                return True
        elif isinstance(value, list | tuple) and among(value):
            return True
    return False


def array_library(library: str) -> str:
    """The library of the plain array that has the numbers of an array of `library`."""
    return "numpy" if library == MATRIX else library


def understood(path: str) -> bool:
    """Whether the function at `path`, which is no op, knows what a matrix is."""
    return not path.startswith(("numpy", "scipy", "torch")) or path in MAKERS


def array_of(m: Machine, matrix: Traced) -> Any:
    """The plain array that shares the memory of a matrix."""
    return m.view(matrix, "copy", {}, "numpy")


def _flat(m: Machine, matrix: Traced) -> Any:
    return m.view(matrix, "reshape", {"shape": (-1,)}, "numpy")


def _transposed(m: Machine, matrix: Traced) -> Any:
    return m.view(matrix, "transpose", {"axes": None})


def _inverse(m: Machine, matrix: Traced) -> Any:
    rows, columns = matrix.shape
    return m.apply("inv" if rows == columns else "pinv", [matrix], {}, MATRIX)


ATTRIBUTES: dict[str, Callable[[Machine, Traced], Any]] = {
    "A": array_of, "A1": _flat, "T": _transposed, "H": _transposed, "I": _inverse,
}  # fmt: skip
"""What a matrix has beside an array; `.A` is `getA()` too."""


def result_library(path: str, args: Any) -> str | None:
    """The library of what the function or method at `path` gives, None where no argument is a matrix."""
    if not among(args):
        return None
    return "numpy" if path in LEAVING else MATRIX


def matrix_of(m: Machine, array: Traced, shares: bool) -> Any:
    """The array as a matrix, which `shares` its memory with it or not."""
    if array.library == MATRIX and shares:
        return array
    if len(array.shape) != 2:
        shape = (1,) * (2 - len(array.shape)) + array.shape
        made = m.view(array, "reshape", {"shape": shape}, "numpy") if len(shape) == 2 else None
        if not isinstance(made, Traced):
            return made or m.opaque("an np.matrix has two axes")
        return matrix_of(m, made, shares)
    m.refresh(array)
    if not shares:
        return Traced(array.id, array.value, MATRIX)
    return Traced(array.id, array.value, MATRIX, array, ("copy", {}), array.version)


def operated(m: Machine, op: str, left: Any, right: Any) -> Any:
    """`left op right` where one of them is a matrix."""
    if op == "**":
        power = plain(right)
        if not is_matrix(left) or type(power) is not int:
            return m.opaque("only a whole power of an np.matrix is read")
        return m.apply("matrix_power", [left], {"n": power}, MATRIX)
    if op != "*" or not np.ndim(plain(left)) or not np.ndim(plain(right)):
        return m.apply(ops.operator(op).name, [left, right], {}, MATRIX)
    sides = [_two_axes(m, side) for side in (left, right)]
    return m.apply("matmul", sides, {}, MATRIX)


def _two_axes(m: Machine, value: Any) -> Any:
    array = m.tensor_of(value, "numpy")
    return array if len(array.shape) > 1 else matrix_of(m, array, shares=True)


def in_place(m: Machine, target: Traced, change: Any) -> Any:
    """What `target op= change` takes: a plain array stays one and takes the numbers of a matrix."""
    return array_of(m, change) if is_matrix(change) and target.library == "numpy" else change


def applied(m: Machine, op: str, inputs: Any, params: dict[str, Any]) -> Any:
    """The op applied to matrices: a matrix again, or a number."""
    meant = kept(op, inputs, params)
    if meant is None:
        return m.opaque(f"what {op} makes of an np.matrix is not read")
    made = m.apply(meant[0], inputs, meant[1], "numpy")
    if isinstance(made, Traced) and len(made.shape) == 1:
        made = m.apply("reshape", [made], {"shape": (1, *made.shape)}, "numpy")
    if not isinstance(made, Traced) or not made.shape:
        return made
    if len(made.shape) != 2:
        return m.opaque(f"what {op} makes of an np.matrix is not read")
    made.library = MATRIX
    return made


def bmat(m: Machine, rows: Any) -> Any:
    """`np.bmat([[A, B], [C, D]])`: one matrix of blocks."""
    if not isinstance(rows, list | tuple) or not rows:
        return m.opaque("the blocks of this np.matrix are not known")
    rows = rows if isinstance(rows[0], list | tuple) else [rows]
    bands = [m.apply("concatenate", list(row), {"axis": -1}, "numpy") for row in rows]
    made = m.apply("concatenate", bands, {"axis": 0}, "numpy")
    return made if isinstance(made, Opaque) else matrix_of(m, made, shares=False)
