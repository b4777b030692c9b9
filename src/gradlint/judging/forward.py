"""What the forward part of a walk says of layers and parameters: activations, order, units.

Activations are known by value, as everything else: `np.maximum(z, 0)`, `z * (z > 0)` and
`z.clamp(min=0)` are one and the same function of `z`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.judging.truth import between
from gradlint.tracing import Trace

_CHAIN = 6
"""Operations of which an activation is at most made: `1 / (1 + np.exp(-z))` has four."""


def _sigmoid(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


_KINDS: dict[str, Callable[[Any], Any]] = {
    "relu": lambda z: np.maximum(z, 0.0),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
}


@dataclass(frozen=True, slots=True)
class Activation:
    """The node `out` is the function `kind` of the node `source`; `feeding` are roots above it."""

    kind: str
    source: int
    out: int
    feeding: tuple[int, ...]
    hidden: bool


class Forward:
    """The nodes between the parameters `roots` and the loss."""

    def __init__(self, trace: Trace, roots: Sequence[int], loss: int) -> None:
        self.trace = trace
        self.roots = tuple(roots)
        self.within = {*between(trace, loss, set(roots)), *roots}
        self.nodes = sorted(self.within - set(roots))
        self.above = self._above()
        self.weights = self._weights()

    def _above(self) -> dict[int, frozenset[int]]:
        """The roots that each node was computed from."""
        found = {root: frozenset([root]) for root in self.roots}
        for node in self.nodes:
            inputs = self.trace.nodes[node].inputs
            found[node] = frozenset().union(*(found.get(i, frozenset()) for i in inputs))
        return found

    def _weights(self) -> set[int]:
        """The parameters, and what is made of parameters and numbers alone: `w.T`, `2 * w`."""
        found = set(self.roots)
        for node in self.nodes:
            inputs = self.trace.nodes[node].inputs
            if all(i in found or np.size(self.trace.value(i)) == 1 for i in inputs):
                found.add(node)
        return found

    def ordered_roots(self) -> list[int]:
        """The parameters that the loss depends on, in the order of their first use."""
        first: dict[int, int] = {}
        for node in self.nodes:
            for source in self.trace.nodes[node].inputs:
                if source in self.roots:
                    first.setdefault(source, node)
        return sorted(first, key=lambda root: first[root])

    def activations(self) -> list[Activation]:
        """Every activation of at least two entries, in the order of evaluation."""
        found: list[Activation] = []
        for node in self.nodes:
            known = {a.out for a in found}
            if np.size(self.trace.value(node)) < 2 or known & set(self.trace.nodes[node].inputs):
                continue
            match = self._matched(node)
            if match is not None:
                kind, source = match
                feeding = tuple(r for r in self.ordered_roots() if r in self.above[node])
                found.append(Activation(kind, source, node, feeding, self.is_hidden(node)))
        return found

    def _matched(self, node: int) -> tuple[str, int] | None:
        value = np.asarray(self.trace.value(node))
        for source in self._chain(node):
            z = np.asarray(self.trace.value(source))
            if z.shape != value.shape or z.dtype.kind != "f" or not np.any(z < 0):
                continue
            with np.errstate(all="ignore"):
                for kind, function in _KINDS.items():
                    if np.allclose(value, function(z), rtol=1e-9, atol=1e-12):
                        return kind, source
        return None

    def _chain(self, node: int) -> Iterator[int]:
        """The nodes from which `node` is made elementwise, the nearest first."""
        level, seen = [node], {node}
        for _ in range(_CHAIN):
            inputs = [
                i for n in level if self.is_entrywise(n)
                for i in self.trace.nodes[n].inputs if i in self.within
            ]  # fmt: skip
            level = [i for i in dict.fromkeys(inputs) if i not in seen]
            seen.update(level)
            yield from level

    def is_entrywise(self, node: int) -> bool:
        """Whether an entry of a node is made of the same entry of its inputs."""
        op = self.trace.nodes[node].op
        return op in ops.OPS and (ops.OPS[op].elementwise or op in ("setitem", "copy", "clip"))

    def is_hidden(self, node: int) -> bool:
        """Whether what comes of `node` is multiplied by a parameter on its way to the loss."""
        below = {node}
        for later in self.nodes:
            inputs = self.trace.nodes[later].inputs
            if any(i in below for i in inputs):
                below.add(later)
                if self.weights & set(inputs) - below and not self.is_entrywise(later):
                    return True
        return False

    def unit_axis(self, root: int) -> int | None:
        """The axis along which the units of a matrix of weights lie, where a product says so."""
        if np.ndim(self.trace.value(root)) != 2:
            return None
        turned: dict[int, bool] = {root: False}
        for node in self.nodes:
            entry = self.trace.nodes[node]
            for place, source in enumerate(entry.inputs):
                if source not in turned:
                    continue
                if entry.op in ("copy", "transpose"):
                    turned[node] = turned[source] ^ (entry.op == "transpose")
                elif entry.op in ("matmul", "dot") and len(entry.inputs) == 2:
                    return (1 if place == 1 else 0) ^ turned[source]
        return None
