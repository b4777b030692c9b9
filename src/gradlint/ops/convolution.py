"""Convolutions as torch defines them: `out[n, o] = sum over c, k of x[n, c, window] * w[o, c, k]`.

VJPs: Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradlint.ops.op import Array, sample
from gradlint.ops.registry import define
from gradlint.ops.spelling import Bound, IsArray, Spell
from gradlint.ops.windows import Sizes, padded, patches, same, sizes, trimmed, unpatch


@dataclass(frozen=True)
class Geometry:
    """How a kernel moves: one number for each spatial axis."""

    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes
    groups: int

    @staticmethod
    def of(kernel: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Geometry:
        kernel = tuple(int(n) for n in kernel)
        rank = len(kernel)
        steps, apart = sizes(stride, rank), sizes(dilation, rank)
        return Geometry(kernel, steps, same(padding, kernel, steps, apart), apart, int(groups))

    def windows(self, x: Any) -> Array:
        """The windows of `x`, of shape (N, groups, C / groups, *out, *kernel)."""
        seen = patches(padded(x, self.padding), self.kernel, self.stride, self.dilation)
        return seen.reshape((seen.shape[0], self.groups, -1, *seen.shape[2:]))

    def grouped(self, x: Any, axis: int) -> Array:
        """`x` with the channels of `axis` split into groups."""
        shape = np.shape(x)
        return np.reshape(x, (*shape[:axis], self.groups, -1, *shape[axis + 1 :]))


def _letters(rank: int) -> tuple[str, str]:
    return "pqr"[:rank], "uvw"[:rank]


def forward(x: Any, w: Any, how: Geometry) -> Any:
    """The convolution of a batch."""
    out, inner = _letters(len(how.kernel))
    made = np.einsum(
        f"ngc{out}{inner},goc{inner}->ngo{out}", how.windows(x), how.grouped(w, 0), optimize=True
    )
    return made.reshape((made.shape[0], -1, *made.shape[3:]))


def input_gradient(g: Any, shape: Sizes, w: Any, how: Geometry) -> Any:
    """The cotangent of the input, of that `shape`."""
    out, inner = _letters(len(how.kernel))
    windows = np.einsum(
        f"ngo{out},goc{inner}->ngc{out}{inner}", how.grouped(g, 1), how.grouped(w, 0), optimize=True
    )
    windows = windows.reshape((shape[0], shape[1], *windows.shape[3:]))
    rank = len(how.kernel)
    wide = (*shape[:2], *(n + 2 * p for n, p in zip(shape[-rank:], how.padding, strict=True)))
    return trimmed(unpatch(windows, wide, how.stride, how.dilation), how.padding)


def weight_gradient(g: Any, x: Any, shape: Sizes, how: Geometry) -> Any:
    """The cotangent of the kernel, of that `shape`."""
    out, inner = _letters(len(how.kernel))
    made = np.einsum(
        f"ngo{out},ngc{out}{inner}->goc{inner}", how.grouped(g, 1), how.windows(x), optimize=True
    )
    return made.reshape(shape)


def _batched(x: Any, rank: int) -> Array:
    """`x` with a batch axis, where torch lets it be left out."""
    return np.asarray(x)[None] if np.ndim(x) == rank + 1 else np.asarray(x)


def _define(rank: int) -> None:
    name = f"conv{rank}d"

    def how_of(w: Any, params: dict[str, Any]) -> Geometry:
        return Geometry.of(np.shape(w)[2:], **params)

    def evaluate(x: Any, w: Any, b: Any, **params: Any) -> Any:
        made = forward(_batched(x, rank), w, how_of(w, params))
        made = made + np.reshape(b, (-1,) + (1,) * rank)
        return made.reshape(made.shape[np.ndim(x) == rank + 1 :])

    def to_input(g: Any, out: Any, x: Any, w: Any, b: Any, **params: Any) -> Any:
        shape = _batched(x, rank).shape
        return input_gradient(_batched(g, rank), shape, w, how_of(w, params)).reshape(np.shape(x))

    def to_weight(g: Any, out: Any, x: Any, w: Any, b: Any, **params: Any) -> Any:
        how = how_of(w, params)
        return weight_gradient(_batched(g, rank), _batched(x, rank), np.shape(w), how)

    def to_bias(g: Any, out: Any, x: Any, w: Any, b: Any, **params: Any) -> Any:
        summed = _batched(g, rank).sum(axis=(0, *range(2, rank + 2)))
        return np.sum(summed) if np.ndim(b) == 0 else summed

    def in_torch(T: Any, x: Any, w: Any, b: Any, **params: Any) -> Any:
        bias = b if np.ndim(b) else None
        return getattr(T.nn.functional, name)(x, w, bias, **params)

    define(
        name,
        evaluate,
        to_input,
        to_weight,
        to_bias,
        torch=in_torch,
        spellings=tuple(
            Spell(
                f"{head}.{name}(input, weight, @bias=None, stride=1, padding=0, dilation=1, groups=1)",
                adapt=without_bias,
            )
            for head in ("F", "torch")
        ),
        linear=True,
        samples=_samples(rank),
    )


def without_bias(bound: Bound, _is_array: IsArray) -> Bound:
    """A bias that is not given is zero."""
    x, weight, bias = bound.inputs
    return replace(bound, inputs=(x, weight, 0 if bias is None else bias))


PLAIN: dict[str, Any] = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}


def _samples(rank: int) -> tuple[Any, ...]:
    if rank == 1:
        return (
            sample((2, 3, 7), (4, 3, 2), (4,), **PLAIN),
            sample((2, 4, 8), (6, 2, 3), (6,), **PLAIN | {"stride": 2, "padding": 1, "groups": 2}),
        )
    if rank == 2:
        return (
            sample((2, 3, 5, 6), (4, 3, 2, 3), (4,), **PLAIN),
            sample(
                (2, 3, 6, 7), (2, 3, 3, 2), (2,), **PLAIN | {"stride": (2, 3), "padding": (1, 0)}
            ),
            sample((1, 2, 7, 6), (3, 2, 2, 3), (3,), **PLAIN | {"dilation": 2, "padding": 1}),
            sample((3, 5, 6), (4, 3, 2, 3), (4,), **PLAIN),
        )
    return (sample((1, 2, 4, 3, 5), (2, 2, 2, 3, 2), (2,), **PLAIN),)


for _rank in (1, 2, 3):
    _define(_rank)
