"""The loss of one observed step as a function of the parameters, to be evaluated many times."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.tracing import Trace, TraceNode


@dataclass(frozen=True, slots=True, eq=False)
class LossGraph:
    """The nodes between the parameters `roots` and the node `loss`, in the order of evaluation.

    Nothing goes through the nodes `fixed`: they are numbers, whatever they were made of.
    """

    trace: Trace
    loss: int
    roots: tuple[int, ...]
    nodes: tuple[int, ...]
    fixed: frozenset[int] = frozenset()

    @staticmethod
    def between(
        trace: Trace, roots: Sequence[int], loss: int, fixed: frozenset[int] = frozenset()
    ) -> LossGraph:
        """The part of `trace` through which `loss` depends on `roots`, of which each counts once."""
        wanted, reached = set(roots), set[int]()
        for node in sorted(trace.ancestors([loss], beyond=fixed)):
            if node in wanted or any(i in reached for i in trace.nodes[node].inputs):
                reached.add(node)
        once = tuple(dict.fromkeys(roots))
        return LossGraph(trace, loss, once, tuple(sorted(reached - wanted)), fixed)

    @property
    def depends(self) -> bool:
        """Whether the loss depends on any of the roots."""
        return self.loss in self.roots or self.loss in self.nodes

    def of(self, root: int) -> LossGraph:
        """The same loss as a function of one parameter."""
        return LossGraph.between(self.trace, [root], self.loss, self.fixed)

    def run(
        self, values: Mapping[int, Any], apply: Callable[..., Any], constant: Callable[[Any], Any],
        move: Callable[[TraceNode, list[Any]], list[Any]] | None = None,
    ) -> Any:  # fmt: skip
        """The loss where the roots have `values`; `apply(op, inputs, params)` computes one node.

        `move` may change the inputs of a node before.
        """
        found: dict[int, Any] = dict(values)
        for node in self.nodes:
            entry = self.trace.nodes[node]
            for source in entry.inputs:
                if source not in found:
                    found[source] = constant(self.trace.value(source))
            inputs = [found[i] for i in entry.inputs]
            inputs = inputs if move is None else move(entry, inputs)
            found[node] = apply(ops.OPS[entry.op], inputs, entry.params)
        return found[self.loss]

    def loss_at(self, values: Mapping[int, Any]) -> float:
        """The loss in numpy, float64."""
        with np.errstate(all="ignore"):
            out = self.run(values, lambda op, xs, params: op.evaluate(*xs, **params), lambda v: v)
        return float(np.asarray(out, dtype=np.float64).reshape(()))

    def start(self) -> dict[int, Any]:
        """The parameters as they stood at this step."""
        return {root: np.asarray(self.trace.value(root), dtype=np.float64) for root in self.roots}
