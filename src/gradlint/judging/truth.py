"""Reverse mode over a trace: the true gradient of the loss for every node that it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.reading import syntax as s
from gradlint.tracing import Trace

NO_NODES: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The cotangents of one loss: `of[node]` has the node's shape.

    `blocked` are the operations on the way that have no derivative (a step function, an argmax).
    """

    loss: int
    of: dict[int, Any]
    blocked: tuple[int, ...]

    def gradient(self, trace: Trace, node: int) -> Any:
        """d loss / d node, zeros where the loss does not depend on it."""
        found = self.of.get(node)
        return np.zeros(trace.nodes[node].shape) if found is None else found


def truth(
    trace: Trace, loss: int, wanted: Iterable[int], given: Mapping[int, int] = NO_NODES
) -> Truth:
    """Reverse mode from `loss` (one element) down to the nodes `wanted`.

    The nodes `given` pass their cotangents on as they are, to what each stands for.

    Only nodes between the two are visited, so a loss on top of much data costs what its own
    dependence on the parameters costs.
    """
    reached = between(trace, loss, set(wanted))
    of: dict[int, Any] = {loss: np.ones(trace.nodes[loss].shape)}
    blocked: list[int] = []
    for node in sorted(reached, reverse=True):
        if node in given and node in of:
            _add(of, given[node], of[node])
        elif node in of:
            push(trace, node, of, reached, blocked)
    return Truth(loss, of, tuple(blocked))


def between(trace: Trace, loss: int, wanted: set[int]) -> set[int]:
    """The ancestors of the loss that were made from one of `wanted`, if not from a copy that stays."""
    above = sorted(trace.ancestors([loss], since=min(wanted, default=0)))
    reached: set[int] = set()
    for node in above:
        made = any(i in reached for i in trace.nodes[node].inputs)
        if node in wanted or (made and not _stays(trace, node, wanted)):
            reached.add(node)
    return reached


def _stays(trace: Trace, node: int, wanted: set[int]) -> bool:
    """Whether it is a copy of a parameter from before the training, which stays when that moves.

    The weights of a target network are one, or those that a penalty holds on to.
    """
    entry = trace.nodes[node]
    if entry.op not in ("copy", "detach") or entry.inputs[0] not in wanted:
        return False
    return node < min((time for _, time in trace.rounds), default=0)


def push(
    trace: Trace, node: int, of: dict[int, Any], reached: set[int], blocked: list[int]
) -> None:
    """Add the contribution of `node` to the cotangents of its inputs."""
    entry = trace.nodes[node]
    if not entry.inputs:
        return
    values = tuple(trace.nodes[i].value for i in entry.inputs)
    op = ops.OPS[entry.op]
    for argnum, source in enumerate(entry.inputs):
        if source not in reached:
            continue
        if np.asarray(trace.value(source)).dtype.kind == "b":
            if _is_chance(trace, source):
                blocked.append(node)
            continue
        if not op.differentiable or op.vjp_of(argnum) is None:
            blocked.append(node)
            continue
        with np.errstate(all="ignore"):
            part = ops.vjp(op, argnum, of[node], entry.value, values, entry.params)
        _add(of, source, part)


def is_drawn(trace: Trace, node: int) -> bool:
    """Whether a node without a derivative is a draw, or made from one with computed probabilities."""
    entry = trace.nodes[node]
    if entry.op == "sampled" or any(_is_chance(trace, source) for source in entry.inputs):
        return True
    sources = [trace.nodes[source] for source in entry.inputs]
    apart = (i for source in sources if source.op == "subtract" for i in source.inputs)
    return entry.op == "sign" and any(_is_random(trace, i) for i in apart)


def _is_chance(trace: Trace, node: int) -> bool:
    """Whether a mask is a draw: `p > np.random.rand(*p.shape)`."""
    drawn = any(_is_random(trace, side) for side in trace.nodes[node].inputs)
    return drawn and np.asarray(trace.value(node)).dtype.kind == "b"


def _is_random(trace: Trace, node: int) -> bool:
    return trace.nodes[node].is_leaf and _draws(trace.nodes[node].expr)


def _draws(expr: s.Expr | None) -> bool:
    called = expr.func if isinstance(expr, s.Call) else None
    name = getattr(called, "attr", getattr(called, "id", ""))
    return name in ("rand", "random", "random_sample", "uniform", "rand_like", "uniform_")


def _add(of: dict[int, Any], node: int, part: Any) -> None:
    of[node] = of[node] + part if node in of else part
