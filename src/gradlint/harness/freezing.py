"""Copies of the script's values, taken while it runs and read after.

A copy is made of numbers, numpy arrays (tensors become arrays, on the CPU), lists, tuples, dicts
and `Record`s for objects of the script's own classes. What one object was stays one object, so that
aliases can be told from copies. Anything else becomes `OTHER`, sparse tensors too.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LARGE = 256 * 2**20
"""Bytes. Arrays beyond this are data that scripts do not change in place; they are not copied."""
MOST_ITEMS = 200_000
"""Items of all containers of one snapshot; beyond, what is left becomes `OTHER`."""


class _Other:
    def __repr__(self) -> str:
        return "OTHER"


OTHER = _Other()
own_modules = {"__main__"}
"""The modules of the user's by name, whose objects are copied; the run adds those it imports."""


@dataclass(slots=True, eq=False)
class Array:
    """An array or tensor as it stood: `value` in numpy, `dtype` as its library names it."""

    value: Any
    dtype: str
    library: str


@dataclass(slots=True, eq=False)
class Record:
    """An object of one of the script's own classes, by its attributes."""

    cls: str
    attributes: dict[str, Any] = field(default_factory=dict)


class Freezer:
    """Copies values; `memo` makes two names of one object two names of one copy.

    `before` is the freezer of the step before: arrays that did not change since share its copy.
    """

    def __init__(self, before: Freezer | None = None) -> None:
        self.memo: dict[int, Any] = {}
        self.arrays: dict[int, Array] = {}
        self.before = before.arrays if before is not None else {}
        self.items = 0

    def names(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """Copies of the variables of a frame, without modules, functions and classes."""
        return {
            name: copy
            for name, value in list(scope.items())
            if not name.startswith("__") and (copy := self(value)) is not OTHER
        }

    def __call__(self, value: Any) -> Any:
        """A copy of `value`."""
        if value is None or isinstance(value, bool | int | float | complex | str | bytes):
            return value
        if id(value) not in self.memo:
            self.memo[id(value)] = OTHER
            self._copy(value)
        return self.memo[id(value)]

    def _copy(self, value: Any) -> None:
        kind = type(value)
        if isinstance(value, np.generic):
            self.memo[id(value)] = Array(np.asarray(value), str(value.dtype), "numpy")
        elif is_array(value):
            try:
                self.memo[id(value)] = self.arrays[id(value)] = self._array(value)
            except (RuntimeError, TypeError, NotImplementedError):
                return  # a sparse, quantised or functional tensor, or one without data
        elif kind in (list, tuple, set, dict) or isinstance(value, dict):
            self._container(value)
        elif _is_own(value):
            made = self.memo[id(value)] = Record(kind.__name__)
            made.attributes = {k: self(v) for k, v in vars(value).items()}

    def _container(self, value: Any) -> None:
        self.items += len(value)
        if self.items > MOST_ITEMS:
            return
        if isinstance(value, dict):
            made = self.memo[id(value)] = {}
            made.update({k: self(v) for k, v in value.items()})
        elif isinstance(value, list):
            parts = self.memo[id(value)] = []
            parts += [self(v) for v in value]
        else:
            self.memo[id(value)] = type(value)(self(v) for v in value)

    def _array(self, value: Any) -> Array:
        known = self.before.get(id(value))
        seen = _as_numpy(value)
        if known is not None and _same(known.value, seen):
            return known
        copied = seen if seen.nbytes > LARGE else np.array(seen)
        return Array(copied, str(value.dtype).removeprefix("torch."), _library(value))


def is_array(value: Any) -> bool:
    """Whether `value` is a numpy array or a torch tensor (asked without importing torch)."""
    return isinstance(value, np.ndarray) or _library(value) == "torch"


def freeze(value: Any) -> Any:
    """A copy of one value."""
    return Freezer()(value)


_LIBRARIES: dict[type, str] = {}


def _library(value: Any) -> str:
    kind = type(value)
    if kind not in _LIBRARIES:
        names = {f"{c.__module__}.{c.__name__}" for c in kind.__mro__}
        _LIBRARIES[kind] = (
            "torch"
            if "torch.Tensor" in names
            else "matrix"
            if issubclass(kind, np.matrix)
            else "numpy"
        )
    return _LIBRARIES[kind]


def _as_numpy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    plain = value.detach().cpu()
    if str(plain.dtype) in ("torch.bfloat16", "torch.float16"):
        plain = plain.double()
    return plain.numpy()


def _same(a: Any, b: Any) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and bool(np.array_equal(a, b))


def _is_own(value: Any) -> bool:
    module = type(value).__module__
    return (
        module in own_modules
        and hasattr(value, "__dict__")
        and not isinstance(value, type | types.ModuleType | types.FunctionType)
    )
