"""A gradient that is the true one times a constant: a minus, a number of samples, another factor."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from gradlint.gradcheck.hypotheses.clues import CLOSE, Clues


def proportional(c: Clues) -> str | None:
    factor = c.factor(c.got)
    return None if factor is None else constant(factor, c)


def constant(factor: float, c: Clues) -> str:
    minus = "a minus too many or too few" if factor < 0 else ""
    if abs(abs(factor) - 1) < CLOSE:
        return minus
    told = _size(abs(factor), c) or f"off by the factor {abs(factor):.6g}"
    return f"{told}, and {minus}" if minus else told


def and_(factor: float, c: Clues) -> str:
    return "" if abs(factor - 1) < CLOSE else f", and {constant(factor, c)}"


def _size(factor: float, c: Clues) -> str | None:
    """`off by 1/N with N = 64 (axis 0 of x)`, where a size of the arrays explains the factor."""
    for inverse in (True, False):
        fits = [
            (n, told)
            for n, told in _sizes(c)
            if abs((factor * n if inverse else factor / n) - 1) < CLOSE
        ]
        if fits:
            n, where = fits[0][0], " or ".join(dict.fromkeys(told for _, told in fits[:3]))
            if inverse:
                return f"off by 1/N with N = {n} ({where}): the gradient is divided by N, forward is not"
            return f"off by N with N = {n} ({where}): forward divides by N, the gradient does not"
    return None


def _sizes(c: Clues) -> Iterator[tuple[int, str]]:
    arrays = {**c.inputs, **{f"output {n}": out for n, out in enumerate(c.outputs)}}
    if len(c.outputs) == 1:
        arrays["the output"] = arrays.pop("output 0")
    yield from ((int(n), name) for name, n in c.numbers.items() if n > 1 and n == int(n))
    for name, array in arrays.items():
        yield from ((n, f"axis {axis} of {name}") for axis, n in enumerate(array.shape) if n > 2)
    for name, array in arrays.items():
        if array.size > 2:
            yield array.size, f"the size of {name}"
    for name, array in arrays.items():
        if array.ndim > 2:
            yield from _spatial(name, array.shape)


def _spatial(name: str, shape: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    for axes in combinations(range(len(shape)), len(shape) - 1):
        yield int(np.prod([shape[a] for a in axes])), f"axes {axes} of {name}"
