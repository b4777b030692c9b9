"""Arrays whose items were set before they are trained: `w = np.zeros(3)`, then `w[0] = 1`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing.trace import LEAF
from gradlint.tracing.values import Traced

if TYPE_CHECKING:
    from gradlint.tracing.binding import Binding


def begin(m: Binding, cell: Traced, target: s.Expr) -> None:
    """Let a parameter start where the items of an array were set last, and not where it was made.

    `target` is what was set. Within a training loop nothing starts.
    """
    if any(id(loop) in m.facts.training_loops for loop, *_ in m.loops):
        return
    while cell.base is not None and cell.how is not None and cell.how[0] == "getitem":
        cell = cell.base
    m.refresh(cell)
    if np.asarray(cell.value).dtype.kind != "f":
        return
    key = (id(target), m.made[id(target)])
    m.made[id(target)] += 1
    if key in m.facts.parameters:
        value = m.random_like(cell.value) * m.facts.calm.get(key, 1.0)
        cell.id, cell.value = m.trace.add(LEAF, (), {}, value, None, m.statement), value
        cell.version += 1
    m.trace.mark(cell.id, key)
