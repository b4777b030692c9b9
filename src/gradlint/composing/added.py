"""Parameters of a layer that was added to a forward pass: none is stepped, all are used as weights are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from gradlint.tracing import Trace

_VIEWS = ("transpose", "reshape", "copy", "swapaxes", "squeeze", "expand_dims")
_PRODUCTS = ("matmul", "dot", "inner", "multiply", "einsum", "tensordot")


def added(
    trace: Trace,
    candidates: Mapping[str, int],
    moved: Collection[int],
    loss: int,
    rows: tuple[int, ...],
) -> dict[str, int]:
    """Those of `candidates`, by place, that the forward pass uses as weights beside the `moved`.

    `rows` is how many samples there are: an array of as many is data.
    """
    above = set(trace.ancestors([loss])) | {loss}
    found: dict[str, int] = {}
    while True:
        known = {*moved, *found.values()}
        reached = _reached(trace, known)
        more = {
            place: node for place, node in candidates.items()
            if node not in known and _is_weight(trace, node, above, reached, rows)
        }  # fmt: skip
        if not more:
            return found
        found |= more


def _is_weight(
    trace: Trace, node: int, above: Collection[int], reached: Collection[int], rows: tuple[int, ...]
) -> bool:
    if trace.nodes[node].shape[:1] == rows and rows:
        return False
    uses = list(_uses(trace, node, above))
    return bool(uses) and all(_weighs(trace, user, used, reached, rows) for user, used in uses)


def _uses(trace: Trace, node: int, above: Collection[int]) -> Iterator[tuple[int, int]]:
    """What is computed from a tensor or from views of it, each with the view."""
    for user in trace.nodes:
        if node in user.inputs and user.id in above:
            constant = all(trace.nodes[i].op in ("constant", "leaf") and not trace.nodes[i].shape
                           for i in user.inputs if i != node)  # fmt: skip
            if user.op in _VIEWS or (constant and user.shape and len(user.inputs) > 1):
                yield from _uses(trace, user.id, above)
            else:
                yield user.id, node


def _weighs(
    trace: Trace, user: int, used: int, reached: Collection[int], rows: tuple[int, ...]
) -> bool:
    """Whether an operation takes one tensor for a weight or an offset of another that comes from samples."""
    own, others = trace.nodes[used], [i for i in trace.nodes[user].inputs if i != used]
    fed = [i for i in others if i in reached]
    if trace.nodes[user].op in _PRODUCTS and not fed:
        return not own.shape or any(_is_sample(trace, i, user, rows) for i in others)
    smaller = np.prod(own.shape) < np.prod(trace.nodes[user].shape) or not own.shape
    return bool(fed) and (trace.nodes[user].op in _PRODUCTS[:3] or bool(smaller))


def _is_sample(trace: Trace, node: int, user: int, rows: tuple[int, ...]) -> bool:
    """Whether a tensor holds samples, and is no noise that is drawn where it is used."""
    one = trace.nodes[node]
    return one.shape[:1] == rows and one.statement is not trace.nodes[user].statement


def _reached(trace: Trace, moved: Collection[int]) -> set[int]:
    """What is computed from the tensors that are moved, without these."""
    found: set[int] = set()
    for node in trace.nodes:
        if any(i in found or i in moved for i in node.inputs):
            found.add(node.id)
    return found - set(moved)
