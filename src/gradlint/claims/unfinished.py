"""Losses on their way: `loss += ...` over samples or time steps is the loss only after the last of them."""

from __future__ import annotations

from collections.abc import Callable

from gradlint.claims.names import says_loss
from gradlint.tracing import Trace

_CARRIES = frozenset(
    {"divide", "multiply", "negative", "copy", "reshape", "squeeze", "sum", "mean"}
)
"""What a sum goes through without another term."""


def unfinished(frozen: Trace, trace: Trace, influenced: Callable[[int], bool]) -> set[int]:
    """The nodes of `frozen` to which a later value of the same name adds what is made of parameters.

    What is added after a step (the losses of samples that are stepped one by one) finishes nothing.
    """
    keys = (trace.keys.get(update.new) for update in trace.updates)
    steps = [at for key in keys if key is not None and (at := frozen.at(key)) is not None]
    chains: dict[str, list[int]] = {}
    found: set[int] = set()
    for store in frozen.stores:
        if store.new is None or not says_loss(store.place):
            continue
        chain = chains.setdefault(store.place, [])
        reached, more = _terms(frozen, store.new, chain[-1] if chain else -1, influenced)
        if not reached:
            chain.clear()
        elif more and not any(chain[-1] < step < store.new for step in steps):
            found |= set(chain)
        chain.append(store.new)
    return found


def _terms(
    trace: Trace, new: int, old: int, influenced: Callable[[int], bool]
) -> tuple[bool, bool]:
    """Whether `old` is a term of the sum `new`, and whether there are others that parameters made."""
    reached, more, stack, seen = False, False, [new], set[int]()
    while stack:
        node = stack.pop()
        entry = trace.nodes[node]
        made_of = [i for i in entry.inputs if influenced(i)]
        if node == old:
            reached = True
        elif entry.op in ("add", "subtract") or (entry.op in _CARRIES and len(made_of) == 1):
            stack += [i for i in made_of if i not in seen]
            seen |= set(made_of)
        elif influenced(node):
            more = True
    return reached, more
