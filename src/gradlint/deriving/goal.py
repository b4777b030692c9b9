"""What is to be derived: a loss and its parameters, in walks in which these stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradlint.judging import Case, Judgement, Truth
from gradlint.reading import syntax as s
from gradlint.tracing import Facts, Trace


@dataclass(frozen=True, eq=False)
class Goal:
    """The true gradients of the loss that readers call `loss`, at a few random points.

    `parameters` are the places of the parameters with their nodes in the first of `traces`.
    """

    module: s.Module
    facts: Facts
    loss: str
    traces: tuple[Trace, ...]
    truths: tuple[Truth, ...]
    parameters: Mapping[str, int]

    @property
    def trace(self) -> Trace:
        return self.traces[0]

    @property
    def truth(self) -> Truth:
        return self.truths[0]

    @cached_property
    def behind(self) -> frozenset[int]:
        """All that the loss was made from, itself included."""
        return frozenset(self.trace.ancestors([self.truth.loss]))

    @cached_property
    def path(self) -> tuple[int, ...]:
        """The nodes between the loss and the parameters, these included and the loss not, loss first."""
        return tuple(sorted((n for n in self.truth.of if n != self.truth.loss), reverse=True))

    def at(self, node: int, point: int) -> int | None:
        """The node at another point that was made where `node` was."""
        if point == 0:
            return node
        key = self.trace.keys.get(node)
        return None if key is None else self.traces[point].at(key)

    @cached_property
    def inner(self) -> tuple[int, ...]:
        """The nodes of the path that are no parameters and whose gradient depends on something."""
        roots = set(self.parameters.values())
        return tuple(n for n in self.path if n not in roots and not self.is_trivial(n))

    def alike(self, node: int) -> frozenset[int]:
        """The inner nodes with the very gradient of `node`, as the terms of a sum have; itself at least."""
        return self._alike.get(node, frozenset([node]))

    @cached_property
    def _alike(self) -> dict[int, frozenset[int]]:
        groups: dict[object, list[set[int]]] = {}
        for node in self.inner:
            near = groups.setdefault(_outline(self.truth.of[node]), [])
            group = next((g for g in near if self._have_same(next(iter(g)), node)), None)
            if group is None:
                near.append({node})
            else:
                group.add(node)
        return {node: frozenset(g) for near in groups.values() for g in near for node in g}

    def _have_same(self, one: int, other: int) -> bool:
        """Whether two nodes have the same gradient at every point."""
        if not _is_same(self.truth.of[one], self.truth.of[other]):
            return False
        pairs = ((self.at(one, k), self.at(other, k), t.of) for k, t in enumerate(self.truths))
        return all(a in of and b in of and _is_same(of[a], of[b]) for a, b, of in pairs)

    def is_trivial(self, node: int) -> bool:
        """Whether a node's gradient is one number whatever the values are: a term of the loss."""
        if np.size(self.truth.of[node]) != 1 or node in self.parameters.values():
            return False
        values = [
            float(np.asarray(true.of[there]).item())
            for k, true in enumerate(self.truths)
            if (there := self.at(node, k)) in true.of and there is not None
        ]
        return len(values) < 2 or max(values) - min(values) <= 1e-12 * abs(values[0])


def goal_of(case: Case, judgement: Judgement) -> Goal:
    """The goal of a script whose claims were judged against a loss."""
    first = case.points[0]
    parameters = {
        claim.place: root
        for claim, root in zip(first.claims, first.roots, strict=True)
        if root is not None
    }
    traces = tuple(point.frozen for point in case.points)
    return Goal(case.module, case.facts, judgement.spec.name, traces, judgement.truths, parameters)


def _outline(value: Any) -> object:
    """What two equal arrays have in common and most others have not: the shape and the first number."""
    array = np.asarray(value)
    return array.shape, f"{array.flat[0]:.8e}" if array.size else ""


def _is_same(one: Any, other: Any) -> bool:
    if np.shape(one) != np.shape(other) or np.size(one) < 2:
        return False
    return np.allclose(one, other, rtol=1e-12, atol=0)
