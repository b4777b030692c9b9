"""Ways to make a mistake in a backward pass, a family a file; nothing here knows gradlint."""

from __future__ import annotations

from mutation.mutant import Operator
from mutation.operators import (
    activations,
    assignments,
    caches,
    copies,
    indices,
    lines,
    losses,
    masks,
    names,
    numbers,
    products,
    reductions,
    scales,
    signs,
    terms,
    updates,
    windows,
)

# The particular before the general: a text that two operators make counts for the first.
OPERATORS: tuple[Operator, ...] = (
    *caches.OPERATORS, *copies.OPERATORS, *windows.OPERATORS,
    *updates.OPERATORS, *activations.OPERATORS, *reductions.OPERATORS, *masks.OPERATORS,
    *terms.OPERATORS, *scales.OPERATORS, *indices.OPERATORS, *assignments.OPERATORS,
    *products.OPERATORS, *signs.OPERATORS, *losses.OPERATORS, *names.OPERATORS,
    *numbers.OPERATORS, *lines.OPERATORS,
)  # fmt: skip
