"""Naming a factor: `N / 2` rather than 2.5, by the sizes that the script has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradlint.claims.rates import names_of
from gradlint.reading import syntax as s
from gradlint.tracing import Facts, Trace
from gradlint.tracing.sizes import own_sizes


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor as the script would write it, and its value at the script's own sizes."""

    text: str
    value: float

    def told(self) -> str:
        """`N / 2 = 50`, or the number alone."""
        number = f"{self.value:.4g}"
        return number if self.text == number else f"{self.text} = {number}"


_PLAIN = (0.5, 2.0)
"""The factors that people forget: these are taken for numbers, not for 2 / 4 at a size of 4."""


def name_factor(module: s.Module, trace: Trace, facts: Facts, scale: float) -> Factor:
    """The script's own expression for `scale`, measured at small sizes, or the bare number."""
    if any(np.isclose(scale, plain, rtol=1e-6) for plain in _PLAIN):
        return Factor(f"{scale:.4g}", scale)
    for small, (text, own) in _sizes(module, trace, facts).items():
        for numerator in (1, 2, 4, 0.5):
            if np.isclose(scale, numerator * small, rtol=1e-6):
                return Factor(_times(text, numerator), numerator * own)
            if np.isclose(scale, numerator / small, rtol=1e-6):
                return Factor(f"{numerator:g} / {text}", numerator / own)
    return Factor(f"{scale:.4g}", scale)


def _times(text: str, numerator: float) -> str:
    if numerator == 1:
        return text
    return f"{text} / 2" if numerator == 0.5 else f"{numerator:g} * {text}"


def _sizes(module: s.Module, trace: Trace, facts: Facts) -> dict[int, tuple[str, int]]:
    """The script's named sizes: {size in the walk: (name, the script's own size)}."""
    found: dict[int, tuple[str, int]] = {}
    for node in trace.nodes:
        if not node.is_leaf or not isinstance(node.value, int) or node.value < 3:
            continue
        names = [n for n in names_of(trace, node.id) if n.isidentifier()]
        own = node.expr.value if isinstance(node.expr, s.Constant) else None
        if names and isinstance(own, int):
            found.setdefault(node.value, (names[0], own))
    for small, own in own_sizes(module, facts.sizes).items():
        found.setdefault(small, (str(own), own))
    for node in trace.nodes:
        if node.is_leaf and np.ndim(node.value) >= 1:
            rows = node.shape[0]
            names = [n for n in names_of(trace, node.id) if n.isidentifier()]
            if names and rows >= 3 and not facts.sizes:
                found.setdefault(rows, (f"len({names[0]})", rows))
    return found
