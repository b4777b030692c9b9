"""Recognising a parameter's update: `P` became `P` plus something that was computed from `P`.

Accumulators (`dW += ...`, `total += loss`) add something that does not depend on themselves;
optimiser state (`v = 0.9 * v + g`) keeps a part of itself and adds something that does not depend on
it; data are centred by something made of nothing but themselves (`x -= x.mean()`). None is an update.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from gradlint.tracing.gathered import put_together, step_of_all
from gradlint.tracing.trace import Trace

Terms = tuple[tuple[float, int], ...]
Parts = dict[int, float]
"""Nodes, and how many times each is in a sum."""
_THROUGH = ("copy", "detach")
_SUMS = frozenset(["add", "subtract", "negative", "multiply", "divide", *_THROUGH])
"""The operations of which something that was kept may be a term; most that is stored is none of these."""
_OF = re.compile(r"^(?:d_?|grad_?|delta_?)(?P<of>\w+)$|^(?P<before>\w+)_(?:d|grad|delta)$")
"""Names of gradients, with what each is the gradient of."""
_SCATTERED = ("scatter_add", "scatter_subtract", "index_add", "scatter_add_along")
"""What adds to the entries of its first operand that are named, once for each time."""


def names_its_gradient(trace: Trace, place: str, node: int) -> bool:
    """Whether a place is called as the gradient of a tensor that its value was computed from.

    `dz = dz - dz.mean(axis=0)` behind a batch normalisation moves no parameter.
    """
    found = _OF.match(place)
    of = found and (found["of"] or found["before"])
    made = [store.new for store in trace.stores if store.place == of] if of else []
    last = max((one for one in made if one is not None and one < node), default=None)
    return last is not None and trace.depends([node], last)


def movement(
    trace: Trace, old: int, new: int, root: int | None = None, blind: bool = False
) -> Terms | None:
    """The terms, with their factors, that were added to `old` to give `new`; None if `new` is not that.

    Weight decay (`0.99 * P - ...`) is a term of its own. Empty where items of an array moved, so that
    only the values tell by how much. `root` is what the terms must depend on, if that is not `old`;
    `blind` asks for no dependence at all.
    """
    if new <= old:
        return None
    new = _whole(trace, new)
    if new > old and trace.nodes[new].op not in _SUMS:
        return None if moved_by(trace, old, new) is None else ()
    kept, rest, parts = _sorted_terms(trace, old, new)
    if kept <= 0.5:
        return None if moved_by(trace, old, new) is None else ()
    root = old if root is None else root
    if not rest or _averages(trace, old, kept, parts) or _centres(trace, root, rest):
        return None
    if not blind and not trace.depends([part for _, part in parts], root):
        return None
    if kept != 1.0:
        rest.append((kept - 1.0, old))
    return tuple(rest)


def shrinkage(trace: Trace, old: int, new: int) -> float | None:
    """By how much of itself `old` was made smaller to give `new`: weight decay as a step of its own.

    None where `new` is not that.
    """
    if new <= old or trace.nodes[_whole(trace, new)].op not in _SUMS:
        return None
    kept, rest, _ = _sorted_terms(trace, old, _whole(trace, new))
    return 1.0 - kept if not rest and 0.5 < kept < 1.0 else None


def _whole(trace: Trace, new: int) -> int:
    """What was put into the whole of an array (`w[:] = ...`), else `new` itself."""
    node = trace.nodes[new]
    index = node.params.get("index")
    everything = index is Ellipsis or (isinstance(index, slice) and index == slice(None))
    item = node.inputs[1] if node.op == "setitem" and everything else new
    return item if trace.nodes[item].shape == node.shape else new


def _sorted_terms(
    trace: Trace, old: int, new: int
) -> tuple[float, list[tuple[float, int]], list[tuple[float, int]]]:
    """How much of `old` is in `new`, the other terms as they stand, and what these are sums of."""
    kept = 0.0
    rest: list[tuple[float, int]] = []
    made: list[tuple[float, int]] = []
    known: dict[int, Parts] = {}
    for factor, node in _terms(trace, new, old, 1.0):
        parts = list(_expanded(trace, node, old, factor, known))
        if all(part == old for _, part in parts):
            kept += sum(part_factor for part_factor, _ in parts)
        else:
            rest.append((factor, node))
            made += parts
    return kept, rest, made


def _averages(trace: Trace, old: int, kept: float, parts: list[tuple[float, int]]) -> bool:
    """Whether `new` is a running average, `old + c * (g - old)` with a `g` that was computed."""
    others = {part for _, part in parts if part != old}
    weights = kept + sum(factor for factor, _ in parts)
    computed = len(others) == 1 and not trace.nodes[others.pop()].is_leaf
    return computed and abs(weights - 1.0) < 1e-9


def _terms(trace: Trace, node: int, stop: int, factor: float) -> Iterator[tuple[float, int]]:
    entry = trace.nodes[node]
    if node <= stop:
        yield factor, node
    elif entry.op == "add":
        for part in entry.inputs:
            yield from _terms(trace, part, stop, factor)
    elif entry.op == "subtract":
        yield from _terms(trace, entry.inputs[0], stop, factor)
        yield from _terms(trace, entry.inputs[1], stop, -factor)
    elif entry.op == "negative":
        yield from _terms(trace, entry.inputs[0], stop, -factor)
    else:
        yield factor, node


def _expanded(
    trace: Trace, node: int, stop: int, factor: float, known: dict[int, Parts]
) -> Iterator[tuple[float, int]]:
    """The terms below a copy or a number times a sum, where `stop` is one of them; else the node."""
    parts = _parts(trace, node, stop, known)
    yield from ((factor * part_factor, part) for part, part_factor in parts.items())


def _parts(trace: Trace, node: int, stop: int, known: dict[int, Parts]) -> Parts:
    """The same with the factor 1, and each part once: what many steps are made of is worked out once."""
    if node not in known:
        opened = _opened(trace, node, stop, known)
        known[node] = opened if stop in opened else {node: 1.0}
    return known[node]


def _opened(trace: Trace, node: int, stop: int, known: dict[int, Parts]) -> Parts:
    made: Parts = {}
    inner = _scaled_part(trace, node, stop) if node != stop else None
    if inner is not None:
        for factor, term in _terms(trace, inner[1], stop, inner[0]):
            for part, below in _parts(trace, term, stop, known).items():
                made[part] = made.get(part, 0.0) + factor * below
    return made


def _scaled_part(trace: Trace, node: int, stop: int) -> tuple[float, int] | None:
    entry = trace.nodes[node]
    if entry.op in _THROUGH:
        return 1.0, entry.inputs[0]
    if entry.op not in ("multiply", "divide"):
        return None
    left, right = entry.inputs
    if _is_factor(trace, right, stop):
        value = float(np.asarray(trace.value(right)).item())
        return (value if entry.op == "multiply" else 1.0 / value if value else 0.0), left
    if entry.op == "multiply" and _is_factor(trace, left, stop):
        return float(np.asarray(trace.value(left)).item()), right
    return None


def _is_factor(trace: Trace, node: int, stop: int) -> bool:
    return np.size(trace.value(node)) == 1 and node != stop and not trace.depends([node], stop)


def _centres(trace: Trace, old: int, rest: list[tuple[float, int]]) -> bool:
    """Whether what is added to an array was made of that array alone, without any rate."""
    if np.size(trace.value(old)) == 1:
        return False
    if any(abs(f) != 1.0 or _scaled_part(trace, node, old) is not None for f, node in rest):
        return False
    own = trace.arrays_below(old)
    return all(trace.arrays_below(node) <= own for _, node in rest)


def moved_by(trace: Trace, old: int, new: int) -> list[int] | None:
    """What moved some items of `old` to give `new`, if it was computed from `old` as it first was.

    None where `new` is not `old` with items moved, nor a part of a step of `old` beside others.
    """
    whole = step_of_all(trace, old, new)
    if whole is not None:
        return _moved_with_others(trace, old, new, whole)
    node = trace.nodes[new]
    if node.op not in ("setitem", *_SCATTERED) or old != node.inputs[0]:
        return None
    item = node.inputs[1]
    if node.op in _SCATTERED:
        return [item] if trace.depends([item], first_version(trace, new)) else None
    own = [
        i for i in trace.ancestors([item], since=old)
        if trace.nodes[i].op == "getitem" and trace.nodes[i].inputs[0] == old
        and trace.nodes[i].shape == trace.nodes[item].shape
    ]  # fmt: skip
    first = first_version(trace, new) if own else new
    for part in own:
        terms = list(_terms(trace, item, part, 1.0))
        rest = [(factor, n) for factor, n in terms if n != part]
        moved = [n for _, n in rest]
        if (
            len(rest) < len(terms)
            and trace.depends(moved, first)
            and not _centres(trace, first, rest)
        ):
            return moved
    return None


def _moved_with_others(trace: Trace, old: int, new: int, whole: int) -> list[int] | None:
    terms = list(_terms(trace, whole, old, 1.0))
    k = put_together(trace, old, new, terms)
    if k is None:
        return None
    rest = terms[:k] + terms[k + 1 :]
    moved = [node for _, node in rest]
    centred = _centres(trace, terms[k][1], rest)
    return moved if trace.depends(moved, old) and not centred else None


def added_to_items(trace: Trace, new: int) -> int | None:
    """What was added to some items of an array to make `new`; None where that is not what was done."""
    node = trace.nodes[new]
    if node.op == "getitem":
        return next(iter(trace.nodes[node.inputs[0]].inputs[-1:]), None)
    if node.op in _SCATTERED:
        return node.inputs[1]
    if node.op != "setitem":
        return None
    return next(iter(trace.nodes[node.inputs[1]].inputs[-1:]), None)


def first_version(trace: Trace, node: int) -> int:
    """The array that `node` was before its items were set."""
    while trace.nodes[node].op in ("setitem", *_SCATTERED):
        node = trace.nodes[node].inputs[0]
    return node
