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
