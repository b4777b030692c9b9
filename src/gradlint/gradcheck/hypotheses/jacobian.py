"""A gradient of which a factor or a part of the Jacobian is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlint.gradcheck.hypotheses.clues import FEW, Clues


def other_input(c: Clues) -> str | None:
    for name, truth in c.others.items():
        if truth.shape == c.got.shape and c.same(c.got, truth):
            return f"it is the gradient of {name}: the gradients are handed out in another order"
    return None


def upstream_ignored(c: Clues) -> str | None:
    """The derivative of the sum of the outputs: what comes from upstream plays no part."""
    if c.true.size > FEW or all(np.allclose(one, 1) for one in c.cotangents):
        return None
    plain = np.array([float(np.sum(c.column(n))) for n in range(c.true.size)])
    if c.same(c.got, plain.reshape(c.true.shape)):
        return (
            "the gradient from upstream is ignored: this is the derivative of the sum of the output"
        )
    return None


def diagonal(c: Clues) -> str | None:
    """Each element by itself, though the outputs depend on several: softmax without its cross terms."""
    if len(c.outputs) != 1 or c.outputs[0].shape != c.true.shape or c.true.size > FEW:
        return None
    cotangent = c.cotangents[0].ravel()
    own = np.array([c.column(n)[n] * cotangent[n] for n in range(c.true.size)])
    if c.same(c.got, own.reshape(c.true.shape)):
        return "only the diagonal of the Jacobian: each output depends on other elements too, as in a softmax"
    return None


def factor_left_out(c: Clues) -> str | None:
    """The elements are off by a factor that is one of the arrays, or the slope of an activation."""
    for told, array in _factors(c):
        try:
            if np.ndim(array) and np.ptp(array) > 0 and c.same(c.got * array):
                return f"the factor {told} is missing"
            if np.ndim(array) and np.ptp(array) > 0 and c.same(c.got / array):
                return f"the factor {told} is one too many"
        except ValueError:
            continue
    return None


def _factors(c: Clues) -> Iterator[tuple[str, Any]]:
    for out in c.outputs:
        if out.shape == c.true.shape:
            yield "out * (1 - out), the slope of a sigmoid with the output out,", out * (1 - out)
            yield "1 - out**2, the slope of a tanh with the output out,", 1 - out**2
            yield "out (the output)", out
    for name, array in c.inputs.items():
        if array.dtype.kind == "f":
            yield name, array
    for one in c.cotangents:
        yield "from upstream", one


def constant_along(c: Clues) -> str | None:
    """What is missing, or too much, is the same along an axis: the terms of a mean or a sum over it.

    Where it is so up to a multiple of the input, a variance goes along with the mean: a normalisation.
    """
    if not np.all(np.isfinite(c.true)) or c.name not in c.inputs:
        return None
    for axis in range(c.true.ndim):
        if c.true.shape[axis] < 4:
            continue
        if _fits_along(axis, c.got - c.true, []):
            return (
                f"what is missing is constant along axis {axis}: the part that goes through a mean, a sum "
                "or a maximum over it"
            )
        if _fits_along(axis, c.got - c.true, [c.inputs[c.name]]):
            return (
                f"the part that goes through the mean and the variance along axis {axis} is missing"
            )
    return None


def _fits_along(axis: int, rest: Any, columns: list[Any]) -> bool:
    """Whether each line of `rest` along an axis is a constant plus a multiple of that of each column."""
    size = float(np.linalg.norm(rest))
    lines = np.moveaxis(rest, axis, -1).reshape(-1, rest.shape[axis])
    others = [np.moveaxis(one, axis, -1).reshape(-1, rest.shape[axis]) for one in columns]
    left = 0.0
    for n, line in enumerate(lines):
        basis = np.stack([np.ones(len(line)), *(one[n] for one in others)], axis=1)
        left += float(np.sum((line - basis @ np.linalg.lstsq(basis, line, rcond=None)[0]) ** 2))
    return bool(size) and left**0.5 <= 1e-3 * size
