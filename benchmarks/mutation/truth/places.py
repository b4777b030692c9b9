"""The numbers that a running script holds: where each lies, a copy of it, and how to move it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Place = tuple[Any, ...]
"""`("global", name)` or `("local", name)`, then keys, indices and `.attributes` on the way down."""
_DEPTH, _WIDTH = 5, 300


def leaves(frame: FrameType) -> dict[Place, Array]:
    """Every float, and every array of floats, that can be reached from the frame, as a copy."""
    seen: set[int] = set()
    found: dict[Place, Array] = {}
    for root, space in _spaces(frame):
        for name, value in list(space.items()):
            if not name.startswith("__"):
                found.update(_below((root, name), value, seen, 0))
    return found


def held(frame: FrameType, place: Place) -> Any:
    """What lies at `place` now.

    Raises:
        LookupError, AttributeError: there is nothing.
    """
    value: Any = dict(_spaces(frame))[place[0]][place[1]]
    for key in place[2:]:
        value = _child(value, key)
    return value


def move(frame: FrameType, place: Place, by: Array) -> None:
    """Add `by` to the number or array at `place`: an array in place, a number where it is kept."""
    value = held(frame, place)
    if _is_number(value):
        _store(frame, place, value + float(by))
    elif isinstance(value, np.ndarray):
        value += by
    else:
        value.data += type(value)(by) if value.ndim else float(by)


def jitter(frame: FrameType, places: Iterable[Place], seed: int) -> None:
    """Move what lies at `places` at random, by about a tenth of its size and away from zero."""
    source = np.random.default_rng(seed)
    for place in places:
        value = held(frame, place)
        array = np.asarray(value.detach() if hasattr(value, "detach") else value, dtype=np.float64)
        size = 0.1 * np.abs(array).max(initial=0.0) + 0.02
        move(frame, place, size * source.standard_normal(array.shape))


def _store(frame: FrameType, place: Place, value: Any) -> None:
    if len(place) == 2:
        dict(_spaces(frame))[place[0]][place[1]] = value
        refresh = getattr(ctypes.pythonapi, "PyFrame_LocalsToFast", None)
        if place[0] == "local" and refresh is not None:
            refresh(ctypes.py_object(frame), ctypes.c_int(0))
        return
    holder = held(frame, place[:-1])
    key = place[-1]
    if isinstance(key, str) and key.startswith(".") and not isinstance(holder, dict):
        setattr(holder, key[1:], value)
    else:
        holder[key] = value


def _spaces(frame: FrameType) -> Iterator[tuple[str, dict[str, Any]]]:
    if frame.f_locals is not frame.f_globals:
        yield "local", frame.f_locals
    yield "global", frame.f_globals


def _below(place: Place, value: Any, seen: set[int], depth: int) -> Iterator[tuple[Place, Array]]:
    if _is_number(value):
        yield place, np.asarray(value, dtype=np.float64)
        return
    if id(value) in seen or depth > _DEPTH:
        return
    seen.add(id(value))
    array = _as_array(value)
    if array is not None:
        yield place, array
        return
    for key, child in _children(value):
        yield from _below((*place, key), child, seen, depth + 1)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.floating) and not isinstance(value, bool)


def _as_array(value: Any) -> Array | None:
    if isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.dtype.kind == "f" else None
    if type(value).__name__ == "Tensor" and value.is_floating_point():
        copy: Array = value.detach().double().numpy().copy()
        return copy
    return None


def _children(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        pairs: Any = value.items()
    elif isinstance(value, list | tuple):
        pairs = enumerate(value)
    elif getattr(type(value), "__module__", None) == "__main__" and hasattr(value, "__dict__"):
        pairs = ((f".{name}", child) for name, child in vars(value).items())
    else:
        return
    for count, pair in enumerate(pairs):
        if count >= _WIDTH:
            return
        yield pair


def _child(value: Any, key: Any) -> Any:
    if isinstance(key, str) and key.startswith(".") and not isinstance(value, Mapping):
        return getattr(value, key[1:])
    return value[key]
