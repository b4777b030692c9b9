"""Convolution and correlation of one or two axes, as numpy and scipy define them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import Array, OpError, sample
from gradlint.ops.registry import define
from gradlint.ops.windows import last


def _full(x: Any, y: Any) -> Array:
    """The full convolution of two arrays of the same rank."""
    shape = tuple(m + n - 1 for m, n in zip(np.shape(x), np.shape(y), strict=True))
    made = np.zeros(shape)
    for place in np.ndindex(*np.shape(y)):
        window = tuple(slice(p, p + n) for p, n in zip(place, np.shape(x), strict=True))
        made[last(*window)] += np.asarray(x) * np.asarray(y)[place]
    return made


def _part(x: Any, y: Any, mode: str) -> tuple[slice, ...]:
    """Which part of the full convolution `mode` keeps."""
    if mode == "full":
        return tuple(slice(None) for _ in np.shape(x))
    parts = []
    for m, n in zip(np.shape(x), np.shape(y), strict=True):
        size = m if mode == "same" else max(m, n) - min(m, n) + 1
        start = (m + n - 1 - size) // 2
        parts.append(slice(start, start + size))
    return tuple(parts)


def _convolved(x: Any, y: Any, mode: str = "full") -> Array:
    if mode not in ("full", "same", "valid"):
        raise OpError(f"a convolution in mode {mode!r} is not understood")
    return np.asarray(_full(x, y)[_part(x, y, mode)])


def _flipped(y: Any) -> Array:
    return np.flip(np.asarray(y))


def _widened(g: Any, x: Any, y: Any, mode: str) -> Array:
    """The cotangent of the full convolution."""
    wide = np.zeros(tuple(m + n - 1 for m, n in zip(np.shape(x), np.shape(y), strict=True)))
    wide[_part(x, y, mode)] = g
    return wide


def _to_first(g: Any, x: Any, y: Any, mode: str) -> Array:
    wide = _widened(g, x, y, mode)
    return np.asarray(_full(wide, _flipped(y))[_valid(y, x)])


def _valid(y: Any, x: Any) -> tuple[slice, ...]:
    return tuple(slice(n - 1, n - 1 + m) for n, m in zip(np.shape(y), np.shape(x), strict=True))


def _torch_full(T: Any, x: Any, y: Any, mode: str) -> Any:
    """The same by torch's convolution, on as many axes."""
    rank = x.dim()
    function = T.nn.functional.conv1d if rank == 1 else T.nn.functional.conv2d
    edge = tuple(n - 1 for n in y.shape)
    kernel = T.flip(y, tuple(range(rank)))
    made = function(x[None, None], kernel[None, None], padding=edge)[0, 0]
    return made[_part(x, y, mode)]


def _define(name: str, flip: bool, spellings: tuple[str, ...], samples: Any, default: str) -> None:
    """A convolution, or a correlation: with the second array flipped."""

    def turned(y: Any) -> Any:
        return _flipped(y) if flip else y

    def second(g: Any, out: Any, x: Any, y: Any, mode: str = default) -> Any:
        return turned(_to_first_swapped(g, x, turned(y), mode))

    define(
        name,
        lambda x, y, mode=default: _convolved(x, turned(y), mode),
        lambda g, out, x, y, mode=default: _to_first(g, x, turned(y), mode),
        second,
        torch=lambda T, x, y, mode=default: _torch_full(
            T, x, T.flip(y, tuple(range(y.dim()))) if flip else y, mode
        ),
        spellings=spellings,
        linear=True,
        samples=samples,
    )


def _to_first_swapped(g: Any, x: Any, y: Any, mode: str) -> Array:
    wide = _widened(g, x, y, mode)
    return np.asarray(_full(wide, _flipped(x))[_valid(x, y)])


LINES = tuple(sample((6,), (3,), mode=m) for m in ("full", "same", "valid"))
PLANES = tuple(sample((5, 6), (2, 3), mode=m) for m in ("full", "same", "valid"))
_define("convolve", False, ("np.convolve(a, v, mode='full')",), LINES, "full")
_define("correlate", True, ("np.correlate(a, v, mode='valid')",), LINES, "valid")
SCIPY = "(in1, in2, mode='full')"
_define(
    "convolve2d",
    False,
    tuple(f"scipy.signal.{n}{SCIPY}" for n in ("convolve2d", "convolve", "fftconvolve")),
    PLANES,
    "full",
)
_define(
    "correlate2d",
    True,
    tuple(f"scipy.signal.{n}{SCIPY}" for n in ("correlate2d", "correlate")),
    PLANES,
    "full",
)
