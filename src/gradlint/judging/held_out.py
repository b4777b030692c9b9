"""Losses of rows that no step is made from: that of `x[-1000:]` beside steps of `x[:-1000]`."""

from __future__ import annotations

from collections.abc import Iterable

from gradlint.claims import Claim
from gradlint.tracing import Trace
from gradlint.tracing.facts import SiteKey


def takes_other_rows(trace: Trace, claims: list[Claim], frozen: Trace, loss: int) -> bool:
    """Whether a loss is made from rows of something that no step is made from, beside those that are.

    `trace` is the walk of the steps that `claims` make, `frozen` that in which `loss` is a node.
    """
    steps = [node for claim in claims for update in claim.updates for _, node in update.change]
    stepped, shown = _rows(trace, steps), _rows(frozen, [loss])
    return any(shown[data] - stepped[data] for data in shown.keys() & stepped.keys())


_Rows = tuple[int | None, int | None]


def _rows(trace: Trace, nodes: Iterable[int]) -> dict[SiteKey, set[_Rows]]:
    """The slices behind the nodes that begin with the first row or end with the last, by what is sliced."""
    found: dict[SiteKey, set[_Rows]] = {}
    for number in trace.ancestors(list(nodes)):
        node = trace.nodes[number]
        index = node.params.get("index") if node.op == "getitem" else None
        first = index[0] if isinstance(index, tuple) and index else index
        data = trace.keys.get(node.inputs[0]) if node.inputs else None
        if not isinstance(first, slice) or data is None:
            continue
        if (first.start is None) != (first.stop is None):
            found.setdefault(data, set()).add((first.start, first.stop))
    return found
