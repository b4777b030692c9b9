"""Saying that a wrong line only runs because two sizes happen to be equal."""

from __future__ import annotations

import re

from gradlint.claims.rates import names_of
from gradlint.reading import syntax as s
from gradlint.tracing import Exploration, Trace


def coincidence(explored: Exploration) -> str | None:
    """`D_in == H (both 250)`, where a step did not fit with all sizes different; else None."""
    distinct = explored.distinct
    if not explored.misfits or distinct is None:
        return None
    names = _names_by_size(distinct)
    for misfit in explored.misfits:
        first, second = _shapes(misfit.reason)
        for a in first:
            for b in second:
                if a != b and a in names and b in names and names[a][1] == names[b][1]:
                    (left, own), (right, _) = sorted((names[a], names[b]), key=_position(distinct))
                    return f"{left} == {right} (both {own})"
    return None


def _shapes(reason: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    found = [
        tuple(map(int, re.findall(r"\d+", part))) for part in re.findall(r"\(([^)]*)\)", reason)
    ]
    return (found[0], found[1]) if len(found) == 2 else ((), ())


def _names_by_size(trace: Trace) -> dict[int, tuple[str, int]]:
    found: dict[int, tuple[str, int]] = {}
    for node in trace.nodes:
        if isinstance(node.expr, s.Constant) and node.is_leaf and isinstance(node.value, int):
            names = names_of(trace, node.id)
            if names and isinstance(node.expr.value, int):
                found.setdefault(node.value, (names[0], node.expr.value))
    return found


def _position(trace: Trace):  # type: ignore[no-untyped-def]
    order = {store.place: i for i, store in enumerate(reversed(trace.stores))}
    return lambda named: -order.get(named[0], 0)
