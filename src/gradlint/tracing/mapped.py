"""Functions of numpy that call a function of the script, or that make several arrays at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.tracing.leaves import known, shape_of
from gradlint.tracing.values import Native, Opaque, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls


def _array(m: Calls, value: Any) -> Traced:
    return value if isinstance(value, Traced) else m.tensor_of(value, "numpy")


def _reshaped(m: Calls, value: Any, shape: tuple[int, ...]) -> Any:
    return m.apply("reshape", [value], {"shape": shape})


@known("numpy.broadcast_arrays")
def _broadcast_arrays(m: Calls, *values: Any, **kw: Any) -> Any:
    arrays = [_array(m, value) for value in values]
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return [m.apply("broadcast_to", [array], {"shape": shape}) for array in arrays]


# A function of one entry, of one row


@known("numpy.vectorize", "numpy.frompyfunc")
def _vectorize(m: Calls, func: Any = None, *counts: Any, **kw: Any) -> Any:
    if func is None:
        return Native("vectorize", lambda m, f: _vectorize(m, f))
    return Native("vectorized", lambda m, *values: _entry_by_entry(m, func, values))


def _entry_by_entry(m: Calls, func: Any, values: tuple[Any, ...]) -> Any:
    """`func` called with the entries of each place of the arrays, broadcast together."""
    arrays = [_array(m, value) for value in values]
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    flat = []
    for array in arrays:
        wide = array if array.shape == shape else m.apply("broadcast_to", [array], {"shape": shape})
        flat.append(m.items(_reshaped(m, wide, (-1,))) or [])
    rows = [m.call(func, list(row), {}, None) for row in zip(*flat, strict=True)]
    for made in rows:
        if isinstance(made, Opaque):
            return made
    if rows and isinstance(rows[0], tuple):
        return tuple(_stacked(m, list(part), shape) for part in zip(*rows, strict=True))
    return _stacked(m, rows, shape)


def _stacked(m: Calls, parts: list[Any], shape: tuple[int, ...]) -> Any:
    return _reshaped(m, m.tensor_of(parts, "numpy"), shape)


@known("numpy.apply_along_axis")
def _apply_along_axis(m: Calls, func: Any, axis: Any, array: Any, *args: Any, **kw: Any) -> Any:
    along = int(plain(axis))
    moved = m.apply("moveaxis", [_array(m, array)], {"source": along, "target": -1})
    lead = moved.shape[:-1]
    rows = m.items(_reshaped(m, moved, (-1, moved.shape[-1]))) or []
    made = [m.call(func, [row, *args], kw, None) for row in rows]
    for row in made:
        if isinstance(row, Opaque):
            return row
    stacked = m.tensor_of(made, "numpy")
    inner = stacked.shape[1:]
    whole = _reshaped(m, stacked, (*lead, *inner))
    if not inner:
        return whole
    return m.apply("moveaxis", [whole], {"source": -1, "target": along})


@known("numpy.fromfunction")
def _fromfunction(m: Calls, func: Any, shape: Any, **kw: Any) -> Any:
    grids = [m.leaf(grid.astype(float), "numpy") for grid in np.indices(shape_of(m, shape))]
    return m.call(func, list(grids), {}, None)


@known("numpy.fromiter")
def _fromiter(m: Calls, values: Any, *rest: Any, **kw: Any) -> Any:
    return m.tensor_of(m.items(values) or [], "numpy")


@known("numpy.piecewise")
def _piecewise(m: Calls, x: Any, conditions: Any, functions: Any, *args: Any) -> Any:
    values = [_value_of(m, f, x, args) for f in functions]
    chosen = list(m.items(conditions) or [])
    default = values.pop() if len(values) > len(chosen) else 0.0
    return _chosen(m, chosen, values, default)


def _value_of(m: Calls, func: Any, x: Any, args: tuple[Any, ...]) -> Any:
    if isinstance(func, Traced | int | float):
        return func
    return m.call(func, [x, *args], {}, None)


@known("numpy.select")
def _select(m: Calls, condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    return _chosen(m, m.items(condlist) or [], m.items(choicelist) or [], default)


def _chosen(m: Calls, conditions: list[Any], values: list[Any], default: Any) -> Any:
    """The value of the first condition that holds, entry by entry."""
    for condition, value in list(zip(conditions, values, strict=True))[::-1]:
        default = m.apply("where", [condition, value, default], {})
    return default


@known("numpy.choose")
def _choose(m: Calls, index: Any, choices: Any, **kw: Any) -> Any:
    values = m.items(choices) or []
    made = values[-1]
    for i in range(len(values) - 2, -1, -1):
        made = m.apply("where", [m.apply("equal", [index, i], {}), values[i], made], {})
    return made


# Methods of numpy's functions

_METHODS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min",
            "logical_and": "all", "logical_or": "any"}  # fmt: skip
for _name, _op in _METHODS.items():
    known(f"numpy.{_name}.reduce")(
        lambda m, a, axis=0, *rest, _op=_op, **kw: m.apply(
            _op, [a], {"axis": plain(axis), "keepdims": bool(plain(kw.get("keepdims", False)))}
        )
    )
for _name, _op in (
    ("add", "cumsum"),
    ("multiply", "cumprod"),
    ("maximum", "cummax"),
    ("minimum", "cummin"),
):
    known(f"numpy.{_name}.accumulate")(
        lambda m, a, axis=0, *rest, _op=_op, **kw: m.apply(_op, [a], {"axis": plain(axis)})
    )


def _outer(name: str) -> None:
    def outer(m: Calls, a: Any, b: Any) -> Any:
        left, right = _array(m, a), _array(m, b)
        column = _reshaped(m, left, (*left.shape, *(1,) * len(right.shape)))
        return m.apply(name, [column, right], {})

    known(f"numpy.{name}.outer")(outer)


for _name in ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "equal",
              "less", "greater", "less_equal", "greater_equal"):  # fmt: skip
    _outer(_name)

# Grids


@known("numpy.meshgrid")
def _meshgrid(m: Calls, *axes: Any, indexing: Any = "xy", **kw: Any) -> Any:
    return _grids(m, axes, str(plain(indexing)))


@known("torch.meshgrid")
def _torch_meshgrid(m: Calls, *axes: Any, indexing: Any = "ij") -> Any:
    given = axes[0] if len(axes) == 1 and isinstance(axes[0], list | tuple) else axes
    return tuple(_grids(m, tuple(given), str(plain(indexing))))


def _grids(m: Calls, axes: tuple[Any, ...], indexing: str) -> list[Any]:
    arrays = [_array(m, a) for a in axes]
    order = list(range(len(arrays)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = [1, 0]
    shape = tuple(int(np.size(arrays[i].value)) for i in order)
    found = []
    for i, array in enumerate(arrays):
        line = [1] * len(arrays)
        line[order.index(i)] = -1
        wide = m.apply("broadcast_to", [_reshaped(m, array, tuple(line))], {"shape": shape})
        found.append(m.apply("copy", [wide], {}))
    return found


@known("numpy.indices")
def _indices(m: Calls, dimensions: Any, **kw: Any) -> Any:
    return m.leaf(np.indices(shape_of(m, dimensions)), "numpy")


@known("numpy.ix_")
def _ix(m: Calls, *axes: Any) -> Any:
    return tuple(np.ix_(*(np.asarray(plain(a)) for a in axes)))


@known("numpy.ndindex")
def _ndindex(m: Calls, *shape: Any) -> Any:
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], list | tuple) else shape
    return list(np.ndindex(*(int(n) for n in plain(list(sizes)))))


@known("numpy.ndenumerate")
def _ndenumerate(m: Calls, array: Any) -> Any:
    made = _array(m, array)
    return [(index, m.index(made, index)) for index in np.ndindex(*made.shape)]


for _name in ("tril_indices", "triu_indices", "diag_indices"):
    known(f"numpy.{_name}")(
        lambda m, n, *more, _name=_name, **kw: tuple(
            m.leaf(part, "numpy")
            for part in getattr(np, _name)(int(plain(n)), *(int(plain(k)) for k in more),
                                           **{k: int(plain(v)) for k, v in kw.items()})
        )
    )  # fmt: skip
for _name in (
    "logspace",
    "geomspace",
    "tri",
    "hanning",
    "hamming",
    "kaiser",
    "bartlett",
    "blackman",
):
    known(f"numpy.{_name}")(
        lambda m, *args, _name=_name, **kw: m.leaf(
            np.asarray(
                getattr(np, _name)(*plain(list(args)), **{k: plain(v) for k, v in kw.items()})
            ),
            "numpy",
        )
    )
