"""Calls that make arrays out of nothing: zeros, ranges, literal data.

Each maker takes the machine and the arguments of the call, with traced integers where literals
stood, so that a literal that becomes a dimension is known as one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.ops.copies import kind_of
from gradlint.tracing import matrices, text_files
from gradlint.tracing.failing import NotKnown, unknown_in
from gradlint.tracing.values import Foreign, LibraryPath, Opaque, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.machine import Machine

Maker = Callable[..., Any]
_MAKERS: dict[str, Maker] = {}
_DTYPES: dict[str, type] = {"float": float, "int": int, "bool": bool}
LARGEST_DATUM = 20.0
"""Literal data beyond this saturate a sigmoid at weights of size one; they are scaled to `USUAL_DATUM`."""
USUAL_DATUM = 2.0
IMAGE_RANK = 4
"""An array of so many axes holds images, of which none is left where a window is larger than they are."""
GRID = 12
"""Points of a range that spans the data: it asks for as many as a picture needs."""


def maker(path: str) -> Maker | None:
    """The maker for the function at a dotted path, or None."""
    return _MAKERS.get(path)


def makes(*paths: str) -> Callable[[Maker], Maker]:
    """Register a maker under dotted paths."""

    def register(function: Maker) -> Maker:
        for path in paths:
            _MAKERS[path] = function
        return function

    return register


def shape_of(m: Machine, size: Any) -> tuple[int, ...]:
    """A shape from an argument: an integer, a tuple or list of integers, or None for rank 0."""
    if size is None:
        return ()
    parts = size if isinstance(size, list | tuple) else [size]
    parts = [m.asked_count(part) for part in parts]
    for part in parts:
        m.note_sizes(part, m.facts.dimensions)
    if (unknown := unknown_in(parts)) is not None:
        raise NotKnown(unknown)
    found = tuple(int(v) for v in plain(list(parts)))
    if any(n < 0 for n in found) or (len(found) == IMAGE_RANK and 0 in found):
        m.misfit("window", (), {}, f"a window does not fit: the size {min(found)}")
    m.spend(math.prod(found))
    return found


def given_shape(m: Machine, shape: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[int, ...]:
    size = kwargs.get("size", kwargs.get("shape"))
    if size is None and len(shape) == 1 and isinstance(shape[0], list | tuple):
        size = shape[0]
    return shape_of(m, shape if size is None else size)


def stored(value: Any, dtype: Any) -> np.ndarray[Any, Any]:
    """`value` as an array that stores what `dtype` says: floats, integers or flags."""
    kind = _DTYPES.get(kind_of(dtype))
    return np.asarray(value) if kind is None else np.asarray(value).astype(kind)


def known(*paths: str) -> Callable[[Maker], Maker]:
    """Register a function that is not called with what is not known: that is passed on."""

    def register(function: Maker) -> Maker:
        def guarded(m: Machine, *args: Any, **kwargs: Any) -> Any:
            found = unknown_in((*args, *kwargs.values()))
            return function(m, *args, **kwargs) if found is None else found

        makes(*paths)(guarded)
        return function

    return register


def _constant(library: str, value: float) -> Maker:
    def numpy_style(m: Machine, shape: Any = None, dtype: Any = None, *_: Any, **kw: Any) -> Any:
        wanted = given_shape(m, () if shape is None else (shape,), kw)
        return m.leaf(stored(np.full(wanted, value), dtype), "numpy")

    def torch_style(m: Machine, *shape: Any, **kw: Any) -> Any:
        wanted = given_shape(m, shape, kw)
        return m.leaf(stored(np.full(wanted, value), kw.get("dtype")), "torch")

    return numpy_style if library == "numpy" else torch_style


def _constant_like(library: str, value: float) -> Maker:
    return lambda m, a, dtype=None, **kw: like(m, a, value, library, dtype)


def like(m: Machine, a: Any, value: Any, library: str, dtype: Any = None) -> Any:
    """An array of `value` of the shape of `a`, which stores what `a` stores unless `dtype` says more."""
    if isinstance(a, Opaque):
        return a
    array = np.asarray(plain(a))
    own = array.dtype if array.dtype.kind in "ib" else None
    library = a.library if matrices.is_matrix(a) else library
    return m.leaf(stored(np.full(array.shape, value), dtype or own), library)


for _library in ("numpy", "torch"):
    for _name, _value in (("zeros", 0.0), ("ones", 1.0), ("empty", 0.0)):
        known(f"{_library}.{_name}")(_constant(_library, _value))
        makes(f"{_library}.{_name}_like")(_constant_like(_library, _value))


@makes("numpy.random.seed", "torch.manual_seed", "random.seed", "numpy.random.shuffle",
       "random.shuffle", "torch.set_default_dtype", "numpy.set_printoptions", "numpy.seterr")  # fmt: skip
def _nothing(m: Machine, *args: Any, **kw: Any) -> None:
    return None


@makes("torch.device", "torch.no_grad", "torch.enable_grad", "torch.set_grad_enabled", "numpy.errstate",
       "torch.Generator", "torch.autograd.set_detect_anomaly", "warnings.filterwarnings",
       "torch.cuda.is_available", "time.time", "time.perf_counter", "torch.cuda.synchronize")  # fmt: skip
def _setting(m: Machine, *args: Any, **kw: Any) -> Any:
    return LibraryPath("a setting")


@known("numpy.full", "torch.full")
def _full(m: Machine, shape: Any, fill_value: Any, dtype: Any = None, **kw: Any) -> Any:
    value = np.asarray(plain(fill_value))
    kind = dtype or (bool if value.dtype.kind == "b" else float)
    return m.leaf(stored(np.full(shape_of(m, shape), value), kind), "numpy")


@known("numpy.full_like", "torch.full_like")
def _full_like(m: Machine, a: Any, fill_value: Any, dtype: Any = None, **kw: Any) -> Any:
    return like(m, a, plain(fill_value), getattr(a, "library", "numpy"), dtype or "float")


@known("torch.Tensor.new_zeros", "torch.Tensor.new_empty")
def _new_zeros(m: Machine, tensor: Any, *size: Any, **kw: Any) -> Any:
    return m.leaf(np.zeros(given_shape(m, size, kw)), "torch")


@known("torch.Tensor.new_ones")
def _new_ones(m: Machine, tensor: Any, *size: Any, **kw: Any) -> Any:
    return m.leaf(np.ones(given_shape(m, size, kw)), "torch")


@known("torch.Tensor.new_full")
def _new_full(m: Machine, tensor: Any, size: Any, value: Any, **kw: Any) -> Any:
    return m.leaf(np.full(shape_of(m, size), plain(value), dtype=float), "torch")


@known("torch.Tensor.new_tensor", "torch.Tensor.new")
def _new_tensor(m: Machine, tensor: Any, data: Any, **kw: Any) -> Any:
    return m.tensor_of(data, "torch")


@known("numpy.eye", "numpy.identity")
def _eye(m: Machine, N: Any, M: Any = None, **kw: Any) -> Any:
    rows = shape_of(m, N)[0]
    return m.leaf(np.eye(rows, rows if M is None else int(plain(M))), "numpy")


@known("torch.eye")
def _torch_eye(m: Machine, n: Any, k: Any = None, **kw: Any) -> Any:
    return m.leaf(np.eye(int(plain(n)), None if k is None else int(plain(k))), "torch")


@known("numpy.arange", "torch.arange")
def _arange(m: Machine, *bounds: Any, **kw: Any) -> Any:
    if len(bounds) == 1:
        shape_of(m, bounds[0])
    if len(bounds) >= 3:
        return m.leaf(stored(np.arange(*_grid(m, *bounds[:3])), kw.get("dtype")), "numpy")
    named = {k: plain(v) for k, v in kw.items() if k in ("start", "stop", "step")}
    made = np.arange(*plain(list(bounds[:3])), **named)
    if made.dtype.kind == "f" and any(map(_is_of_arrays, (*bounds, *kw.values()))):
        made = made[:_GRID]
    return m.leaf(stored(made, kw.get("dtype")), "numpy")


_GRID = 5
"""Values of a grid from the least to the largest value of data: how many there are, made data cannot say."""


def _is_of_arrays(value: Any) -> bool:
    return isinstance(value, Traced) and not value.is_python


def _grid(m: Machine, start: Any, stop: Any, step: Any) -> tuple[Any, Any, Any]:
    """The bounds of a range; a fine one that spans the data, to draw a picture over, gets longer steps."""
    first, last, by = plain(start), plain(stop), plain(step)
    if not (isinstance(by, float) and by > 0 and _spans_data(m, start) and _spans_data(m, stop)):
        return first, last, by
    return first, last, by * max(1, math.ceil((last - first) / by / GRID))


def _spans_data(m: Machine, bound: Any) -> bool:
    """Whether a number was made from the entries of an array: `X[:, 0].min() - 1`."""
    made = isinstance(bound, Traced) and not bound.shape
    return made and any(m.trace.nodes[node].shape for node in m.trace.ancestors([bound.id]))


@known("numpy.linspace", "torch.linspace")
def _linspace(m: Machine, start: Any, stop: Any = None, num: Any = 50, **kw: Any) -> Any:
    stop, num = kw.get("end", stop), kw.get("steps", num)
    (count,) = shape_of(m, num)
    return m.leaf(np.linspace(plain(start), plain(stop), count), "numpy")


@known("numpy.unpackbits")
def _bits(m: Machine, a: Any, axis: Any = None, **kw: Any) -> Any:
    """The binary digits of numbers, as data: eight for each."""
    numbers = np.asarray(plain(a)).astype(np.uint8)
    return m.leaf(np.unpackbits(numbers, axis=plain(axis)).astype(int), "numpy")


@known("numpy.matrix")
def _matrix(m: Machine, data: Any, dtype: Any = None, copy: Any = True, **kw: Any) -> Any:
    """A matrix has two axes: a vector becomes its only row."""
    if isinstance(data, str):
        data = np.asarray(np.asmatrix(data)).tolist()
    made = data if matrices.is_matrix(data) and not kind_of(dtype) else _as_array(m, data, dtype)
    return matrices.matrix_of(m, made, not plain(copy)) if isinstance(made, Traced) else made


@known("numpy.mat", "numpy.asmatrix")
def _as_matrix(m: Machine, data: Any, dtype: Any = None, **kw: Any) -> Any:
    return _matrix(m, data, dtype, copy=False)


known("numpy.bmat")(matrices.bmat)


@known("numpy.asanyarray")
def _as_any_array(m: Machine, data: Any, dtype: Any = None, **kw: Any) -> Any:
    return data if matrices.is_matrix(data) and not kind_of(dtype) else _as_array(m, data, dtype)


@known("numpy.array")
def _array(m: Machine, data: Any, dtype: Any = None, **kw: Any) -> Any:
    if plain(kw.get("copy", True)) is False:
        return _as_array(m, data, dtype)
    return _data(m, data, "numpy", dtype, int(plain(kw.get("ndmin", 0))))


@known("numpy.asarray", "numpy.ascontiguousarray", "numpy.asfarray", "numpy.asarray_chkfinite",
       "numpy.asfortranarray", "numpy.require")  # fmt: skip
def _as_array(m: Machine, data: Any, dtype: Any = None, *_: Any, **kw: Any) -> Any:
    if isinstance(data, Traced) and not data.is_python and not kind_of(dtype):
        return data if data.library == "numpy" else m.view(data, "copy", {}, "numpy")
    return _data(m, data, "numpy", dtype)


@known("torch.tensor")
def _tensor(m: Machine, data: Any = (), *more: Any, dtype: Any = None, **kw: Any) -> Any:
    if isinstance(data, Traced) and data.is_python and isinstance(data.value, int) and more:
        return m.leaf(np.zeros(shape_of(m, [data, *more])), "torch")
    return _data(m, data, "torch", dtype)


@known("torch.as_tensor", "torch.from_numpy", "torch.asarray")
def _as_tensor(m: Machine, data: Any, dtype: Any = None, **kw: Any) -> Any:
    if isinstance(data, Traced) and not data.is_python and not kind_of(dtype):
        return data if data.library == "torch" else m.view(data, "copy", {}, "torch")
    return _data(m, data, "torch", dtype)


def _data(m: Machine, data: Any, library: str, dtype: Any = None, rank: int = 0) -> Any:
    shape = _is_shape(data)
    data = list(data) if isinstance(data, range | set) else text_files.as_numbers(m, data)
    if isinstance(data, Foreign):
        data = data.operand(m)
        if not isinstance(data, Traced):
            return data
    kind = kind_of(dtype)
    if isinstance(data, Traced):
        return _ranked(m, m.apply("copy", [data], {"dtype": kind} if kind else {}, library), rank)
    made = m.tensor_of(data, library)
    if m.trace.nodes[made.id].is_leaf and not shape:
        _scale(m, made, kind)
    elif kind in ("int", "bool"):
        return _ranked(m, m.apply("copy", [made], {"dtype": kind}, library), rank)
    return _ranked(m, made, rank)


def _is_shape(data: Any) -> bool:
    """Whether data are sizes or strides rather than samples: a tuple of whole numbers."""
    return isinstance(data, tuple) and all(type(plain(n)) is int for n in data)


def _scale(m: Machine, made: Traced, kind: str) -> None:
    """Store literal data as `kind`, the large floating ones scaled down."""
    value = np.asarray(made.value)
    if value.size and value.dtype.kind in "if" and kind not in ("int", "bool"):
        peak = float(np.max(np.abs(value)))
        value = value * (USUAL_DATUM / peak) if peak > LARGEST_DATUM else value
    made.value = m.trace.nodes[made.id].value = stored(value, kind)


def _ranked(m: Machine, made: Any, rank: int) -> Any:
    if isinstance(made, Traced) and rank > len(made.shape):
        return m.apply("reshape", [made], {"shape": (1,) * (rank - len(made.shape)) + made.shape})
    return made


for _attribute, _made in matrices.ATTRIBUTES.items():
    makes(f"numpy.ndarray.get{_attribute}")(_made)
