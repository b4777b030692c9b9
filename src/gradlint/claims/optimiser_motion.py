"""An optimiser as a function of time: what it makes of gradients that we choose, from its zero state.

All textbook optimisers, however they are written, have two things in common. Where every gradient turns
round, every step turns round. Where every gradient is ten times as large, the step is ten times as large
(momentum) or the same (Adam, RMSprop, Adagrad, Lion). A formula that does otherwise is a slip.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.claims.extract import Claim
from gradlint.claims.optimisers import states
from gradlint.claims.replay import ENTRIES, evaluated
from gradlint.tracing import Trace

_ROUNDS = 3
_NEAR = 1e-6
LARGE = 1e4
"""A size of gradients at which no epsilon counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """The step of one parameter, `terms`, from the gradient `fed`, with `carried`: old state, new state."""

    trace: Trace
    root: int
    fed: int
    terms: tuple[tuple[float, int], ...]
    carried: tuple[tuple[int, int], ...]

    def of(self, node: int, gradients: Any, given: Mapping[int, Any] | None = None) -> Any | None:
        """What `node` is (one row a round) while the gradients are these, at a parameter of zero.

        None where it is not finite or not made entry by entry.
        """
        rows = [self._round(values, node) for values in self._states(gradients, given or {})]
        missing = len(rows) < len(gradients) or any(row is None for row in rows)
        return None if missing else np.asarray(rows, dtype=float)

    def steps(self, gradients: Any, given: Mapping[int, Any] | None = None) -> Any | None:
        """The steps of the parameter, one row a round, while the gradients are these."""
        total = np.zeros(np.shape(gradients))
        for factor, node in self.terms:
            rows = self.of(node, gradients, given)
            if rows is None:
                return None
            total = total + factor * rows
        return total

    def _round(self, values: Mapping[int, Any], node: int) -> Any | None:
        if np.size(self.trace.value(node)) == 1 and not self.trace.made_from(self._moving) & {node}:
            return np.full(ENTRIES, self.trace.value(node), dtype=float)
        return evaluated(self.trace, node, values)

    @property
    def _moving(self) -> frozenset[int]:
        return frozenset({self.root, self.fed, *(old for old, _ in self.carried)})

    def _states(self, gradients: Any, given: Mapping[int, Any]) -> list[dict[int, Any]]:
        """What each round finds: state, gradient and a parameter of zero."""
        found: list[dict[int, Any]] = []
        held = {old: np.zeros(ENTRIES) for old, _ in self.carried}
        for gradient in gradients:
            values = {self.root: np.zeros(ENTRIES), **held, self.fed: gradient, **given}
            found.append(values)
            for old, new in self.carried:
                value = evaluated(self.trace, new, values)
                if value is None:
                    return found
                held[old] = value
        return found


def motion(trace: Trace, claim: Claim) -> Motion | None:
    """The optimiser behind the step of a parameter, if its step is made from state."""
    if not claim.through_optimiser or claim.gradient is None:
        return None
    held = states(trace, claim.root)
    behind = set(trace.ancestors(update.new for update in claim.updates))
    new = {
        store.old: store.new for store in trace.stores
        if store.old in held and store.old in behind and store.new is not None and store.old is not None
    }  # fmt: skip
    terms = tuple(term for update in claim.updates for term in update.change)
    return Motion(trace, claim.root, claim.gradient, terms, tuple(new.items()))


def some_gradients(motion: Motion) -> Any:
    """Gradients of both signs, a row a round, at random."""
    draw = np.random.default_rng(motion.root)
    sizes = draw.uniform(0.5, 2.0, (_ROUNDS, ENTRIES))
    return sizes * draw.choice([-1.0, 1.0], (_ROUNDS, ENTRIES))


def turns(motion: Motion, node: int) -> int | None:
    """1 where a value turns round with all gradients, -1 where it does not change, 0 where neither.

    None where it cannot be told, or stays zero.
    """
    some = some_gradients(motion)
    return _turn(motion.of(node, some), motion.of(node, -some))


def step_turns(motion: Motion) -> int | None:
    """The same of the step of the parameter."""
    some = some_gradients(motion)
    return _turn(motion.steps(some), motion.steps(-some))


def _turn(first: Any | None, other: Any | None) -> int | None:
    if first is None or other is None or not np.any(first):
        return None
    size = float(np.abs(first).max())
    if np.allclose(first, -other, atol=_NEAR * size):
        return 1
    return -1 if np.allclose(first, other, atol=_NEAR * size) else 0


def degree(motion: Motion) -> float | None:
    """With which power of the size of all gradients the step grows: 1 for momentum, 0 for Adam."""
    large = LARGE * some_gradients(motion)
    sizes = []
    for factor in (1.0, 10.0):
        steps = motion.steps(factor * large)
        if steps is None or not np.any(steps[-1]):
            return None
        sizes.append(float(np.linalg.norm(steps[-1])))
    return float(np.log10(sizes[1] / sizes[0]))


def rests(motion: Motion) -> bool:
    """Whether the parameter stays where it is while there are no gradients; true where it cannot be told."""
    steps = motion.steps(np.zeros((1, ENTRIES)))
    return steps is None or not np.any(steps)
