"""What is compiled and lies beside many scripts: the windows of CS231n's convolutions, as columns and back.

Nobody can read `im2col_cython` where it lies, since it is no Python; the course says what it computes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.tracing.leaves import known
from gradlint.tracing.values import plain

if TYPE_CHECKING:
    from gradlint.tracing.machine import Machine

MODULE = "im2col_cython"
"""The name of the module, in whatever package it lies."""

_Index = tuple[Any, Any, Any, Any]


def _windows(sizes: tuple[int, int, int], kernel: tuple[int, int], stride: int) -> _Index:
    """The index of (C * kh * kw, rows * columns) entries of every image, padded to (C, H, W) `sizes`."""
    channels, high, wide = sizes
    rows, columns = (high - kernel[0]) // stride + 1, (wide - kernel[1]) // stride + 1
    c, y, x = (axis.reshape(-1, 1) for axis in np.indices((channels, *kernel)))
    top, left = (stride * axis.reshape(1, -1) for axis in np.indices((rows, columns)))
    return slice(None), np.broadcast_to(c, (c.size, top.size)), y + top, x + left


@known(f"{MODULE}.im2col_cython")
def _columns(
    m: Machine, x: Any, field_height: Any, field_width: Any, padding: Any, stride: Any
) -> Any:
    """Columns (C * kh * kw, rows * columns * N) of images (N, C, H, W)."""
    high, wide, pad, step = (int(plain(n)) for n in (field_height, field_width, padding, stride))
    padded = m.apply("pad", [x], {"width": ((0, 0), (0, 0), (pad, pad), (pad, pad))})
    _, channels, *size = np.shape(plain(padded))
    index = _windows((channels, size[0], size[1]), (high, wide), step)
    found = m.apply("getitem", [padded], {"index": index})
    turned = m.apply("transpose", [found], {"axes": (1, 2, 0)})
    return m.apply("reshape", [turned], {"shape": (channels * high * wide, -1)})


@known(f"{MODULE}.col2im_cython")
def _images(
    m: Machine, cols: Any, N: Any, C: Any, H: Any, W: Any, field_height: Any, field_width: Any, padding: Any,
    stride: Any,
) -> Any:  # fmt: skip
    """Images (N, C, H, W) that are the sums of columns (C * kh * kw, rows * columns * N)."""
    flat = m.apply("reshape", [cols], {"shape": (np.shape(plain(cols))[0], -1, int(plain(N)))})
    turned = m.apply("transpose", [flat], {"axes": (2, 0, 1)})
    return _summed(m, turned, (N, C, H, W), (field_height, field_width), padding, stride)


@known(f"{MODULE}.col2im_6d_cython")
def _images_of_windows(
    m: Machine, cols: Any, N: Any, C: Any, H: Any, W: Any, HH: Any, WW: Any, pad: Any, stride: Any
) -> Any:
    """Images (N, C, H, W) that are the sums of windows (C, kh, kw, N, rows, columns)."""
    turned = m.apply("transpose", [cols], {"axes": (3, 0, 1, 2, 4, 5)})
    kernels = int(plain(C)) * int(plain(HH)) * int(plain(WW))
    flat = m.apply("reshape", [turned], {"shape": (int(plain(N)), kernels, -1)})
    return _summed(m, flat, (N, C, H, W), (HH, WW), pad, stride)


def _summed(
    m: Machine, windows: Any, shape: tuple[Any, ...], kernel: tuple[Any, Any], padding: Any, stride: Any
) -> Any:  # fmt: skip
    """Windows (N, C * kh * kw, rows * columns) added where they lie in images, without the padding."""
    images, channels, high, wide = (int(plain(n)) for n in shape)
    pad, step = int(plain(padding)), int(plain(stride))
    padded = (channels, high + 2 * pad, wide + 2 * pad)
    index = _windows(padded, (int(plain(kernel[0])), int(plain(kernel[1]))), step)
    empty = m.leaf(np.zeros((images, *padded)), "numpy")
    found = m.apply("scatter_add", [empty, windows], {"index": index})
    inner = slice(pad, -pad) if pad else slice(None)
    return m.apply("getitem", [found], {"index": (slice(None), slice(None), inner, inner)})
