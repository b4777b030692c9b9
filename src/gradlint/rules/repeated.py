"""Trainings that are run again: the same lines with other settings, which say nothing new."""

from __future__ import annotations

from collections.abc import Iterable

from gradlint.judging import Case
from gradlint.tracing import Trace, Update


def repeats(case: Case, later: Update) -> bool:
    """Whether a step is made by the statement of a claim, from expressions that the claim was made from."""
    made = [
        update for claim in case.claims for update in claim.updates
        if update.statement is later.statement
    ]  # fmt: skip
    return bool(made) and _lines(case.trace, [later]) <= _lines(case.trace, made)


def _lines(trace: Trace, updates: Iterable[Update]) -> set[int]:
    """The expressions of the gradients of these steps, and of what they were made from."""
    steps = [node for update in updates for _, node in update.change]
    above = trace.ancestors(steps, beyond={update.new for update in trace.updates})
    return {id(trace.nodes[node].expr) for node in above if not trace.nodes[node].is_leaf}
