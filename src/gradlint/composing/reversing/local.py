"""The derivative of one statement: what it hands to each tensor that it reads, as text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradlint import ops
from gradlint.deriving.expressions import Deriver, TooLong
from gradlint.deriving.folding import folded
from gradlint.deriving.slopes import Slope, activations
from gradlint.judging import Truth
from gradlint.judging.truth import push
from gradlint.ops import Text, Writer
from gradlint.tracing import Trace


class _Within(Deriver):
    """Knows no other consumers than those in `reached`, and takes nothing for an error of the whole."""

    reached: Collection[int] = ()

    @cached_property
    def consumers(self) -> Mapping[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = {}
        for node in sorted(self.reached):
            for argnum, source in enumerate(self.trace.nodes[node].inputs):
                found.setdefault(source, []).append((node, argnum))
        return found

    def fused(self, node: int) -> Text | None:
        return None


@dataclass(frozen=True, eq=False)
class Local:
    """The nodes from `start` up to `out` that a statement made, from the nodes `read`.

    `names` are texts for forward values, `sizes` for small sizes.
    """

    trace: Trace
    writer: Writer
    start: int
    out: int
    read: frozenset[int]
    names: Mapping[int, str]
    sizes: Mapping[int, str]

    @cached_property
    def reached(self) -> set[int]:
        """What was made from the nodes read."""
        found: set[int] = set()
        for node in range(self.start, self.out + 1):
            if node not in self.read and any(
                i in found or i in self.read for i in self.trace.nodes[node].inputs
            ):
                found.add(node)
        return found

    @cached_property
    def truth(self) -> Truth:
        """Reverse mode over the statement, from a cotangent at random."""
        rng = np.random.default_rng(0)
        of = {self.out: np.asarray(rng.normal(size=self.trace.nodes[self.out].shape))}
        blocked: list[int] = []
        for node in sorted(self.reached, reverse=True):
            if node in of:
                push(self.trace, node, of, self.reached | self.read, blocked)
        return Truth(-1, of, tuple(blocked))

    @cached_property
    def slopes(self) -> dict[int, Slope]:
        """The slopes of the activations in the statement."""
        return activations(self.trace, self.truth, self.names, smallest=1)

    def handed_to(self, node: int, g: str, before: Mapping[int, str]) -> str | None:
        """What is added to the gradient of `node`, where that of `out` is `g`; None if it has no short form.

        `before` are the names of gradients on the way.
        """
        if node == self.out:
            return g
        if node not in self.truth.of:
            return None
        names = dict(self.names)
        deriver = _Within(
            self.trace, self.truth, self.writer, names, [], {n: n for n in self.sizes},
            dict(self.sizes), given={self.out: (g, 1.0), **{n: (name, 1.0) for n, name in before.items()}},
            slopes=self.slopes,
        )  # fmt: skip
        deriver.reached = self.reached
        try:
            found = deriver.gradient(node, 0, named=False)
        except (TooLong, ops.OpError, ValueError, TypeError, IndexError, RecursionError):
            return None
        return folded(self._whole(found, node).text)

    def _whole(self, found: Text, node: int) -> Text:
        """`found` with the full shape of `node`."""
        shape = self.trace.nodes[node].shape
        like = self.names.get(node)
        if like is None or found.shape is None or not shape:
            return found
        return self.writer.filled(found, Text(like, shape=shape), shape)
