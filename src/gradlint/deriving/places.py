"""What the forward tensors are called: one name for each, no name for two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing import Store, Trace

_VAGUE = re.compile(r"\.\.\.|\[[^\W\d]\w*\]")
"""An index that is not known: whatever it was, it is another one now."""


def forward_names(
    trace: Trace, nodes: Collection[int], known: dict[int, str] | None = None
) -> dict[int, str]:
    """A place for each of `nodes` that was given to one and still holds it, names before items.

    `known` are places that are settled. Of two places that which stands for no other of the nodes.
    """
    named = dict(known or {})
    lost = {(store.old, store.place) for store in trace.stores if store.old != store.new}
    places = {node: _places(trace.stores_of(node), lost) for node in nodes}
    shared = Counter(place for listed in places.values() for place in listed)
    for node in sorted(nodes):
        if node not in named and (place := _best(places[node], shared)):
            named[node] = place
    return named


def label_names(trace: Trace) -> frozenset[str]:
    """The names of rows of integers, which may be labels."""
    return frozenset(
        store.place for store in trace.stores
        if store.new is not None and store.place.isidentifier()
        and np.asarray(trace.value(store.new)).dtype.kind == "i"
        and np.ndim(trace.value(store.new)) == 1
    )  # fmt: skip


def labels_of(trace: Trace, names: Collection[str]) -> dict[str, Any]:
    """The values that the places `names` had last."""
    return {
        store.place: trace.value(store.new)
        for store in trace.stores
        if store.new is not None and store.place in names
    }


def _places(stores: Iterable[Store], lost: Collection[tuple[int | None, str]]) -> list[str]:
    """The places of a tensor that can be written down, loop variables last."""
    listed = sorted(stores, key=lambda store: isinstance(store.statement, s.For))
    kept = (store.place for store in listed if (store.new, store.place) not in lost)
    return list(dict.fromkeys(place for place in kept if not _VAGUE.search(place)))


def _best(places: list[str], shared: Counter[str]) -> str | None:
    ranked = sorted(places, key=lambda place: (shared[place] > 1, not place.isidentifier()))
    return ranked[0] if ranked else None
