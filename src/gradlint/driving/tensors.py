"""The tensors in values: in lists, dictionaries and objects, with the names that they have there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlint.tracing.values import Instance, Traced

Part = tuple[str | None, Traced]
"""A tensor that a function handed out, with the name that it has there."""


def floats(value: Any) -> Traced | None:
    """`value` if it is a tensor of floating-point numbers."""
    if isinstance(value, Traced) and np.asarray(value.value).dtype.kind == "f":
        return value
    return None


def tensors(value: Any, name: Any = None, depth: int = 3) -> Iterator[Part]:
    """The floating-point tensors in a value, with their names: those of a dictionary are its keys."""
    found = floats(value)
    if found is not None:
        yield name if isinstance(name, str) else None, found
    elif isinstance(name, list) and isinstance(value, list | tuple) and len(name) == len(value):
        for one, part in zip(name, value, strict=True):
            yield from tensors(part, one, depth - 1)
    elif depth and isinstance(value, dict):
        for key, part in value.items():
            yield from tensors(
                part, f"{name if isinstance(name, str) else 'grads'}[{key!r}]", depth - 1
            )
    elif depth and isinstance(value, list | tuple):
        for i, part in enumerate(value):
            yield from tensors(part, None if name is None else f"{name}[{i}]", depth - 1)


def plain_value(value: Any) -> Any:
    return value.value if isinstance(value, Traced) else 0.0


_DEEPEST = 4
"""`self.layers[0].params['W']` is the deepest that is looked for."""


def array_inputs(values: dict[str, Any]) -> dict[str, Traced]:
    """The tensors among named values, those in lists, dictionaries and objects by how they are written."""
    found: dict[str, Traced] = {}
    for name, value in values.items():
        found |= dict(_within(name, value, _DEEPEST))
    return found


def _within(place: str, value: Any, depth: int) -> Iterator[tuple[str, Traced]]:
    if (tensor := floats(value)) is not None:
        yield place, tensor
    elif depth and isinstance(value, dict):
        for key, part in value.items():
            yield from _within(f"{place}[{key!r}]", part, depth - 1)
    elif depth and isinstance(value, list | tuple):
        for i, part in enumerate(value):
            yield from _within(f"{place}[{i}]", part, depth - 1)
    elif depth and isinstance(value, Instance):
        for key, part in value.attributes.items():
            yield from _within(f"{place}.{key}", part, depth - 1)


def snapshot(tensor: Traced) -> Traced:
    """The tensor as it stands now: what is written to it later does not change the snapshot."""
    return Traced(tensor.id, tensor.value, tensor.library)
