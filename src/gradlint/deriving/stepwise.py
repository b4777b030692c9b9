"""The derivation one tensor at a time: each gradient from those before it, by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from gradlint import ops
from gradlint.deriving.expressions import LONGEST, Deriver, TooLong
from gradlint.deriving.folding import folded
from gradlint.deriving.goal import Goal
from gradlint.deriving.places import labels_of
from gradlint.deriving.slopes import Slope, activations
from gradlint.ops import Dialect, Text, Writer
from gradlint.ops.matrix_text import for_matrices

_TAGGED = re.compile("([^\1\2]*?)\1(\\d+)\2")
_TAG = re.compile("\1\\d+\2")

Given = Mapping[int, tuple[str, float]]
"""The name that the gradient of a node goes by, and the constant by which it is the true one."""


class _Certain(Deriver):
    """Takes what it finds by value only where it is found at every point."""

    others: Sequence[tuple[Callable[[int], int | None], Deriver]] = ()

    def _is_after(self, output: int, node: int) -> bool:
        """After it, or with the very same gradient: the output itself."""
        return output > node or np.array_equal(self.truth.of[output], self.truth.of[node])

    def fused(self, node: int) -> Text | None:
        found = super().fused(node)
        for at, other in self.others if found is not None else ():
            there = at(node)
            again = None if there is None else Deriver.fused(other, there)
            if found is None or again is None or again.text != found.text:
                return None
        return found


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression for the gradient of a node, and the nodes and gradients that it names."""

    text: str
    values: tuple[int, ...]
    gradients: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Stepwise:
    """Writes gradients of `goal`; `names` are those of the forward tensors, `sizes` of small sizes.

    `labels` are the names of arrays of integers that the gradients may pick classes by.
    """

    goal: Goal
    dialect: Dialect
    names: dict[int, str]
    sizes: dict[int, str]
    own: dict[int, int]
    labels: frozenset[str]

    def formula(
        self, node: int, given: Given, scale: float = 1.0, whole: bool = False
    ) -> Formula | None:
        """`scale` times the gradient of `node`, down to the gradients that are given; None if too long.

        `whole`: it has the full shape of `node`, and does not only broadcast to it.
        """
        top = max(self.goal.alike(node))
        known = {n: entry for n, entry in given.items() if n not in self.goal.alike(node)}
        heads = {n: max(self.goal.alike(n)) for n in known}
        tagged = {n: (f"{name}\1{heads[n]}\2", r) for n, (name, r) in known.items()}
        writer = Writer(self.dialect, size_name=self.sizes.get)
        deriver = _Certain(
            self.goal.trace, self.goal.truth, writer, self.names, [], self.own, self.sizes, scale,
            given=tagged, slopes=self.slopes, labels=labels_of(self.goal.trace, self.labels),
        )  # fmt: skip
        deriver.others = self._elsewhere(deriver)
        try:
            found = deriver.gradient(top, 0, named=False)
        except (TooLong, ops.OpError, ValueError, TypeError, IndexError, RecursionError):
            return None
        if whole:
            found = self._filled(found, node)
        text = self._untagged(folded(found.text))
        if text is None or len(text) > LONGEST:
            return None
        text = for_matrices(text, self.dialect)
        read = {int(head) for _, head in _TAGGED.findall(found.text)}
        gradients = tuple(dict.fromkeys(head for head in heads.values() if head in read))
        values = tuple(n for n, name in self.names.items() if mentions(text, name))
        return Formula(text, values, gradients)

    def _filled(self, text: Text, node: int) -> Text:
        shape = self.goal.trace.nodes[node].shape
        like = next((self.names[n] for n in self.goal.alike(node) if n in self.names), None)
        if like is None or text.shape is None or not shape:
            return text
        return Writer(self.dialect).filled(text, Text(like, shape=shape), shape)

    def _elsewhere(self, first: Deriver) -> list[tuple[Callable[[int], int | None], Deriver]]:
        """`first` at the other points, each with the way to its nodes."""
        found: list[tuple[Callable[[int], int | None], Deriver]] = []
        for k in range(1, len(self.goal.traces)):
            names = {
                there: name for n, name in self.names.items()
                if (there := self.goal.at(n, k)) is not None
            }  # fmt: skip
            trace = self.goal.traces[k]
            other = replace(
                first, trace=trace, truth=self.goal.truths[k], names=names, written={},
                labels=labels_of(trace, self.labels),
            )  # fmt: skip
            found.append((partial(self.goal.at, point=k), other))
        return found

    def _untagged(self, text: str) -> str | None:
        """The text with each name given as it is; None where two gradients of one name are in it."""
        tags: dict[str, set[str]] = {}
        for name, tag in _TAGGED.findall(text):
            tags.setdefault(name, set()).add(tag)
        return None if any(len(found) > 1 for found in tags.values()) else _TAG.sub("", text)

    @cached_property
    def slopes(self) -> dict[int, Slope]:
        """The slopes of the activations with a name."""
        return activations(self.goal.trace, self.goal.truth, self.names)


def mentions(text: str, name: str) -> bool:
    """Whether an expression reads the place `name`."""
    return re.search(rf"(?<![\w.'\"]){re.escape(name)}(?![\w'\"])", text) is not None


def spread(goal: Goal, given: Given) -> dict[int, tuple[str, float]]:
    """The names given to gradients, for all nodes that have the same one."""
    return {n: entry for node, entry in given.items() for n in goal.alike(node)}


def in_order(goal: Goal, nodes: Iterable[int]) -> list[int]:
    """Nodes in the order of the way back: each where all that it is derived from is known, soonest."""
    wanted = {max(goal.alike(node)): node for node in nodes}
    level = _levels(goal, set(wanted))
    return [wanted[top] for top in sorted(wanted, key=lambda top: (level[top], -top))]


def _levels(goal: Goal, tops: set[int]) -> dict[int, float]:
    """When each node is known: after the last node above it; parameters before the next inner one."""
    nearest = dict(above(goal, tops))
    roots = set(goal.parameters.values())
    inner = {top: -top + 0.0 for top in tops - roots}
    for top in sorted(tops - set(inner)):
        inner[top] = -min(nearest[top], default=goal.truth.loss) + 0.5
    return inner


def above(goal: Goal, tops: set[int]) -> Iterator[tuple[int, set[int]]]:
    """For each node the nearest of `tops` on its ways to the loss."""
    nearest: dict[int, set[int]] = {}
    for node in sorted(goal.truth.of, reverse=True):
        for source in goal.trace.nodes[node].inputs:
            if source in goal.truth.of:
                own = {node} if node in tops else nearest.get(node, set())
                nearest.setdefault(source, set()).update(own)
    for top in tops:
        yield top, nearest.get(top, set())
