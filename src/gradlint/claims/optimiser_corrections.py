"""The correction of the bias that moments have from their start at zero, read off by value.

Where the step counts its rounds, as `1 - beta ** t` does, it is evaluated at several counts; what it
changes by says how each of the two moments is corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from gradlint.claims.optimiser_forms import Average
from gradlint.claims.optimiser_motion import LARGE, Motion
from gradlint.claims.replay import ENTRIES
from gradlint.reading import syntax as s

_COUNTS = np.arange(1.0, 6.0)
_EXACT = 1e-7

FORMS: dict[str, Callable[[Any, float, float], Any]] = {
    "right": lambda t, own, other: 1 - own**t,
    "none": lambda t, own, other: np.ones_like(t),
    "other": lambda t, own, other: 1 - other**t,
    "plus": lambda t, own, other: 1 + own**t,
    "times": lambda t, own, other: 1 / (1 - own**t),
}
"""What a moment that keeps `own` of itself may be divided by after `t` rounds; `other` is the other rate."""


def corrections(motion: Motion, first: Average, second: Average) -> tuple[str, str] | None:
    """How the first and the second moment are corrected, as names of forms; None where none fits.

    A learning rate that falls with the rounds fits none.
    """
    counters = list(_counters(motion))
    changed = _by_count(motion, counters) if counters else None
    if changed is None:
        return None
    ways = [("none", "none"), *product(FORMS, FORMS)]
    for one, two in ways:
        made = _formula(FORMS[one], FORMS[two], first.kept, second.kept)
        if np.allclose(changed, made / made[0], rtol=_EXACT):
            return one, two
    return None


def _formula(one: Any, two: Any, kept: float, other: float) -> Any:
    return np.sqrt(two(_COUNTS, other, kept)) / one(_COUNTS, kept, other)


def _counters(motion: Motion) -> Iterator[int]:
    """The whole numbers that count the rounds: no literals, and others are raised to their power."""
    trace = motion.trace
    for node in trace.ancestors(node for _, node in motion.terms):
        entry = trace.nodes[node]
        if entry.op == "power" and all(np.size(trace.value(i)) == 1 for i in entry.inputs):
            count = trace.nodes[entry.inputs[1]]
            if float(np.asarray(count.value).item()).is_integer() and not isinstance(
                count.expr, s.Constant
            ):
                yield count.id


def _by_count(motion: Motion, counters: list[int]) -> Any | None:
    """The first step at each count, over that at the count of one; None where it cannot be told."""
    sizes = []
    for count in _COUNTS:
        steps = motion.steps(np.full((1, ENTRIES), LARGE), dict.fromkeys(counters, count))
        if steps is None or not steps[0, 0]:
            return None
        sizes.append(steps[0, 0])
    return np.asarray(sizes) / sizes[0]
