"""Poolings, and torch's unfold and fold, which people write im2col with.

Where several entries of a window are its maximum, the first has the cotangent, as in torch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.op import Array, OpError, sample
from gradlint.ops.registry import define
from gradlint.ops.spelling import Bound, IsArray, Spell
from gradlint.ops.windows import Sizes, last, padded, patches, sizes, trimmed, unpatch


def _how(rank: int, kernel: Any, stride: Any, padding: Any, dilation: Any = 1) -> tuple[Sizes, ...]:
    window = sizes(kernel, rank)
    steps = window if stride is None or stride == () else sizes(stride, rank)
    return window, steps, sizes(padding, rank), sizes(dilation, rank)


def _define_max(rank: int) -> None:
    name = f"max_pool{rank}d"

    def windows(x: Any, params: dict[str, Any]) -> tuple[Array, tuple[Sizes, ...]]:
        if params["ceil_mode"]:
            raise OpError(f"{name}() with ceil_mode is not understood")
        how = _how(rank, *(params[k] for k in ("kernel", "stride", "padding", "dilation")))
        seen = patches(padded(x, how[2], -np.inf), how[0], how[1], how[3])
        return seen.reshape((*seen.shape[:-rank], -1)), how

    def evaluate(x: Any, **params: Any) -> Any:
        return np.max(windows(x, params)[0], axis=-1)

    def vjp(g: Any, out: Any, x: Any, **params: Any) -> Any:
        seen, how = windows(x, params)
        chosen = np.arange(seen.shape[-1]) == np.argmax(seen, axis=-1)[..., None]
        spread = (g[..., None] * chosen).reshape((*seen.shape[:-1], *how[0]))
        wide = np.shape(padded(x, how[2]))
        return trimmed(unpatch(spread, wide, how[1], how[3]), how[2])

    def in_torch(T: Any, x: Any, kernel: Any, **params: Any) -> Any:
        return getattr(T.nn.functional, name)(x, kernel, **params)

    rest = "$kernel_size:kernel, stride=None, padding=0, dilation=1, ceil_mode=False"
    define(
        name,
        evaluate,
        vjp,
        torch=in_torch,
        spellings=(
            Spell(f"F.{name}(input, {rest}, return_indices=False)", adapt=_values_only),
            f"torch.{name}(input, {rest})",
        ),
        samples=tuple(
            sample(
                (2, 3, 5, 7)[: rank + 2], kernel=k, stride=s, padding=p, dilation=1, ceil_mode=False
            )
            for k, s, p in ((2, None, 0), (3, 2, 1))
        ),
    )


def _values_only(bound: Bound, _is_array: IsArray) -> Bound:
    if bound.params.get("return_indices"):
        raise OpError("max_pool with return_indices is not understood")
    return replace(bound, params={k: v for k, v in bound.params.items() if k != "return_indices"})


def _define_average(rank: int) -> None:
    name = f"avg_pool{rank}d"

    def counts(x: Any, how: tuple[Sizes, ...], params: dict[str, Any]) -> Any:
        """How many entries each window averages."""
        if params["ceil_mode"]:
            raise OpError(f"{name}() with ceil_mode is not understood")
        if params["count_include_pad"] or not any(how[2]):
            return np.prod(how[0])
        there = padded(np.ones(np.shape(x)[-rank:]), how[2])
        return patches(there, how[0], how[1], how[3]).sum(axis=tuple(range(-rank, 0)))

    def how_of(params: dict[str, Any]) -> tuple[Sizes, ...]:
        return _how(rank, *(params[k] for k in ("kernel", "stride", "padding")))

    def evaluate(x: Any, **params: Any) -> Any:
        how = how_of(params)
        seen = patches(padded(x, how[2]), how[0], how[1], how[3])
        return seen.sum(axis=tuple(range(-rank, 0))) / counts(x, how, params)

    def vjp(g: Any, out: Any, x: Any, **params: Any) -> Any:
        how = how_of(params)
        share = (g / counts(x, how, params))[last(*(None,) * rank)]
        spread = np.broadcast_to(share, (*np.shape(g), *how[0]))
        wide = np.shape(padded(x, how[2]))
        return trimmed(unpatch(spread, wide, how[1], how[3]), how[2])

    define(
        name,
        evaluate,
        vjp,
        torch=lambda T, x, kernel, **params: getattr(T.nn.functional, name)(x, kernel, **params),
        spellings=(
            f"F.{name}(input, $kernel_size:kernel, stride=None, padding=0, ceil_mode=False, "
            "count_include_pad=True)",
        ),
        linear=True,
        samples=tuple(
            sample(
                (2, 3, 5, 7)[: rank + 2],
                kernel=k, stride=s, padding=p, ceil_mode=False, count_include_pad=c,
            )
            for k, s, p, c in ((2, None, 0, True), (3, 2, 1, True), (3, 2, 1, False))
        ),
    )  # fmt: skip


for _rank in (1, 2):
    _define_max(_rank)
    _define_average(_rank)


def _bins(n: int, count: Any) -> list[slice]:
    """The windows of an adaptive pooling of an axis of size n to `count` entries."""
    count = n if count is None else int(count)
    return [slice(i * n // count, -(-(i + 1) * n // count)) for i in range(count)]


def _define_adaptive(rank: int) -> None:
    name = f"adaptive_avg_pool{rank}d"

    def shares(x: Any, size: Any) -> list[Array]:
        """For each spatial axis, how much each input entry counts in each output entry."""
        wanted = size if isinstance(size, (tuple, list)) else (size,) * rank
        found = []
        for n, count in zip(np.shape(x)[-rank:], wanted, strict=True):
            bins = _bins(n, count)
            weights = np.zeros((len(bins), n))
            for row, part in zip(weights, bins, strict=True):
                row[part] = 1 / (part.stop - part.start)
            found.append(weights)
        return found

    subscripts = "...i,pi->...p" if rank == 1 else "...ij,pi,qj->...pq"
    back = "...p,pi->...i" if rank == 1 else "...pq,pi,qj->...ij"
    define(
        name,
        lambda x, size: np.einsum(subscripts, x, *shares(x, size)),
        lambda g, out, x, size: np.einsum(back, g, *shares(x, size)),
        torch=lambda T, x, size: getattr(T.nn.functional, name)(x, size),
        spellings=(f"F.{name}(input, $output_size:size)",),
        linear=True,
        samples=(
            sample((2, 3, 5, 7)[: rank + 2], size=1),
            sample((2, 3, 5, 7)[: rank + 2], size=(2, 3)[:rank]),
        ),
    )


for _rank in (1, 2):
    _define_adaptive(_rank)


def _columns(x: Any, kernel: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Array:
    """im2col: the windows of (N, C, H, W) as columns (N, C * kernel, places)."""
    window, steps, edge, apart = _how(2, kernel, stride, padding, dilation)
    seen = patches(padded(x, edge), window, steps, apart)
    ordered = np.moveaxis(seen, (-2, -1), (-4, -3))
    count = int(np.prod(seen.shape[-4:-2]))
    return ordered.reshape((*seen.shape[:-5], -1, count))


def _images(
    columns: Any, size: Any, kernel: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """col2im: the sum of columns where the windows overlap."""
    window, steps, edge, apart = _how(2, kernel, stride, padding, dilation)
    wide = tuple(n + 2 * p for n, p in zip(sizes(size, 2), edge, strict=True))
    out = tuple(
        (n - d * (k - 1) - 1) // s + 1
        for n, d, k, s in zip(wide, apart, window, steps, strict=True)
    )
    lead = np.shape(columns)[:-2]
    channels = np.shape(columns)[-2] // int(np.prod(window))
    windows = np.reshape(columns, (*lead, channels, *window, *out))
    windows = np.moveaxis(windows, (-4, -3), (-2, -1))
    return trimmed(unpatch(windows, (*lead, channels, *wide), steps, apart), edge)


UNFOLD = "$kernel_size:kernel, dilation=1, padding=0, stride=1"
define(
    "im2col",
    _columns,
    lambda g, out, x, **params: _images(g, np.shape(x)[-2:], **params),
    torch=lambda T, x, kernel, **params: T.nn.functional.unfold(x, kernel, **params),
    spellings=(f"F.unfold(input, {UNFOLD})",),
    linear=True,
    samples=(
        sample((2, 3, 4, 5), kernel=(2, 3), dilation=1, padding=0, stride=1),
        sample((1, 2, 5, 6), kernel=2, dilation=1, padding=1, stride=2),
    ),
)
define(
    "col2im",
    _images,
    lambda g, out, x, size, **params: _columns(g, **params),
    torch=lambda T, x, size, kernel, **params: T.nn.functional.fold(x, size, kernel, **params),
    spellings=(f"F.fold(input, $output_size:size, {UNFOLD})",),
    linear=True,
    samples=(
        sample((2, 18, 9), size=(4, 5), kernel=(2, 3), dilation=1, padding=0, stride=1),
        sample((1, 8, 12), size=(5, 6), kernel=2, dilation=1, padding=1, stride=2),
    ),
)
