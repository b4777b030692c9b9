"""Repeats, flips and rolls: the same entries again, more often or elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import Array, sample
from gradlint.ops.registry import define, literal
from gradlint.ops.shapes import Shape, axes_of, dims, plain_axis
from gradlint.ops.spelling import Spell
from gradlint.ops.text import Text
from gradlint.ops.writing import Unwritable, Writer


def _repeats(x: Any, reps: Any) -> tuple[Shape, Shape]:
    """Shape and counts of a tiling, made equally long by ones in front."""
    shape, counts = np.shape(x), dims(reps)
    ndim = max(len(shape), len(counts))
    return (1,) * (ndim - len(shape)) + shape, (1,) * (ndim - len(counts)) + counts


def _tile_vjp(g: Any, out: Any, x: Any, reps: Any) -> Any:
    shape, counts = _repeats(x, reps)
    split = [n for pair in zip(counts, shape, strict=True) for n in pair]
    return np.reshape(g, split).sum(axis=tuple(range(0, 2 * len(shape), 2))).reshape(np.shape(x))


define(
    "tile",
    lambda x, reps: np.tile(x, dims(reps)),
    _tile_vjp,
    torch=lambda T, x, reps: T.tile(x, dims(reps)),
    primal=lambda w, x, reps: Text(f"{w.dialect.module}tile({x.text}, {dims(reps)})"),
    spellings=(
        "np.tile(A, $reps)",
        "torch.tile(input, $dims:reps)",
        "Tensor.tile(x, *$dims:reps)",
        "Tensor.repeat(x, *$repeats:reps)",
    ),
    linear=True,
    samples=(sample((3, 4), reps=2), sample((4,), reps=(3, 1)), sample((3, 1), reps=((1, 4),))),
)


def _repeat_vjp(g: Any, out: Any, x: Any, repeats: Any, axis: Any = None) -> Any:
    along = 0 if axis is None else int(axis)
    base = np.ravel(x) if axis is None else np.asarray(x)
    source = np.repeat(np.arange(base.shape[along]), repeats)
    moved = np.zeros_like(np.moveaxis(base, along, 0), dtype=float)
    np.add.at(moved, source, np.moveaxis(g, along, 0))
    return np.moveaxis(moved, 0, along).reshape(np.shape(x))


def _repeat_text(w: Writer, x: Text, repeats: Any, axis: Any = None) -> Text:
    torch = w.dialect.library == "torch"
    if torch and not isinstance(repeats, int):
        raise Unwritable("torch takes the repeats as a tensor")
    name = "repeat_interleave" if torch else "repeat"
    words = [literal(repeats)] + ([] if axis is None else [f"{w.dialect.axis}={axis}"])
    return Text(f"{w.dialect.module}{name}({x.text}, {', '.join(words)})")


define(
    "repeat",
    lambda x, repeats, axis=None: np.repeat(x, repeats, axis=axis),
    _repeat_vjp,
    torch=lambda T, x, repeats, axis=None: T.repeat_interleave(
        x, T.as_tensor(repeats) if np.ndim(repeats) else repeats, dim=axis
    ),
    primal=_repeat_text,
    spellings=(
        "np.repeat(a, $repeats, axis=None)",
        "ndarray.repeat(a, $repeats, axis=None)",
        "torch.repeat_interleave(input, $repeats, dim:axis=None)",
        "Tensor.repeat_interleave(x, $repeats, dim:axis=None)",
    ),
    linear=True,
    samples=(
        sample((3, 4), repeats=2),
        sample((3, 4), repeats=2, axis=1),
        sample((3, 4), repeats=[1, 2, 3], axis=0),
    ),
)


def _flip_text(w: Writer, x: Text, axis: Any = None) -> Text:
    if axis is None and x.shape is None:
        raise Unwritable("a flip of all axes of an unknown rank")
    axes = axes_of(axis, len(x.shape)) if x.shape is not None else dims(axis)
    return Text(f"{w.dialect.module}flip({x.text}, {axes})")


define(
    "flip",
    lambda x, axis=None: np.flip(x, plain_axis(axis)),
    lambda g, out, x, axis=None: np.flip(g, plain_axis(axis)),
    torch=lambda T, x, axis=None: T.flip(x, axes_of(axis, x.dim())),
    primal=_flip_text,
    spellings=(
        "np.flip(m, axis=None)",
        Spell("np.fliplr(m)", {"axis": 1}),
        Spell("np.flipud(m)", {"axis": 0}),
        "torch.flip(input, $dims:axis)",
        "Tensor.flip(x, *$dims:axis)",
    ),
    linear=True,
    samples=(sample((3, 4)), sample((3, 4), axis=1), sample((3, 4), axis=(0, 1))),
)


def _roll(x: Any, shift: Any, axis: Any = None) -> Array:
    shift = tuple(shift) if isinstance(shift, list) else shift
    return np.roll(x, shift, plain_axis(axis))


define(
    "roll",
    _roll,
    lambda g, out, x, shift, axis=None: _roll(
        g, tuple(-s for s in shift) if isinstance(shift, (tuple, list)) else -shift, axis
    ),
    torch=lambda T, x, shift, axis=None: T.roll(x, shift, axis),
    spellings=(
        "np.roll(a, $shift, axis=None)",
        "torch.roll(input, $shifts:shift, dims:axis=None)",
        "Tensor.roll(x, $shifts:shift, dims:axis=None)",
    ),
    linear=True,
    samples=(sample((3, 4), shift=1), sample((3, 4), shift=2, axis=1)),
)
