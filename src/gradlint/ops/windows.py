"""Windows that slide over the last axes: how convolutions and poolings see their input.

`patches` of an input (N, C, *space) have the shape (N, C, *out, *kernel); `unpatch` is its transpose.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import Array, OpError

Sizes = tuple[int, ...]


def sizes(value: Any, rank: int) -> Sizes:
    """A size for each of `rank` axes, from one number or several."""
    if isinstance(value, (int, np.integer, float)):
        return (int(value),) * rank
    found = tuple(int(n) for n in value)
    return found * rank if len(found) == 1 else found


def last(*index: Any) -> Any:
    """The index that stands for the last axes of an array."""
    return (Ellipsis, *index)


def padded(x: Any, padding: Sizes, value: float = 0.0) -> Array:
    """`x` with `padding` on both sides of its last axes."""
    width = [(0, 0)] * (np.ndim(x) - len(padding)) + [(p, p) for p in padding]
    return np.pad(np.asarray(x), width, constant_values=value)


def patches(x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """The windows of `x`, already padded; raises ValueError where a kernel is larger than `x`."""
    rank = len(kernel)
    spread = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
    axes = tuple(range(-rank, 0))
    seen = np.lib.stride_tricks.sliding_window_view(np.asarray(x), spread, axes)
    steps = tuple(slice(None, None, s) for s in stride)
    inner = tuple(slice(None, None, d) for d in dilation)
    return np.asarray(seen[last(*steps, *inner)])


def unpatch(g: Any, shape: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """The sum of `g`, one value for each entry of each window, over the windows: of that `shape`."""
    rank = len(stride)
    kernel, out = np.shape(g)[-rank:], np.shape(g)[-2 * rank : -rank]
    result = np.zeros(shape)
    for offset in np.ndindex(*kernel):
        places = tuple(
            slice(o * d, o * d + s * n, s)
            for o, d, s, n in zip(offset, dilation, stride, out, strict=True)
        )
        places = tuple(
            slice(p.start, min(p.stop, n), p.step)
            for p, n in zip(places, shape[-rank:], strict=True)
        )
        result[last(*places)] += g[last(*offset)]
    return result


def trimmed(x: Any, padding: Sizes) -> Any:
    """`x` without the `padding` on both sides of its last axes."""
    index = tuple(
        slice(p, n - p) for p, n in zip(padding, np.shape(x)[-len(padding) :], strict=True)
    )
    return np.asarray(x)[last(*index)]


def same(padding: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """`padding` as numbers, also where it is said in a word."""
    if padding == "valid":
        return (0,) * len(kernel)
    if padding == "same":
        whole = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        if any(s != 1 for s in stride) or any(n % 2 for n in whole):
            raise OpError("padding='same' of an even kernel or with a stride is not understood")
        return tuple(n // 2 for n in whole)
    return sizes(padding, len(kernel))
