"""Questions about values, answered from the values of the walk: shapes, kinds, limits of dtypes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.tracing.leaves import known, makes
from gradlint.tracing.values import LibraryPath, Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls


@known("numpy.isscalar")
def _isscalar(m: Calls, value: Any) -> Any:
    return not isinstance(value, Traced | list | tuple | dict) or value_is_number(value)


def value_is_number(value: Any) -> bool:
    """Whether a value is one number and no array."""
    return isinstance(value, Traced) and (value.is_python or not value.shape)


@known("torch.is_tensor")
def _is_tensor(m: Calls, value: Any) -> Any:
    return isinstance(value, Traced) and value.library == "torch"


@known("numpy.iterable")
def _iterable(m: Calls, value: Any) -> Any:
    return m.items(value) is not None


@known("torch.is_floating_point", "torch.Tensor.is_floating_point")
def _is_floating(m: Calls, value: Any) -> Any:
    return np.asarray(plain(value)).dtype.kind == "f"


@known("torch.is_complex", "numpy.iscomplexobj", "torch.Tensor.is_complex")
def _is_complex(m: Calls, value: Any) -> Any:
    return np.asarray(plain(value)).dtype.kind == "c"


@known("numpy.ndim")
def _ndim(m: Calls, value: Any) -> Any:
    return np.ndim(plain(value))


@known("numpy.shape")
def _shape(m: Calls, value: Any) -> Any:
    return m.shape_of(value) if isinstance(value, Traced) else np.shape(plain(value))


@known("numpy.size")
def _size(m: Calls, value: Any, axis: Any = None) -> Any:
    return int(np.size(plain(value), plain(axis)))


@known("torch.numel")
def _numel(m: Calls, value: Any) -> Any:
    return int(np.size(plain(value)))


@known("torch.Size")
def _torch_size(m: Calls, shape: Any = ()) -> Any:
    return tuple(m.items(shape) or ())


@known("torch.Tensor.is_contiguous")
def _is_contiguous(m: Calls, value: Traced) -> Any:
    return bool(np.asarray(value.value).flags.c_contiguous)


@known("torch.Tensor.stride")
def _stride(m: Calls, value: Traced, dim: Any = None) -> Any:
    array = np.asarray(value.value)
    steps = tuple(n // array.itemsize for n in array.strides)
    return steps if dim is None else steps[int(plain(dim))]


@known("torch.Tensor.element_size")
def _element_size(m: Calls, value: Traced) -> Any:
    return 4


@makes("numpy.finfo", "torch.finfo")
def _finfo(m: Calls, dtype: Any = None) -> Any:
    single = any(name in str(dtype) for name in ("float32", "single")) or (
        isinstance(dtype, LibraryPath) and dtype.path.startswith("torch") and "64" not in dtype.path
    )
    return LibraryPath(f"numpy.finfo.{'float32' if single else 'float64'}")


@makes("numpy.iinfo", "torch.iinfo")
def _iinfo(m: Calls, dtype: Any = None) -> Any:
    return LibraryPath(f"numpy.iinfo.{'int32' if '32' in str(dtype) else 'int64'}")


@makes("numpy.dtype")
def _dtype(m: Calls, name: Any) -> Any:
    return name if isinstance(name, LibraryPath) else LibraryPath(f"numpy.{plain(name)}")


# Integers and questions of Python's math


def _integer(name: str) -> Any:
    function = getattr(math, name)

    def call(m: Calls, *values: Any) -> Any:
        plains = [
            v.item() if isinstance(v, np.ndarray | np.generic) else v for v in plain(list(values))
        ]
        return function(*plains)

    return call


for _name in ("floor", "ceil", "trunc", "comb", "perm", "factorial", "gcd", "lcm", "isqrt",
              "isnan", "isfinite", "isinf", "isclose", "ldexp", "frexp", "modf", "gamma",
              "lgamma"):  # fmt: skip
    known(f"math.{_name}")(_integer(_name))
