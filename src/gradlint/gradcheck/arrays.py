"""numpy arrays, torch tensors and lists of plain numbers, as float64 arrays and back."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def is_tensor(value: Any) -> bool:
    """Whether `value` is a torch tensor; torch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_real(value: Any) -> bool:
    """Whether `value` is an array, a tensor or a list of real numbers with a fractional part."""
    if is_tensor(value):
        return bool(value.dtype.is_floating_point)
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind == "f")
    return isinstance(value, list) and _is_real_list(value)


def _is_real_list(value: list[Any]) -> bool:
    items = [x for x in value if isinstance(x, list)]
    if items:
        return len(items) == len(value) and all(map(_is_real_list, items)) and _is_even(value)
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in value)
    return bool(value) and numbers and any(isinstance(x, float) for x in value)


def _is_even(value: list[list[Any]]) -> bool:
    try:
        return np.asarray(value, dtype=float).ndim > 1
    except ValueError:
        return False


def is_number(value: Any) -> bool:
    """Whether `value` is a single number with a fractional part."""
    return isinstance(value, float | np.floating)


def as_array(value: Any) -> Any:
    """`value` as a float64 array.

    Raises TypeError or ValueError where it is no array of numbers.
    """
    if is_tensor(value):
        return value.detach().cpu().double().resolve_conj().numpy().copy()
    return np.array(value, dtype=np.float64)


def like(array: Any, model: Any, double: bool) -> Any:
    """`array` as what `model` is: a tensor on its device, a list or an array; `double` for float64."""
    if is_tensor(model):
        torch = sys.modules["torch"]
        dtype = torch.float64 if double else model.dtype
        return torch.as_tensor(np.array(array), dtype=dtype, device=model.device)
    if isinstance(model, list):
        return np.asarray(array).tolist()
    if is_number(model):
        return float(array)
    dtype = np.float64 if double else np.asarray(model).dtype
    return np.array(array, dtype=dtype)


def epsilon_of(value: Any) -> float:
    """The relative rounding of the numbers in `value`."""
    name = str(getattr(value, "dtype", "float64")).removeprefix("torch.")
    known = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
    return known.get(name, 2.0**-52)
