"""The tensors of the forward pass: the line that makes each, and the backward lines that read it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.explaining.lesson import Check, Line, Tensor
from gradlint.explaining.lessons import Derived
from gradlint.reading import syntax as s
from gradlint.tracing import Trace


def forward_tensors(derived: Derived, moving: Trace) -> tuple[Tensor, ...]:
    """The arrays that the derivation speaks of, in the order in which they are made.

    `moving` is the walk in which the script's own backward pass was read.
    """
    spoken = set(derived.shown)
    for node in derived.shown:
        formula = derived.formulas[node]
        spoken |= set() if formula is None else set(formula.values)
    named = (n for n in sorted(spoken) if n in derived.names and _is_array(derived, n))
    return tuple(_tensor(derived, moving, node) for node in named)


def _is_array(derived: Derived, node: int) -> bool:
    return np.size(derived.goal.trace.value(node)) > 1 or node in derived.roots


def _tensor(derived: Derived, moving: Trace, node: int) -> Tensor:
    read: dict[str, list[str]] = {"used": [], "missing": [], "wrongly": []}
    for step in derived.shown:
        for how in _reads(derived, moving, step, node):
            read[how].append(_told(derived, step))
    return Tensor(
        derived.names[node], derived.shapes.of(node), node in derived.roots, _made(derived, node),
        tuple(read["used"]), tuple(read["missing"]), tuple(read["wrongly"]),
    )  # fmt: skip


def _reads(derived: Derived, moving: Trace, step: int, node: int) -> Iterator[str]:
    """Whether the lines of a step read a tensor, and whether they should."""
    formula, written = derived.formulas[step], derived.written.get(step)
    should = formula is not None and node in formula.values
    key = derived.goal.trace.keys.get(node)
    there = None if key is None else moving.at(key)
    does = written is not None and there is not None and _is_read(moving, there, written.sources)
    if derived.check(step) is Check.WRONG:
        if does and formula is not None:
            yield "used" if should else "wrongly"
        elif should:
            yield "missing"
    elif does or (should and not _reads_anything(derived, moving, step)):
        yield "used"


def _is_read(moving: Trace, node: int, sources: frozenset[int]) -> bool:
    """Whether a statement reads a tensor, or a transposed view of it."""
    views = {n.id for n in moving.nodes if n.op in ("transpose", "copy") and node in n.inputs}
    return bool(({node} | views) & sources)


def _reads_anything(derived: Derived, moving: Trace, step: int) -> bool:
    """Whether the lines of a step compute by themselves, and do not only call a function."""
    written = derived.written.get(step)
    return written is not None and bool(written.sources)


def _told(derived: Derived, step: int) -> str:
    written = derived.written.get(step)
    if written is None:
        return derived.name(step)
    place = derived.line(written.statements[-1]).place
    return f"{derived.name(step)} ({place})" if written.place else place


def _made(derived: Derived, node: int) -> Line | None:
    stores = derived.goal.trace.stores_of(node)
    place = derived.names[node]
    made = next((x for x in stores if x.place == place), stores[0] if stores else None)
    if made is None or isinstance(made.statement, s.For):
        return None
    if derived.handed and node in derived.goal.trace.inputs:
        return None  # an argument: the line that stores it does not make it
    return derived.line(made.statement)
