"""A made text file: rows of numbers between the separators at which the script splits its lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

_SEPARATORS = (",", "\t", ";", "|", ":", " ")


def table(values: np.ndarray[Any, Any], module: s.Module) -> str:
    """`values` (rows, fields) as the text of a file that `module` can read.

    Where it reads whole numbers all fields are 0 or 1, since nothing says which ones are read so.
    """
    between = _separator(module)
    if _names(module, "int"):
        values = (values > 0).astype(int)
    lines = (between.join(f"{value:.6g}" for value in row) for row in values)
    return "".join(f"{line}\n" for line in lines)


def _separator(module: s.Module) -> str:
    for node in descend(module.everything):
        match node:
            case s.Call(func=s.Attribute(attr="split"), args=(first, *_)):
                if isinstance(first.value, s.Constant) and first.value.value in _SEPARATORS:
                    return str(first.value.value)
    return "," if "csv" in module.text else " "


def _names(module: s.Module, name: str) -> bool:
    nodes = descend(module.everything)
    return any(isinstance(node, s.Name) and node.id == name for node in nodes)
