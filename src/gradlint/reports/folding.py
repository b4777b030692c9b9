"""Gradients that one line makes for many single numbers, of which the first few stand for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from gradlint.model import Gradient

MOST = 6
"""So many rows of one line that say the same are shown; of more, the first `SHOWN`."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A gradient in the table; `more` others that say the same are left out behind it."""

    gradient: Gradient
    more: int = 0


def folded(gradients: Sequence[Gradient]) -> list[Shown]:
    """The gradients to show, in their order: those of a neuron's weights, one by one, fill many screens."""
    total, seen, found = Counter(map(_said, gradients)), Counter[Hashable](), []
    for gradient in gradients:
        said = _said(gradient)
        seen[said] += 1
        if total[said] <= MOST or seen[said] < SHOWN:
            found.append(Shown(gradient))
        elif seen[said] == SHOWN:
            found.append(Shown(gradient, total[said] - SHOWN))
    return found


def _said(gradient: Gradient) -> Hashable:
    """Where a gradient is made, and what each witness says of it."""
    scales = (gradient.scale, gradient.autograd_scale)
    return (
        gradient.file, gradient.cell, gradient.line, gradient.loss,
        gradient.static, gradient.autograd, gradient.finite_difference,
        *(None if scale is None else f"{scale:.4g}" for scale in scales),
    )  # fmt: skip
