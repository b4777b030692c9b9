"""Names of libraries: which dotted path a name means and which paths gradlint knows."""

from __future__ import annotations

import math
import sys
from functools import cache
from typing import Any

from gradlint import ops
from gradlint.tracing import (
    asking,
    binary_files,
    compiled,
    data,
    draws,
    filling,
    functional,
    leaves,
    loaders,
    mapped,
    pythonic,
    regexes,
    spectral,
    system,
    tables,
)
from gradlint.tracing.values import LibraryPath

FAMILIES = (
    asking,
    binary_files,
    compiled,
    data,
    draws,
    filling,
    functional,
    leaves,
    loaders,
    mapped,
    pythonic,
    regexes,
    spectral,
    system,
    tables,
)

_ALIASES = {
    "numpy.float": "numpy.float64",
    "cupy": "numpy",
    "jax.numpy": "numpy",
    "autograd.numpy": "numpy",
    "torch.functional": "torch",
    "torch.nn.functional.relu": "torch.relu",
    "torch.autograd.Variable": "torch.tensor",
    "torch.nn.Parameter": "torch.tensor",
    "torch.nn.parameter.Parameter": "torch.tensor",
    "torch.Tensor": "torch.tensor",
    **{
        f"torch{device}.{kind}Tensor": "torch.tensor"
        for device in ("", ".cuda")
        for kind in ("Float", "Double", "Half", "Long", "Int", "Short", "Byte", "Bool")
    },
    "numpy.lib.pad": "numpy.pad",
    "numpy.row_stack": "numpy.vstack",
    "numpy.math": "math",
    "numpy.core.umath_tests.inner1d": "numpy.inner",
    "itertools.izip": "builtins.zip",
    "itertools.imap": "builtins.map",
    "itertools.ifilter": "builtins.filter",
    "itertools.izip_longest": "itertools.zip_longest",
    "six.moves.range": "builtins.range",
    "six.moves.xrange": "builtins.range",
    "six.moves.zip": "builtins.zip",
    "past.builtins.xrange": "builtins.range",
    "builtins.reduce": "functools.reduce",
    "builtins.xrange": "builtins.range",
}
_NUMBERS = {
    "os.pardir": "..", "os.curdir": ".", "os.sep": "/", "os.path.pardir": "..", "os.path.sep": "/",
    "numpy.pi": math.pi, "numpy.e": math.e, "numpy.inf": math.inf, "numpy.nan": math.nan,
    "math.pi": math.pi, "math.e": math.e, "math.inf": math.inf, "torch.pi": math.pi,
    "torch.inf": math.inf, "torch.nan": math.nan, "torch.e": math.e, "numpy.newaxis": None,
    "numpy.NaN": math.nan, "numpy.NAN": math.nan, "numpy.Inf": math.inf, "numpy.infty": math.inf,
    "numpy.PINF": math.inf, "numpy.NINF": -math.inf, "numpy.euler_gamma": 0.5772156649015329,
    "math.tau": math.tau, "math.nan": math.nan, "sys.maxsize": sys.maxsize,
    "sys.float_info.epsilon": sys.float_info.epsilon, "sys.float_info.max": sys.float_info.max,
    "sys.float_info.min": sys.float_info.min,
    **{f"numpy.finfo.float64.{n}": v for n, v in (
        ("eps", 2.0**-52), ("max", sys.float_info.max), ("min", -sys.float_info.max),
        ("tiny", sys.float_info.min), ("smallest_normal", sys.float_info.min),
        ("resolution", 1e-15))},
    **{f"numpy.finfo.float32.{n}": v for n, v in (
        ("eps", 2.0**-23), ("max", 3.4028235e38), ("min", -3.4028235e38), ("tiny", 1.1754944e-38),
        ("smallest_normal", 1.1754944e-38), ("resolution", 1e-6))},
    "numpy.iinfo.int64.max": 2**63 - 1, "numpy.iinfo.int64.min": -(2**63),
    "numpy.iinfo.int32.max": 2**31 - 1, "numpy.iinfo.int32.min": -(2**31),
}  # fmt: skip


_KNOWN = frozenset({
    "numpy", "torch", "math", "random", "scipy", "cupy", "jax", "autograd", "matplotlib", "pandas",
    "sklearn", "tensorflow", "keras", "torchvision", "seaborn", "tqdm", "h5py", "PIL", "cv2", "skimage",
    "plotly", "numba", "nltk", "os", "sys", "time", "copy", "json", "pickle", "cPickle", "gzip", "struct",
    "argparse", "logging", "collections", "itertools", "functools", "operator", "typing", "abc",
    "dataclasses", "enum", "pathlib", "warnings", "datetime", "csv", "re", "string", "builtins",
    "__future__", "tkinter", "pytest", "unittest", "urllib", "zipfile", "io", "contextlib", "__main__",
})  # fmt: skip
"""Libraries that a file of the user's with the same name does not stand for."""


def is_known(name: str) -> bool:
    """Whether the module `name` is a library's, without looking for a file of the user's."""
    return name.split(".")[0] in _KNOWN


@cache
def resolve(path: str) -> Any:
    """What the dotted `path` stands for: a number, or a `LibraryPath`."""
    for alias, target in _ALIASES.items():
        if path == alias or path.startswith(alias + "."):
            path = target + path[len(alias) :]
            break
    if path in _NUMBERS:
        return _NUMBERS[path]
    library, _, name = path.partition(".")
    if library == "scipy" and exists(f"numpy.{name}"):
        return LibraryPath(f"numpy.{name}")  # scipy had the names of numpy, until 2022
    package, found, name = path.rpartition(f"{compiled.MODULE}.")
    return LibraryPath(found + name if package else path)


_STARRED_MODULES = frozenset(["numpy.random", "numpy.linalg", "numpy.fft"])
"""Modules that `from numpy import *` gives as names."""


def exists(path: str) -> bool:
    """Whether gradlint knows something of this name (for star imports)."""
    if path in _STARRED_MODULES:
        return True
    return path in _NUMBERS or leaves.maker(path) is not None or ops.lookup(path) is not None
