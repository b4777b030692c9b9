"""What an op on an `np.matrix` has to be so that two axes are left, as numpy leaves them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint import ops
from gradlint.tracing.values import plain

_KEEPING = frozenset(
    ["matmul", "dot", "transpose", "concatenate", "vstack", "hstack", "column_stack", "inv", "pinv",
     "matrix_power", "atleast_2d", "argsort"]
)  # fmt: skip
_REDUCING = frozenset(
    ["sum", "mean", "max", "min", "prod", "std", "var", "argmax", "argmin", "all", "any"]
)


def kept(op: str, inputs: Any, params: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The op, with its parameters, that keeps two axes where `op` of a matrix does; None if not known."""
    shape = np.shape(plain(inputs[0]))
    if op in ("getitem", "setitem"):
        index = plain(params["index"])
        if op == "getitem" or not _picks(index):
            index = _kept_index(index, shape)
        return None if index is None else (op, params | {"index": index})
    if op in _REDUCING:
        return op, params if plain(params.get("axis")) is None else params | {"keepdims": True}
    if op == "reshape":
        return op, params | {"shape": _two(plain(params["shape"]))}
    if op in ("flatten", "squeeze"):
        flat = op == "flatten" or 1 in shape
        memory = {"memory": params["memory"]} if "memory" in params else {}
        return "reshape", {"shape": (1, -1) if flat else shape} | memory
    if op in ("concatenate", "argsort") and plain(params.get("axis", 0)) is None:
        return None
    keeps = op in _KEEPING or (ops.OPS[op].elementwise and op != "where")
    return (op, params) if keeps else None


def _two(shape: Any) -> Any:
    sizes = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    if len(sizes) == 1 and isinstance(sizes[0], list | tuple):
        sizes = tuple(sizes[0])
    return (1,) * (2 - len(sizes)) + sizes


def _kept_index(index: Any, shape: tuple[int, ...]) -> Any:
    """The index that keeps the axes which a number would take away, unless all of them are numbers.

    None for what makes new axes.
    """
    parts = index if isinstance(index, tuple) else (index,)
    if any(part is None or part is ... for part in parts):
        return None
    if len(parts) == len(shape) and all(_is_place(part) for part in parts):
        return index
    kept = tuple(_one(part, size) for part, size in zip(parts, shape, strict=False))
    return kept if len(parts) <= len(shape) else index


def _picks(index: Any) -> bool:
    """Whether an index picks rows or columns by a list or by a mask."""
    return any(np.ndim(part) for part in (index if isinstance(index, tuple) else (index,)))


def _is_place(part: Any) -> bool:
    return np.ndim(part) == 0 and isinstance(part, int | np.integer | np.ndarray)


def _one(part: Any, size: int) -> Any:
    if not _is_place(part) or isinstance(part, bool | np.bool_):
        return part
    place = int(part)
    if not -size <= place < size:
        return part
    return slice(place, place + 1 or None)
