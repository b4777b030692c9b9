"""Cotangents that people know by heart: an output less its target, up to a constant.

`p - y` is the cotangent of what a softmax under a cross-entropy (a sigmoid under a binary one) was
applied to. The chain rule writes it as a page of exponentials; it is found by value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradlint.deriving.constants import scaled
from gradlint.ops import Text

_TOLERANCE = 1e-8


def error_of(
    wanted: Any, outputs: Mapping[str, Any], targets: Mapping[str, Any], sizes: Mapping[int, str]
) -> Text | None:
    """`output - target` with its constant, where that is `wanted` (an array), else None."""
    array = np.asarray(wanted)
    if array.size < 2 or array.dtype.kind != "f":
        return None
    fitting = {name: value for name, value in targets.items() if np.shape(value) == array.shape}
    for output, value in outputs.items():
        for target, other in fitting.items():
            if np.shape(value) != array.shape or not _may_fit(array, value, other):
                continue
            ratio = _ratio(array, np.asarray(value, dtype=float) - np.asarray(other, dtype=float))
            found = None if ratio is None else _written(output, target, ratio, sizes)
            if found is not None:
                return found
    return None


def is_error(wanted: Any, output: Any, target: Any) -> bool:
    """Whether an array is `output - target` up to a constant."""
    array, made = np.asarray(wanted), np.asarray(output, dtype=float)
    if array.size < 2 or not array.shape == made.shape == np.shape(target):
        return False
    return _ratio(array, made - np.asarray(target, dtype=float)) is not None


def _may_fit(array: Any, value: Any, other: Any) -> bool:
    """Whether the first and the last entry of a difference are along `array`: most are refuted by them."""
    (a, b), (x, y) = (array.flat[0], array.flat[-1]), (value.flat[0], value.flat[-1])
    d, e = float(x) - float(other.flat[0]), float(y) - float(other.flat[-1])
    return bool(abs(a * e - b * d) <= 1e-6 * (abs(a * e) + abs(b * d)) + 1e-300)


def _ratio(array: Any, difference: Any) -> float | None:
    size = float(np.sum(difference * difference))
    if size == 0 or not np.isfinite(size):
        return None
    ratio = float(np.sum(array * difference)) / size
    close = np.allclose(array, ratio * difference, rtol=_TOLERANCE, atol=_TOLERANCE * abs(ratio))
    return ratio if ratio and close else None


def _written(output: str, target: str, ratio: float, sizes: Mapping[int, str]) -> Text | None:
    first, second = (output, target) if ratio > 0 else (target, output)
    return scaled(Text(first) - Text(second), abs(ratio), sizes)


def one_hots(
    shape: tuple[int, ...], labels: Mapping[str, Any], sizes: Mapping[int, str], module: str
) -> dict[str, Any]:
    """The rows of zeros and a one that `labels` stand for, in an array of `shape`."""
    if len(shape) != 2:
        return {}
    found: dict[str, Any] = {}
    classes = sizes.get(shape[1], str(shape[1]))
    for name, value in labels.items():
        picked = np.asarray(value)
        if picked.shape == shape[:1] and _are_labels(picked, shape[1]):
            found[f"{module}eye({classes})[{name}]"] = np.eye(shape[1])[picked]
    return found


def _are_labels(labels: Any, classes: int) -> bool:
    return bool(labels.size) and labels.min() >= 0 and labels.max() < classes
