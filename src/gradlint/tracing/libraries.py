"""Names of libraries: which dotted path a name means and which paths gradlint knows."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from gradlint import ops
from gradlint.tracing import leaves
from gradlint.tracing.values import LibraryPath

_ALIASES = {
    "numpy.float": "numpy.float64",
    "cupy": "numpy",
    "jax.numpy": "numpy",
    "autograd.numpy": "numpy",
    "torch.functional": "torch",
    "torch.nn.functional.relu": "torch.relu",
    "torch.autograd.Variable": "torch.tensor",
    "torch.Tensor": "torch.tensor",
    "torch.FloatTensor": "torch.tensor",
    "torch.DoubleTensor": "torch.tensor",
    "torch.LongTensor": "torch.tensor",
}
_NUMBERS = {
    "numpy.pi": math.pi, "numpy.e": math.e, "numpy.inf": math.inf, "numpy.nan": math.nan,
    "math.pi": math.pi, "math.e": math.e, "math.inf": math.inf, "torch.pi": math.pi,
    "torch.inf": math.inf, "numpy.newaxis": None,
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
    return LibraryPath(path)


def exists(path: str) -> bool:
    """Whether gradlint knows something of this name (for star imports)."""
    return path in _NUMBERS or leaves.maker(path) is not None or ops.lookup(path) is not None
