"""Joining arrays, cutting them apart, padding them. All linear, each VJP undoes the op."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from gradlint.ops.op import Array, OpError, sample
from gradlint.ops.rearranging import numbered, put_back
from gradlint.ops.registry import define
from gradlint.ops.spelling import Bound, IsArray, Spell
from gradlint.ops.text import Text
from gradlint.ops.writing import Unwritable, Writer


def _part(g: Array, sizes: list[int], argnum: int, axis: int) -> Array:
    start = sum(sizes[:argnum])
    return np.take(g, np.arange(start, start + sizes[argnum]), axis=axis)


def _concatenate_vjp(g: Any, out: Any, *xs: Any, axis: Any = 0, argnum: int) -> Any:
    if axis is None:
        return _part(g, [np.size(x) for x in xs], argnum, 0).reshape(np.shape(xs[argnum]))
    return _part(g, [np.shape(x)[axis] for x in xs], argnum, axis)


def _write_part(w: Writer, g: Text, out: Text, *xs: Text, axis: Any = 0, argnum: int) -> Text:
    if axis is None and len(w.shape_in(argnum)) > 1:
        raise Unwritable("a concatenation of flattened arrays")
    shapes = [(prod(shape),) for shape in w.in_shapes] if axis is None else w.in_shapes
    return _write_stretch(w, w.filled(g, out, w.shape_out), shapes, axis or 0, argnum)


def _write_stretch(
    w: Writer, g: Text, shapes: Sequence[tuple[int, ...]], axis: int, argnum: int
) -> Text:
    """The part of `g` that one of several inputs of `shapes` was joined into, an entry by its number."""
    sizes = [shape[axis] if shape else 1 for shape in shapes]
    ahead, behind = sum(sizes[:argnum]), sum(sizes[argnum + 1 :])
    cut = ":, " * (axis % len(w.shape_out))
    if not w.shape_in(argnum):
        return Text(f"{g.at_least(6)}[{ahead if behind else -1}]", shape=())
    first = w.size(ahead).text if ahead else ""
    last = "-1" if behind == 1 else w.size(ahead + sizes[argnum]).text if behind else ""
    return Text(f"{g.at_least(6)}[{cut}{first}:{last}]", shape=w.shape_in(argnum))


def _write_layer(w: Writer, g: Text, out: Text, *xs: Text, axis: int = 0, argnum: int) -> Text:
    g = w.filled(g, out, w.shape_out)
    cut = ":, " * (axis % len(w.shape_out))
    return Text(f"{g.at_least(6)}[{cut}{argnum}]", shape=w.shape_in(argnum))


define(
    "concatenate",
    lambda *xs, axis=0: np.concatenate(xs, axis=axis),
    _concatenate_vjp,
    torch=lambda T, *xs, axis=0: (
        T.cat([x.flatten() for x in xs]) if axis is None else T.cat(xs, dim=axis)
    ),
    spellings=(
        "np.concatenate([arrays], axis=0, out=None)",
        "np.concat([arrays], axis=0, out=None)",
        "np.append(arr, values, axis=None)",
        "torch.cat([tensors], dim:axis=0)",
        "torch.concat([tensors], dim:axis=0)",
        "torch.concatenate([tensors], dim:axis=0)",
    ),
    write=(_write_part,),
    linear=True,
    variadic=True,
    samples=(
        sample((3, 4), (2, 4)),
        sample((3, 4), (3, 2), (3, 1), axis=1),
        sample((3, 4), (2,), axis=None),
    ),
)
define(
    "stack",
    lambda *xs, axis=0: np.stack(xs, axis=axis),
    lambda g, out, *xs, axis=0, argnum: np.take(g, argnum, axis=axis),
    torch=lambda T, *xs, axis=0: T.stack(xs, dim=axis),
    spellings=("np.stack([arrays], axis=0, out=None)", "torch.stack([tensors], dim:axis=0)"),
    write=(_write_layer,),
    linear=True,
    variadic=True,
    samples=(sample((3, 4), (3, 4)), sample((3,), (3,), (3,), axis=1)),
)


def _joined_axis(name: str, x: Any) -> int:
    """The axis of vstack, hstack, dstack or column_stack, once their inputs have been reshaped."""
    return {"vstack": 0, "hstack": 0 if np.ndim(x) < 2 else 1, "column_stack": 1}[name]


def _raised(name: str, x: Any) -> Any:
    """The shape that such a function gives an input before it joins."""
    shape = np.shape(x)
    if name == "vstack":
        return (1,) * (2 - len(shape)) + shape
    return shape or (1,) if name == "hstack" else shape + (1,) * (2 - len(shape))


def _define_joiner(name: str, spellings: tuple[str, ...]) -> None:
    def vjp(g: Any, out: Any, *xs: Any, argnum: int) -> Any:
        axis = _joined_axis(name, xs[0])
        sizes = [_raised(name, x)[axis] for x in xs]
        return _part(g, sizes, argnum, axis).reshape(np.shape(xs[argnum]))

    def write(w: Writer, g: Text, out: Text, *xs: Text, argnum: int) -> Text:
        g = w.filled(g, out, w.shape_out)
        axis, shapes = _joined_axis(name, np.empty(w.in_shapes[0])), w.in_shapes
        if _raised(name, np.empty(shapes[argnum])) == shapes[argnum]:
            return _write_stretch(w, g, shapes, axis, argnum)
        if any(_raised(name, np.empty(shape)) == shape for shape in shapes):
            raise Unwritable("arrays of several ranks side by side")
        return Text(f"{g.at_least(6)}[{':, ' * axis}{argnum}]", shape=w.shape_in(argnum))

    define(
        name,
        lambda *xs: getattr(np, name)(xs),
        vjp,
        torch=lambda T, *xs: getattr(T, name)(xs),
        spellings=spellings,
        write=(write,),
        linear=True,
        variadic=True,
        samples=(sample((3, 4), (3, 4)), sample((4,), (4,))),
    )


_define_joiner(
    "vstack", ("np.vstack([tup])", "torch.vstack([tensors])", "torch.row_stack([tensors])")
)
_define_joiner("hstack", ("np.hstack([tup])", "torch.hstack([tensors])"))
_define_joiner("column_stack", ("np.column_stack([tup])", "torch.column_stack([tensors])"))


def _bounds(n: int, sections: Any) -> list[int]:
    """Where to cut an axis of size n: numpy's `sections`, a number of equal parts or the cuts."""
    if isinstance(sections, (int, np.integer)):
        if sections <= 0 or n % sections:
            raise OpError(f"split() into {sections} equal parts of {n}")
        return list(range(0, n + 1, n // int(sections)))
    return [0, *(int(c) for c in sections), n]


def _nearly_equal(n: int, parts: Any) -> list[int]:
    """Where `array_split` cuts: at the cuts, or into parts of which the first may be one longer."""
    if not isinstance(parts, (int, np.integer)):
        return _bounds(n, parts)
    short, longer = divmod(n, int(parts))
    return [i * short + min(i, longer) for i in range(int(parts) + 1)]


def _torch_bounds(n: int, size: Any) -> list[int]:
    """Where torch's `split` cuts: a size of every part or the sizes of all."""
    if isinstance(size, (int, np.integer)):
        return [*range(0, n, int(size)), n]
    return [0, *(int(c) for c in np.cumsum(size))]


def cuts(
    n: int, sections: Any = None, size: Any = None, chunks: Any = None, parts: Any = None
) -> list[int]:
    """The bounds of the parts of an axis of size n, from whichever argument is given."""
    if parts is not None:
        return _nearly_equal(n, parts)
    if sections is not None:
        return _bounds(n, sections)
    return _torch_bounds(n, size if chunks is None else -(-n // int(chunks)))


def _split(x: Any, axis: int = 0, part: int | None = None, **how: Any) -> Any:
    """All parts as a list, or one of them."""
    pairs = _pairs(cuts(np.shape(x)[axis], **how))
    parts = [np.take(x, np.arange(a, b), axis=axis) for a, b in pairs]
    return parts if part is None else parts[part]


def _split_vjp(
    g: Any, out: Any, x: Any, axis: int = 0, part: int | None = None, **how: Any
) -> Array:
    """The cotangent of one part, or of all where equal parts are kept as one array of them."""
    if part is None:
        return np.concatenate(list(g), axis=axis)
    start, end = _pairs(cuts(np.shape(x)[axis], **how))[part]
    result = np.zeros(np.shape(x))
    np.moveaxis(result, axis, 0)[start:end] = np.moveaxis(g, axis, 0)
    return result


def _torch_split(T: Any, x: Any, axis: int = 0, part: int | None = None, **how: Any) -> Any:
    sizes = [b - a for a, b in _pairs(cuts(x.shape[axis], **how))]
    parts = T.split(x, sizes, dim=axis)
    return parts if part is None else parts[part]


def _listed(bound: Bound, _is_array: IsArray) -> Bound:
    return replace(bound, result="list", cuts=_slices)


def _slices(shape: tuple[int, ...], axis: int = 0, **how: Any) -> list[object]:
    """The indices of the parts of an array of that shape."""
    before = (slice(None),) * (axis % len(shape))
    return [(*before, slice(a, b)) for a, b in _pairs(cuts(shape[axis], **how))]


define(
    "split",
    _split,
    _split_vjp,
    torch=_torch_split,
    spellings=(
        Spell("np.split(ary, $indices_or_sections:sections, axis=0)", adapt=_listed),
        Spell("np.hsplit(ary, $indices_or_sections:sections)", {"axis": 1}, _listed),
        Spell("np.vsplit(ary, $indices_or_sections:sections)", {"axis": 0}, _listed),
        Spell("np.array_split(ary, $indices_or_sections:parts, axis=0)", adapt=_listed),
        Spell("torch.tensor_split(x, $indices_or_sections:parts, dim:axis=0)", adapt=_listed),
        Spell("Tensor.tensor_split(x, $indices_or_sections:parts, dim:axis=0)", adapt=_listed),
        *(
            Spell(text.format(head), adapt=_listed)
            for head in ("torch", "Tensor")
            for text in (
                "{}.split(x, $split_size_or_sections:size, dim:axis=0)",
                "{}.chunk(x, $chunks, dim:axis=0)",
            )
        ),
    ),
    linear=True,
    samples=(
        sample((4, 3), sections=2, part=1),
        sample((3, 4), sections=[1, 3], axis=1, part=2),
        sample((3, 4), size=2, axis=0, part=1),
        sample((3, 4), size=[1, 3], axis=-1, part=0),
        sample((3, 4), chunks=2, axis=1, part=1),
        sample((3, 5), parts=3, axis=1, part=1),
    ),
)


def _pairs(bounds: list[int]) -> list[tuple[int, int]]:
    return list(pairwise(bounds))


def _widths(x: Any, width: Any) -> list[tuple[int, int]]:
    """numpy's pad_width, one pair for each axis."""
    pairs = np.broadcast_to(np.asarray(width, dtype=int), (np.ndim(x), 2))
    return [(int(a), int(b)) for a, b in pairs]


MODES: dict[str, Any] = {
    "edge": "edge",
    "replicate": "edge",
    "reflect": "reflect",
    "symmetric": "symmetric",
    "wrap": "wrap",
    "circular": "wrap",
}


def _pad_vjp(g: Any, out: Any, x: Any, width: Any, mode: str = "constant", value: Any = 0) -> Array:
    if mode != "constant":
        return put_back(_pad(numbered(np.shape(x)), width, mode), g, np.shape(x))
    inner = tuple(slice(a, a + n) for (a, _), n in zip(_widths(x, width), np.shape(x), strict=True))
    return np.asarray(g[inner])


def _pad(x: Any, width: Any, mode: str = "constant", value: Any = 0) -> Array:
    if mode == "constant":
        return np.pad(x, _widths(x, width), constant_values=0 if value is None else value)
    if mode not in MODES:
        raise OpError(f"pad() in mode {mode!r} is not understood")
    return np.pad(x, _widths(x, width), mode=MODES[mode])


def _torch_pad(T: Any, x: Any, width: Any, mode: str = "constant", value: Any = 0) -> Any:
    flat = [int(n) for pair in _widths(x, width)[::-1] for n in pair]
    if mode == "constant":
        return T.nn.functional.pad(x, flat, value=value)
    numbers = _pad(np.arange(x.numel()).reshape(tuple(x.shape)), width, mode)
    return x.flatten()[T.as_tensor(numbers)]


define(
    "pad",
    _pad,
    _pad_vjp,
    torch=_torch_pad,
    spellings=("np.pad(array, $pad_width:width, mode='constant', constant_values:value=0)",),
    linear=True,
    samples=(
        sample((3, 4), width=1),
        sample((3, 4), width=((1, 2), (0, 1))),
        sample((3, 4), width=1, mode="reflect"),
        sample((3, 4), width=((2, 0), (0, 1)), mode="edge"),
        sample((3, 4), width=2, mode="wrap"),
    ),
)


def _torch_widths(x: Any, pad: Any) -> list[tuple[int, int]]:
    """torch's pad, pairs from the last axis backwards, as numpy's."""
    pairs = [(int(pad[i]), int(pad[i + 1])) for i in range(0, len(pad), 2)][::-1]
    return [(0, 0)] * (np.ndim(x) - len(pairs)) + pairs


define(
    "pad_last",
    lambda x, pad, mode="constant", value=0: _pad(x, _torch_widths(x, pad), mode, value),
    lambda g, out, x, pad, mode="constant", value=0: _pad_vjp(
        g, out, x, _torch_widths(x, pad), mode
    ),
    torch=lambda T, x, pad, mode="constant", value=0: T.nn.functional.pad(
        x, list(pad), mode, value
    ),
    spellings=("F.pad(input, $pad, mode='constant', value=0)",),
    linear=True,
    samples=(sample((3, 4), pad=(1, 2)), sample((2, 3, 4), pad=(1, 2, 0, 1))),
)
