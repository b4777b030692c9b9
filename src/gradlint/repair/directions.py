"""Whether a value goes along one of many arrays: all arrays of its shape are asked in one product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

_PROPORTIONAL = 1e-8
_NEAR = 1e-6
"""How near to one a cosine is before the entries are compared one by one."""


class Directions:
    """Arrays of more than one element, by shape, each scaled to length one; zeros have no direction."""

    def __init__(self, arrays: Iterable[Any]) -> None:
        rows: dict[tuple[int, ...], list[np.ndarray]] = {}
        sizes: dict[tuple[int, ...], list[float]] = {}
        for array in arrays:
            flat = np.asarray(array, dtype=float)
            size = float(np.linalg.norm(flat)) if flat.size > 1 else 0.0
            if size > 0 and np.isfinite(size):
                rows.setdefault(flat.shape, []).append(flat.ravel() / size)
                sizes.setdefault(flat.shape, []).append(size)
        self._rows = {shape: np.stack(found) for shape, found in rows.items()}
        self._sizes = sizes

    def along(self, value: Any) -> bool:
        """Whether `value` is proportional to one of the arrays, with either sign."""
        array = np.asarray(value)
        if array.dtype.kind not in "fiu" or (cosines := self._cosines(array)) is None:
            return False
        return bool(np.any(np.abs(np.abs(cosines) - 1) < _PROPORTIONAL))

    def ratio(self, value: Any) -> float | None:
        """The constant by which each entry of `value` is that of the first array that fits, or None."""
        array = np.asarray(value)
        if array.dtype.kind != "f" or (cosines := self._cosines(array)) is None:
            return None
        for row in np.flatnonzero(np.abs(np.abs(cosines) - 1) < _NEAR):
            unit = self._rows[array.shape][row]
            ratio = float(np.dot(unit, array.ravel()))
            if np.allclose(array.ravel(), ratio * unit, rtol=_PROPORTIONAL, atol=0):
                return ratio / self._sizes[array.shape][row]
        return None

    def _cosines(self, array: np.ndarray) -> np.ndarray | None:
        """The cosine between `array` and each of those of its shape; None where there are none."""
        rows = self._rows.get(array.shape)
        size = 0.0 if rows is None else float(np.linalg.norm(array.ravel()))
        if rows is None or size == 0 or not np.isfinite(size):
            return None
        found: np.ndarray = rows @ (array.ravel() / size)
        return found
