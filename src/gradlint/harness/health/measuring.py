"""Numbers of arrays, tensors and lists as they pass by; nothing of them is kept."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from gradlint.harness.freezing import is_array

CLOSE = 1e-6
"""Weights of two units are equal within this, relative to the largest: single precision is 6e-8."""


def as_numpy(value: Any) -> Any:
    """`value` as a float array that shares its memory where it can; None where it is no number."""
    if isinstance(value, bool | int | float):
        return np.asarray(float(value))
    if isinstance(value, np.ndarray):
        return np.asarray(value) if value.dtype.kind == "f" else _converted(value)
    if isinstance(value, np.generic):
        return _converted(value)
    if is_array(value):
        return _of_tensor(value)
    return _converted(value) if isinstance(value, list | tuple) else None


def _of_tensor(value: Any) -> Any:
    plain = value.detach()
    if plain.device.type != "cpu" or _is_half(plain.dtype):
        plain = plain.cpu().double()
    made = plain.numpy()
    return made if made.dtype.kind == "f" else _converted(made)


@cache
def _is_half(dtype: Any) -> bool:
    return str(dtype) in ("torch.bfloat16", "torch.float16")


def _converted(value: Any) -> Any:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None


def trouble(value: Any) -> str | None:
    """`nan` or `inf` where an entry of `value` is that, NaN before Inf; None where all are finite."""
    if isinstance(value, float):
        return None if math.isfinite(value) else ("nan" if math.isnan(value) else "inf")
    array = as_numpy(value)
    if array is None or not array.size:
        return None
    with np.errstate(all="ignore"):
        if math.isfinite(float(array.sum())) or np.isfinite(array).all():
            return None
        return "nan" if np.isnan(array).any() else "inf"


def norm(array: Any) -> float | None:
    """The Euclidean norm over all entries, None where it is not finite."""
    with np.errstate(all="ignore"):
        flat = array.ravel()
        found = float(np.dot(flat, flat))
        if not math.isfinite(found) or found < 1e-30:
            found = float(np.sum(np.square(array, dtype=np.float64)))
    return math.sqrt(found) if math.isfinite(found) else None


def slope(array: Any) -> float | None:
    """The mean size of an entry."""
    with np.errstate(all="ignore"):
        found = float(np.abs(array).mean()) if array.size else 0.0
    return found if math.isfinite(found) else None


def finite(value: Any) -> float | None:
    """A number, None where it is not finite."""
    found = float(value)
    return found if math.isfinite(found) else None


def part_active(out: Any) -> float:
    """The fraction of entries above zero."""
    return float(np.count_nonzero(out > 0) / out.size)


def part_saturated(out: Any, kind: str, limit: float) -> float:
    """The fraction of outputs of a sigmoid or tanh whose input is beyond `limit` on either side."""
    if kind == "sigmoid":
        edge = 1.0 / (1.0 + math.exp(-limit))
        flat = np.count_nonzero(out > edge) + np.count_nonzero(out < 1.0 - edge)
    elif kind == "tanh":
        flat = np.count_nonzero(np.abs(out) > math.tanh(limit))
    else:
        return 0.0
    return float(flat / out.size)


def alike(weights: Any, axis: int) -> bool:
    """Whether all units, which lie along `axis`, have the same weights."""
    if weights.ndim != 2 or weights.shape[axis] < 2:
        return False
    first = weights[:, :1] if axis == 1 else weights[:1]
    size = float(np.abs(weights).max())
    return bool(np.abs(weights - first).max() <= CLOSE * size)
