"""Where entries are and in what order: nonzero, sorting, unique values, counting, flat indices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.ops.gathering import _grid
from gradlint.ops.indexing import ROWS, scattered
from gradlint.ops.op import OPS, Array, Sample, sample
from gradlint.ops.registry import define, step
from gradlint.ops.spelling import Bound, IsArray, Spell


def _rows(bound: Bound, _is_array: IsArray) -> Bound:
    return replace(bound, result="rows")


def _tuple_asked(bound: Bound, _is_array: IsArray) -> Bound:
    """`torch.nonzero`: one row an entry, or a tuple of indices as in numpy."""
    if bound.params.pop("as_tuple"):
        return replace(bound, result="rows")
    return replace(bound, op=OPS["argwhere"])


NONZERO = (Sample((np.array([[0.0, 2.0, 0.0], [1.0, 0.0, -3.0]]),)), sample((3,)))
step(
    "nonzero",
    lambda x: np.array(np.nonzero(np.atleast_1d(x))),
    torch=lambda T, x: T.stack(T.nonzero(x, as_tuple=True)),
    spellings=(
        Spell("np.nonzero(a)", adapt=_rows),
        Spell("ndarray.nonzero(a)", adapt=_rows),
        Spell("torch.nonzero(input, as_tuple=False)", adapt=_tuple_asked),
        Spell("Tensor.nonzero(x, as_tuple=False)", adapt=_tuple_asked),
    ),
    samples=NONZERO,
)
step(
    "argwhere",
    lambda x: np.argwhere(x),
    torch=lambda T, x: T.argwhere(x),
    spellings=("np.argwhere(a)", "torch.argwhere(input)", "Tensor.argwhere(x)"),
    samples=NONZERO,
)
step(
    "flatnonzero",
    lambda x: np.flatnonzero(x),
    torch=lambda T, x: T.nonzero(x.flatten()).flatten(),
    spellings=("np.flatnonzero(a)",),
    samples=NONZERO,
)


def _sort(x: Any, axis: Any = -1, descending: bool = False) -> Array:
    done = np.sort(x, axis=axis)
    return np.flip(done, -1 if axis is None else axis) if descending else done


def _sort_vjp(g: Any, out: Any, x: Any, axis: Any = -1, descending: bool = False) -> Any:
    base = np.ravel(x) if axis is None else np.asarray(x)
    along = 0 if axis is None else int(axis)
    order = np.argsort(base, axis=along)
    order = np.flip(order, along) if descending else order
    return scattered(g, base.shape, _grid(order, along)).reshape(np.shape(x))


def _ordered(bound: Bound, _is_array: IsArray) -> Bound:
    return replace(bound, result="values_indices", indices="argsort")


define(
    "sort",
    _sort,
    _sort_vjp,
    torch=lambda T, x, axis=-1, descending=False: T.sort(
        x.flatten() if axis is None else x, -1 if axis is None else axis, descending
    )[0],
    spellings=(
        "np.sort(a, axis=-1, kind=None, order=None)",
        Spell("ndarray.sort(a, axis=-1, kind=None, order=None)", in_place=True),
        Spell("torch.sort(input, dim:axis=-1, descending=False)", adapt=_ordered),
        Spell("Tensor.sort(x, dim:axis=-1, descending=False)", adapt=_ordered),
        Spell("torch.msort(input)", {"axis": 0}),
    ),
    samples=(sample((3, 4)), sample((3, 4), axis=0), sample((5,), axis=-1, descending=True)),
)


def _top(x: Any, count: int, axis: int = -1, largest: bool = True, **_: Any) -> Array:
    order = np.argsort(-np.asarray(x) if largest else x, axis=axis, kind="stable")
    return np.take(order, np.arange(int(count)), axis=axis)


def _top_values(x: Any, count: int, axis: int = -1, largest: bool = True) -> Array:
    return np.take_along_axis(np.asarray(x), _top(x, count, axis, largest), axis)


def _top_vjp(g: Any, out: Any, x: Any, count: int, axis: int = -1, largest: bool = True) -> Array:
    return scattered(g, np.shape(x), _grid(_top(x, count, axis, largest), axis))


def _both(bound: Bound, _is_array: IsArray) -> Bound:
    bound.params.pop("sorted", None)
    return replace(bound, result="values_indices", indices="top_indices")


TOP = (sample((3, 5), count=2), sample((4, 3), count=3, axis=0, largest=False))
define(
    "topk",
    _top_values,
    _top_vjp,
    torch=lambda T, x, count, axis=-1, largest=True: T.topk(x, count, axis, largest)[0],
    spellings=tuple(
        Spell(f"{head}.topk(x, $k:count, dim:axis=-1, largest=True, sorted=True)", adapt=_both)
        for head in ("torch", "Tensor")
    ),
    samples=TOP,
)
step(
    "top_indices",
    _top,
    torch=lambda T, x, count, axis=-1, largest=True: T.topk(x, count, axis, largest)[1],
    samples=TOP,
)


def _kth(bound: Bound, _is_array: IsArray) -> Bound:
    return replace(bound, result="values_indices", indices="kth_index")


def _kth_index(x: Any, k: int, axis: int = -1, keepdims: bool = False) -> Array:
    found = np.take(np.argsort(x, axis=axis, kind="stable"), [int(k) - 1], axis=axis)
    return found if keepdims else np.squeeze(found, axis)


def _kth_value(x: Any, k: int, axis: int = -1, keepdims: bool = False) -> Array:
    found = np.take_along_axis(np.asarray(x), _kth_index(x, k, axis, True), axis)
    return found if keepdims else np.squeeze(found, axis)


def _kth_vjp(g: Any, out: Any, x: Any, k: int, axis: int = -1, keepdims: bool = False) -> Array:
    g = g if keepdims else np.expand_dims(g, axis)
    return scattered(g, np.shape(x), _grid(_kth_index(x, k, axis, True), axis))


KTH = (sample((3, 4), k=2), sample((3, 4), k=1, axis=0, keepdims=True))
define(
    "kthvalue",
    _kth_value,
    _kth_vjp,
    torch=lambda T, x, k, axis=-1, keepdims=False: T.kthvalue(x, k, axis, keepdims)[0],
    spellings=tuple(
        Spell(f"{head}.kthvalue(x, $k, dim:axis=-1, keepdim:keepdims=False)", adapt=_kth)
        for head in ("torch", "Tensor")
    ),
    samples=KTH,
)
step(
    "kth_index",
    _kth_index,
    torch=lambda T, x, k, axis=-1, keepdims=False: T.kthvalue(x, k, axis, keepdims)[1],
    samples=KTH,
)


def _partition(name: str) -> None:
    sort = getattr(np, name)
    step(
        name,
        lambda x, kth, axis=-1: sort(x, kth, axis=axis),
        torch=lambda T, x, kth, axis=-1: T.as_tensor(sort(x.detach().numpy(), kth, axis=axis)),
        spellings=(
            f"np.{name}(a, $kth, axis=-1, kind=None, order=None)",
            *(
                [f"ndarray.{name}(a, $kth, axis=-1, kind=None, order=None)"]
                if "arg" in name
                else []
            ),
        ),
        samples=(sample((3, 4), kth=2),),
    )


_partition("argpartition")
_partition("partition")

# Unique values and counting


def _asked(names: tuple[str, ...]) -> Any:
    def adapt(bound: Bound, _is_array: IsArray) -> Bound:
        flags = {name: bound.params.pop(name, False) for name in names}
        bound.params.pop("sorted", None)
        wanted = [f"unique_{name}" for name in names if flags[name]]
        if not wanted:
            return bound
        parts = (bound, *(replace(bound, op=OPS[name]) for name in wanted))
        return replace(bound, parts=parts)

    return adapt


_UNIQUE: Any = np.unique
TWICE = Sample((np.array([2.0, -1.0, 2.0, 0.5, -1.0]),))
LABELS = Sample((np.array([2, 0, 2, 1, 5]),))
step(
    "unique",
    lambda x, axis=None: np.unique(x, axis=axis),
    torch=lambda T, x, axis=None: T.unique(x, dim=axis),
    spellings=(
        Spell(
            "np.unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None)",
            adapt=_asked(("return_index", "return_inverse", "return_counts")),
        ),
        *(
            Spell(
                f"{head}.unique(x, sorted=True, return_inverse=False, return_counts=False, "
                "dim:axis=None)",
                adapt=_asked(("return_inverse", "return_counts")),
            )
            for head in ("torch", "Tensor")
        ),
    ),
    samples=(TWICE, LABELS),
)
for _place, _name in enumerate(("return_index", "return_inverse", "return_counts")):
    step(
        f"unique_{_name}",
        lambda x, axis=None, _name=_name: _UNIQUE(x, axis=axis, **{_name: True})[1],
        torch=lambda T, x, axis=None, _name=_name: T.as_tensor(
            _UNIQUE(x.detach().numpy(), axis=axis, **{_name: True})[1]
        ),
        samples=(TWICE, LABELS),
    )


def _bins(x: Any, least: int) -> int:
    return max(int(least or 0), int(np.max(x, initial=-1)) + 1)


define(
    "bincount",
    lambda x, weights, least=0: np.bincount(
        np.asarray(x), None if weights is None else weights, int(least or 0)
    ),
    None,
    lambda g, out, x, weights, least=0: g[np.asarray(x)],
    torch=lambda T, x, weights, least=0: T.zeros(
        _bins(x.numpy(), least), dtype=weights.dtype
    ).index_add(0, x, weights),
    spellings=(
        Spell("np.bincount(x, @weights=None, minlength:least=0)", adapt=lambda b, a: _counted(b)),
        Spell(
            "torch.bincount(x, @weights=None, minlength:least=0)", adapt=lambda b, a: _counted(b)
        ),
        Spell(
            "Tensor.bincount(x, @weights=None, minlength:least=0)", adapt=lambda b, a: _counted(b)
        ),
        Spell("numpy_groupies.aggregate(x, weights, size:least=0)"),
    ),
    samples=(Sample((ROWS, (4,))), Sample((ROWS, (4,)), {"least": 5})),
)


def _counted(bound: Bound) -> Bound:
    if bound.inputs[1] is not None:
        return bound
    return replace(bound, op=OPS["counted"], inputs=bound.inputs[:1])


step(
    "counted",
    lambda x, least=0: np.bincount(np.asarray(x), minlength=int(least or 0)),
    torch=lambda T, x, least=0: T.bincount(x, minlength=least),
    samples=(Sample((ROWS,)), Sample((ROWS,), {"least": 5})),
)
step(
    "searchsorted",
    lambda a, v, side="left", sorter=None: np.searchsorted(a, v, side, sorter),
    torch=lambda T, a, v, side="left", sorter=None: T.searchsorted(a, v, side=side),
    spellings=(
        "np.searchsorted(a, v, side='left', sorter=None)",
        "ndarray.searchsorted(a, v, side='left', sorter=None)",
        "torch.searchsorted(sorted_sequence, values, side='left', sorter=None)",
    ),
    samples=(Sample((np.array([-1.0, 0.0, 1.5]), (2, 3))),),
)
step(
    "digitize",
    lambda x, bins, right=False: np.digitize(x, bins, bool(right)),
    torch=lambda T, x, bins, right=False: T.bucketize(x, bins, right=not right),
    spellings=("np.digitize(x, bins, right=False)",),
    samples=(Sample(((2, 3), np.array([-1.0, 0.0, 1.5]))),),
)
step(
    "isin",
    lambda x, values: np.isin(x, values),
    spellings=("np.isin(element, test_elements)", "torch.isin(elements, test_elements)"),
    samples=(Sample((np.array([3, 1, 4]), np.array([4, 3, 7]))),),
)
step(
    "unravel_index",
    lambda x, shape: np.array(np.unravel_index(np.asarray(x), shape)),
    torch=lambda T, x, shape: T.stack(T.unravel_index(x, shape)),
    spellings=(
        Spell("np.unravel_index(indices, $shape, order=None)", adapt=_rows),
        Spell("torch.unravel_index(indices, $shape)", adapt=_rows),
    ),
    samples=(Sample((np.array([5, 11, 0]),), {"shape": (3, 4)}),),
)
step(
    "ravel_multi_index",
    lambda *xs, shape: np.ravel_multi_index(tuple(np.asarray(x) for x in xs), shape),
    torch=lambda T, *xs, shape: T.as_tensor(np.ravel_multi_index([x.numpy() for x in xs], shape)),
    spellings=("np.ravel_multi_index([multi_index], $dims:shape, order=None)",),
    variadic=True,
    samples=(Sample((np.array([2, 0]), np.array([1, 3])), {"shape": (3, 4)}),),
)
