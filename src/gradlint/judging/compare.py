"""Comparing a written gradient with the true one, by value at several random points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np

from gradlint.model import Agreement

TOLERANCE = 1e-6
"""Relative, in the norm. Both sides are float64 (unit roundoff 1.1e-16) and go through at most some
hundred operations, so equal expressions agree to about 1e-13; a rate that was divided out again, or
a difference of parameters before and after a step, costs up to six digits. Wrong derivatives at
random points differ by order one."""

CLOSE = 5e-3
"""Relative, in the norm. A derivative that is off by less is that of what the function approximates: those of
the exact GELU and of its tanh form differ by 6e-4. Slips differ by more at random points."""

NEGLIGIBLE = 1e-12
"""A gradient whose norm is below this (at parameters of order one) says nothing about a claim."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`scale` is the factor of the claim against the truth where they are proportional.

    `error` is the largest relative error in the norm, `cosine` the smallest cosine between the two;
    `scales` are the factors at each point: a clipped gradient has another one at each. `decay` is
    the multiple of the parameter itself that the claim has more than the truth: weight decay; `shrink` that
    of the parameter's sign: the slope of an absolute value. `exact`: the claim is that of a gradient
    handed out, in which no constant is a matter of the learning rate. `cancelled`: both are nothing, since
    what the parameter adds to the loss cancels out. `apart`: a statement of its own takes weight
    decay, which counts as if the claim had it. `by_slopes`: equal to the slope of what is computed, of which
    the trace does not know the derivative. `straight`: equal to that of a straight-through estimator.
    """

    agreement: Agreement
    scale: float | None = None
    error: float | None = None
    cosine: float | None = None
    scales: tuple[float, ...] = ()
    decay: float = 0.0
    shrink: float = 0.0
    exact: bool = False
    cancelled: bool = False
    apart: bool = False
    by_slopes: bool = False
    straight: bool = False

    @property
    def is_right(self) -> bool:
        """Equal, up to a positive constant; equal altogether where the claim is `exact`."""
        if self.exact:
            return self.agreement is Agreement.EQUAL
        return self.agreement in (Agreement.EQUAL, Agreement.SCALED)

    @property
    def is_penalised(self) -> bool:
        """Whether the claim has a term more that is the slope of a penalty."""
        return self.decay != 0 or self.shrink != 0

    @property
    def is_close(self) -> bool:
        """Whether the claim differs from the truth by so little that it is meant as an approximation."""
        return self.is_wrong and self.error is not None and self.error < CLOSE

    @property
    def is_wrong(self) -> bool:
        """Not proportional to the truth, where there was something to compare."""
        return not self.is_right and self.agreement is not Agreement.UNKNOWN


UNKNOWN = Comparison(Agreement.UNKNOWN)
CANCELLED = Comparison(Agreement.EQUAL, error=0.0, cancelled=True)


@dataclass(frozen=True, slots=True)
class _Point:
    scale: float
    residual: float
    error: float
    cosine: float


def compare(
    points: Sequence[tuple[Any, Any]], tolerance: float = TOLERANCE, negligible: float = NEGLIGIBLE
) -> Comparison:
    """Compare (claimed, true) pairs of arrays of equal shape, one pair a point.

    A single number is proportional to any other, so its factor must be the same at every point.
    Points at which both vanish or a value is not finite tell nothing; without any other point the
    result is UNKNOWN, as it is where one entry of an array has a slope and its factor varies.
    """
    measured = [
        point
        for claimed, true in points
        if (point := _measure(claimed, true, negligible)) is not None
    ]
    if not measured:
        return UNKNOWN
    error = max(p.error for p in measured)
    cosine = min(p.cosine for p in measured)
    scales = [p.scale for p in measured]
    if any(p.residual > tolerance for p in measured):
        return Comparison(Agreement.DIFFERENT, None, error, cosine)
    steady = max(scales) - min(scales) <= tolerance * max(abs(x) for x in scales)
    alone = all(np.size(true) == 1 for _, true in points)
    if not steady and not alone and all(np.count_nonzero(true) < 2 for _, true in points):
        return Comparison(Agreement.UNKNOWN, None, error)  # one entry of many is along any other
    if min(scales) * max(scales) <= 0 or (alone and not steady):
        return Comparison(Agreement.DIFFERENT, None, error, cosine)
    agreement = Agreement.OPPOSITE if max(scales) < 0 else Agreement.SCALED
    if error <= tolerance:
        agreement = Agreement.EQUAL
    scale = 1.0 if error <= tolerance else float(np.mean(scales))
    return Comparison(agreement, scale, error, cosine, tuple(p.scale for p in measured))


def compare_decayed(
    points: Sequence[tuple[Any, Any, Any]], tolerance: float = TOLERANCE, steady: bool = True
) -> Comparison:
    """Compare (claimed, true, parameter) triples: up to a constant, and up to weight decay.

    Claims that are different as they stand are fitted by `a * true + c * parameter + d * sign(parameter)`,
    with as few of these terms as will do; where that fits at every point with the same `c` and `d`, the
    agreement is that of `a`, `decay` is `c` and `shrink` is `d`. Where the strength of a penalty is an
    input, it is another one at each point: then they need not be `steady`.
    """
    plain = compare([(claimed, true) for claimed, true, _ in points], tolerance)
    if plain.agreement not in (Agreement.DIFFERENT, Agreement.UNKNOWN):
        return plain
    count, touched = len(points), [_touched(*map(_flat, triple)) for triple in points]
    points = _joined(touched)
    # a few single entries tell one strength
    penalties = _PENALTIES if points is touched else _PENALTIES[:2]
    points = [triple for triple in points if triple[0].size]
    points = [triple for triple in points if not _is_along(*triple[1:])] or points
    for slopes in penalties:
        penalised = [(a, b, np.stack([f(p) for f in slopes], axis=-1)) for a, b, p in points]
        factors = _factors(penalised, steady)
        if factors is None:
            continue
        rest = [(a - terms @ f, b) for (a, b, terms), f in zip(penalised, factors, strict=True)]
        found = compare(rest, tolerance)
        if found.agreement not in (Agreement.DIFFERENT, Agreement.UNKNOWN):
            named = dict(zip((f.__name__ for f in slopes), map(float, factors[0]), strict=True))
            decay, shrink = named.get("positive", 0.0), named.get("sign", 0.0)
            scales = found.scales * (count // max(len(found.scales), 1))
            return replace(found, decay=decay, shrink=shrink, scales=scales)
    return plain


def without_penalty(claimed: Any, true: Any, parameter: Any, decays: bool, shrinks: bool) -> Any:
    """A claim less what of weight decay and of a lasso is in the items that it touches, by least squares.

    None where there are too few of them to tell.
    """
    slopes = [f for f, there in ((np.positive, decays), (np.sign, shrinks)) if there]
    some = np.shape(claimed) == np.shape(true) == np.shape(parameter) and (claimed != 0) | (
        true != 0
    )
    if np.any(some) and not np.any(parameter[some]):
        return claimed  # at zero a penalty has no slope
    if np.count_nonzero(some) < len(slopes) + 3:
        return None
    terms = np.column_stack([_flat(f(parameter[some])) for f in slopes])
    solution, _ = _residual(np.column_stack([_flat(true[some]), terms]), _flat(claimed[some]))
    left = np.array(claimed)
    left[some] -= terms @ solution[1:]
    return left


_PENALTIES = ((np.positive,), (np.sign,), (np.positive, np.sign))
"""The slopes of half the sum of squares (weight decay), of the sum of absolute values (lasso), of both."""


_SAMPLE = 50
"""Entries that tell of most large claims that they do not fit."""


def _factors(points: Sequence[tuple[Any, Any, Any]], steady: bool) -> Any:
    """The factors of the penalties' slopes at each point, None where there is no fit."""
    if not any(np.all(np.ptp(terms, axis=0)) for *_, terms in points):
        return None  # signs that are all the same cannot be told from a constant
    if not steady and any(claimed.size <= terms.shape[1] + 1 for claimed, _, terms in points):
        return None  # as many factors as entries: anything fits
    found = list(takewhile(lambda fit: fit is not None, (_fit(*triple) for triple in points)))
    if len(found) < len(points) or not found or np.any(np.abs(found[0]) < 1e-9):
        return None
    spread = np.max(found, axis=0) - np.min(found, axis=0)
    same = np.all(spread <= 1e-6 * np.max(np.abs(found), axis=0))
    return [found[0]] * len(found) if same else None if steady else found


def _flat(value: Any) -> Any:
    return np.asarray(value, dtype=float).ravel()


def _touched(claimed: Any, true: Any, parameter: Any) -> tuple[Any, Any, Any]:
    """The items that the loss or the step touches: who steps one row decays that row alone."""
    if claimed.shape != true.shape:
        return claimed, true, parameter
    some = (claimed != 0) | (true != 0)
    return claimed[some], true[some], parameter[some]


def _joined(points: list[tuple[Any, Any, Any]]) -> list[tuple[Any, Any, Any]]:
    """Three single entries or more as one point: each alone fits anything, together they tell."""
    alike = all(part.size == 1 for triple in points for part in triple)
    if not alike or len(points) < 3:
        return points
    claimed, true, parameter = (np.concatenate(parts) for parts in zip(*points, strict=True))
    return [(claimed, true, parameter)]


def _is_along(true: Any, parameter: Any) -> bool:
    """Whether a gradient is that of a penalty alone, as where every ReLU is dead: no fit is unique there."""
    if true.shape != parameter.shape or true.size < 2:
        return False
    sizes = float(np.linalg.norm(true)) * float(np.linalg.norm(parameter))
    return sizes > 0 and abs(float(np.sum(true * parameter))) > (1 - 1e-12) * sizes


def _fit(claimed: Any, true: Any, terms: Any) -> Any:
    """The factors of `terms` (a column each) in the least-squares fit of a claim, None without a fit."""
    if claimed.shape != true.shape or claimed.size <= terms.shape[1]:
        return None
    columns = np.column_stack([true, terms])
    if not (np.all(np.isfinite(columns)) and np.all(np.isfinite(claimed))):
        return None
    most = TOLERANCE * np.linalg.norm(claimed)
    step = claimed.size // _SAMPLE
    if step > 1 and _residual(columns[::step], claimed[::step])[1] > 2 * most:
        return None  # what does not fit some entries does not fit all of them
    solution, residual = _residual(columns, claimed)
    return solution[1:] if residual <= most else None


def _residual(columns: Any, claimed: Any) -> tuple[Any, Any]:
    """The least-squares fit of a claim by some columns, and the norm of what is left."""
    solution, *_ = np.linalg.lstsq(columns, claimed, rcond=None)
    return solution, np.linalg.norm(claimed - columns @ solution)


def _measure(claimed: Any, true: Any, negligible: float) -> _Point | None:
    if np.iscomplexobj(claimed) or np.iscomplexobj(true):
        return _Point(0.0, 1.0, 1.0, 0.0)
    a, b = np.asarray(claimed, dtype=float), np.asarray(true, dtype=float)
    if a.shape != b.shape or not (np.all(np.isfinite(a)) and np.all(np.isfinite(b))):
        return None if a.shape == b.shape else _Point(0.0, 1.0, 1.0, 0.0)
    size_a, size_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if size_a <= negligible and size_b <= negligible:
        return None
    if size_b <= negligible or size_a <= negligible * 1e-6:
        return _Point(0.0, 1.0, 1.0, 0.0)
    product = float(np.sum(a * b))
    scale = product / size_b**2
    residual = float(np.linalg.norm(a - scale * b)) / max(size_a, abs(scale) * size_b)
    error = float(np.linalg.norm(a - b)) / size_b
    return _Point(scale, residual, error, product / (size_a * size_b))
