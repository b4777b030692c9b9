"""What earlier walks through a script taught the next one: sizes, training loops, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gradlint.tracing.inputs import Inputs

SiteKey = tuple[int, int]
"""A place that makes values: the identity of its expression, and which of its values it is."""


TIGHTEST = 2
"""How often the sizes of a script that is too long are made smaller."""

KEPT = 2
"""Sizes up to this stay: one column broadcasts and two classes are binary, which is no accident."""


@dataclass(slots=True)
class Facts:
    """Facts about one module; expressions are known by identity, which the module keeps alive.

    `sizes` maps an integer literal that becomes a dimension to the small size that stands for it;
    `training_loops` are walked for one round; `parameters` get random values, whatever the script
    starts them with, so that a gradient is never judged at zero. `updates` are the statements that
    move a parameter; `blind_steps` those of them whose movement does not depend on the parameter.
    `counts` are the literals that say how often a loop runs or how long a slice is; they get small sizes
    where a walk would be too long otherwise, and then all sizes are `tight`: pairwise different at 1, at
    2 as small as can be.
    `shrinks`: large arrays are a reason to look for small sizes. `inputs` are the made ones; a walk that
    is `learning` stops at the first use that says more of them. The statements in `held` make
    no step. `nudges` are added to what is made at these places. Those in `calm` are drawn so
    many times as large as usual.
    """

    sizes: dict[int, int] = field(default_factory=dict)
    training_loops: set[int] = field(default_factory=set)
    parameters: set[SiteKey] = field(default_factory=set)
    dimensions: dict[int, int] = field(default_factory=dict)
    updates: set[int] = field(default_factory=set)
    blind_steps: set[int] = field(default_factory=set)
    shrinks: bool = True
    inputs: Inputs = field(default_factory=Inputs)
    learning: bool = False
    counts: dict[int, int] = field(default_factory=dict)
    tight: int = 0
    held: frozenset[int] = frozenset()
    nudges: Mapping[SiteKey, Any] = field(default_factory=dict)
    calm: Mapping[SiteKey, float] = field(default_factory=dict)

    def copy(self) -> Facts:
        """Facts that a walk may add to without teaching the next one."""
        return replace(
            self,
            training_loops=set(self.training_loops),
            dimensions=dict(self.dimensions),
            counts=dict(self.counts),
            updates=set(self.updates),
            learning=False,
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds of one walk: statements and expressions evaluated, array elements made, rounds of a loop."""

    steps: int = 60_000
    elements: int = 20_000_000
    array: int = 2_000_000
    rounds: int = 200
    failures: int = 24
    depth: int = 60
