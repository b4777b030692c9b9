"""The true gradient of one leaf, element by element, by central differences of the weighted outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.gradcheck.evaluating import Evaluator, weighted
from gradlint.gradcheck.leaves import Leaf
from gradlint.slopes import BELIEVED, Slope, slope_along

UNSURE = 0.02
"""Relative to the largest: an element whose slopes at two step sizes differ by more is not judged."""
_DIRECTIONS = 2
_ROUNDINGS = 4.0
"""Unit roundoffs that one output may be off by; what is differenced is a sum of many of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """`values` and their `errors` in the shape of the leaf, NaN where an element was not measured.

    `kinks` is how many elements have no derivative; `along` are slopes along random directions, where
    not every element was measured.
    """

    values: Any
    errors: Any
    kinks: int
    along: tuple[Slope, ...] = ()

    @property
    def known(self) -> Any:
        """Where there is a value to compare with."""
        return np.isfinite(self.values)

    @property
    def scale(self) -> float:
        """The largest absolute value."""
        return float(np.max(np.abs(self.values), initial=0.0, where=self.known))


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """The weighted outputs as a function of one leaf, all else as it was given."""

    evaluator: Evaluator
    leaf: Leaf
    base: tuple[Any, ...]
    cotangents: Mapping[int, Any]
    epsilon: float

    def __call__(self, value: Any) -> float:
        done = self.evaluator.forward({self.leaf.path: value})
        return weighted(done, self.base, self.cotangents)

    def slope(self, direction: Any, size: float) -> Slope:
        """The derivative along `direction`."""
        return slope_along(self, self.leaf.value, direction, size, self._rounding(), self.epsilon)

    def _rounding(self) -> float:
        sizes = [float(np.linalg.norm(out)) for out in self.base]
        weights = [float(np.max(np.abs(c), initial=0.0)) for c in self.cotangents.values()]
        return _ROUNDINGS * self.epsilon * sum(sizes) * max(weights, default=1.0)


def truth_of(function: Weighted, most: int, seed: int) -> Truth:
    """The slopes at all elements of the leaf, or at a random sample of `most` of them."""
    value = function.leaf.value
    values, errors = np.full(value.shape, np.nan), np.full(value.shape, np.inf)
    rng = np.random.default_rng(seed)
    chosen = _sample(value.size, most, rng)
    with np.errstate(all="ignore"):
        for n in chosen:
            found = function.slope(*_unit(value, int(n)))
            place = np.unravel_index(int(n), value.shape)
            values[place], errors[place] = found.slope, found.error
    unsure = errors > UNSURE * np.nanmax(np.abs(values), initial=1e-12)
    unsure |= errors > UNSURE * np.abs(values) + BELIEVED * np.nanmax(np.abs(values), initial=0.0)
    values[unsure] = np.nan
    missed = len(chosen) - int(np.isfinite(values).sum())
    along = tuple(_directions(function, rng)) if len(chosen) < value.size else ()
    return Truth(values, errors, missed, along)


def _sample(size: int, most: int, rng: np.random.Generator) -> Any:
    return np.arange(size) if size <= most else np.sort(rng.choice(size, most, replace=False))


def _unit(value: Any, n: int) -> tuple[Any, float]:
    direction = np.zeros(value.size)
    direction[n] = 1.0
    return direction.reshape(value.shape), abs(float(value.reshape(-1)[n]))


def _directions(function: Weighted, rng: np.random.Generator) -> Iterator[Slope]:
    value = function.leaf.value
    for _ in range(_DIRECTIONS):
        direction = rng.normal(size=value.shape)
        found = function.slope(direction / np.linalg.norm(direction), 1.0)
        if found.error <= BELIEVED * abs(found.slope):
            yield found


def columns(evaluator: Evaluator, leaf: Leaf, weights: Sequence[Any]) -> Callable[[int], Any]:
    """The derivative by one element of the leaf of every output that has a cotangent, flattened.

    For diagnoses, not for verdicts: one step size. Outputs whose weights are zero everywhere are left out.
    """

    def column(n: int) -> Any:
        direction, size = _unit(leaf.value, n)
        h = 6e-6 * max(size, 1.0)
        ups = evaluator.forward({leaf.path: leaf.value + h * direction}).outputs()
        downs = evaluator.forward({leaf.path: leaf.value - h * direction}).outputs()
        trios = zip(ups, downs, weights, strict=True)
        parts = [(up - down).ravel() / (2 * h) for up, down, weight in trios if np.any(weight)]
        return np.concatenate(parts)

    return column
