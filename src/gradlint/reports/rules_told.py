"""Words that the derivation at a terminal and the one in Markdown share."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from gradlint.explaining.lesson import Route, Tensor


class RulesTold:
    """Tells each rule in full once, and later where it was told."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}

    def sentence(self, rules: Sequence[str], step: int) -> str:
        """The rules of a step, those of earlier steps by number."""
        new = [rule for rule in rules if self._at.setdefault(rule, step) == step]
        old = sorted({self._at[rule] for rule in rules if self._at[rule] != step})
        parts = ["; ".join(new)] if new else []
        if old:
            steps = "steps" if len(old) > 1 else "step"
            parts.append(f"as in {steps} {' and '.join(map(str, old))}")
        return "; ".join(parts)


def readers(tensor: Tensor) -> str:
    """Which gradients are computed from a tensor, and which should be or should not."""
    parts = [", ".join(tensor.used)] if tensor.used else []
    parts += [f"missing in {name}" for name in tensor.missing]
    parts += [f"does not belong in {name}" for name in tensor.wrongly]
    return "; ".join(parts)


def chain(route: Route) -> str:
    """The chain rule of a parameter: `d loss/d w1 = d loss/d h * d h/d w1`."""
    places = ["loss" if " " in route.places[0] else route.places[0], *route.places[1:]]
    whole = f"d {places[0]}/d {places[-1]}"
    pairs = itertools.pairwise(places)
    factors = [
        "..." if "..." in pair else f"d {_bracketed(pair[0])}/d {_bracketed(pair[1])}"
        for pair in pairs
    ]
    listed = list(dict.fromkeys(factors))
    if listed == [whole] and not route.others:
        return whole
    others = f" + {route.others} more such" if route.others else ""
    return f"{whole} = {' * '.join(listed)}{others}"


def steps_of(route: Route) -> str:
    """`step 3`, `steps 1, 2`."""
    return f"step{'s' if len(route.steps) > 1 else ''} {', '.join(map(str, route.steps))}"


def _bracketed(place: str) -> str:
    return f"({place.removeprefix('the ')})" if " " in place else place
