"""GL307: the formula of an optimiser that is one slip away from the textbook's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.claims import Claim
from gradlint.claims.optimiser_forms import (
    Average,
    averages,
    correction,
    is_product,
    is_without_power,
    power,
)
from gradlint.model import Finding, Severity
from gradlint.reading import syntax as s
from gradlint.rules import optimiser_states as states
from gradlint.rules.naming import NAMES
from gradlint.rules.optimiser_motions import slips
from gradlint.rules.subject import Subject
from gradlint.tracing import Trace

_NEAR = 1e-6


def findings(subject: Subject) -> list[Finding]:
    """What is odd in the states behind each step, once for each line."""
    told: dict[int, Finding] = {}
    trace = subject.case.trace
    for claim in subject.case.claims:
        for statement, message in list(_slips(trace, claim)) or list(slips(trace, claim))[:1]:
            found = Finding("GL307", NAMES["GL307"], Severity.WARNING, statement.span, message)
            told.setdefault(id(statement), found)
    for statement, message in () if told else states.slips(subject):
        found = Finding("GL307", NAMES["GL307"], Severity.WARNING, statement.span, message)
        told.setdefault(id(statement), found)
    return list(told.values())


def _slips(trace: Trace, claim: Claim) -> Iterator[tuple[s.Stmt, str]]:
    found = averages(trace, claim)
    for average in found:
        name, statement = average.store.place, average.store.statement
        message = _signs(average, name) or _mixed(average, found, name)
        if message is not None:
            yield statement, message
        elif (message := _root(trace, claim, average, name)) is not None:
            yield (claim.updates[0].statement if average.degree == 2 else statement), message
        else:
            yield from _corrected(trace, average, found, name)


def _signs(average: Average, name: str) -> str | None:
    if average.kept < 0:
        return f"{name} keeps {average.kept:g} times itself: its sign turns at every step."
    if abs(average.added - 1.0 - average.kept) < _NEAR and average.kept < 1.0:
        kept = f"{average.kept:g}"
        return f"{name} takes in 1 + {kept} times what is new: an average takes in 1 - {kept}."
    if average.degree == 2 and average.added < 0:
        return f"{name} is lowered by the squared gradient; a second moment is raised by it."
    return None


def _mixed(average: Average, found: list[Average], name: str) -> str | None:
    """A state that keeps one rate and takes in what is left of another one."""
    wanted = 1.0 - average.kept
    others = [o for o in found if o is not average and o.degree != average.degree]
    for other in others:
        left = 1.0 - other.kept
        mixed = abs(average.added - left) < _NEAR * abs(left) and left < 1.0
        if mixed and abs(left - wanted) > _NEAR * abs(wanted) and wanted:
            return (
                f"{name} keeps {average.kept:g} of itself and takes in {average.added:g}, the rest of "
                f"{other.kept:g}, which is the rate of {other.store.place}: it should take in {wanted:g}."
            )
    return None


def _root(trace: Trace, claim: Claim, average: Average, name: str) -> str | None:
    """A step that is divided by a second moment and not by its root, or by the root of a first moment."""
    found = power(trace, claim, average)
    if found is None:
        return None
    if average.degree == 2 and abs(found + 1.0) < 1e-3:
        return f"the step of {claim.place} is divided by {name} itself: it should be by its square root."
    if average.degree == 1 and abs(found + 0.5) < 1e-3:
        return f"the root of {name} divides the step, but {name} averages {claim.name} and not its square."
    return None


def _corrected(
    trace: Trace, average: Average, found: list[Average], name: str
) -> Iterator[tuple[s.Stmt, str]]:
    """A bias correction with the rate of the other state, or one that stays that of the first step."""
    others = [o for o in found if o is not average and o.degree != average.degree]
    own = 1.0 - average.kept
    for number, statement in correction(trace, average) if others else ():
        value = float(np.asarray(trace.value(number)).item())
        if abs(value - own) < _NEAR * own and is_without_power(trace, number):
            kept = f"1 - {average.kept:g}"
            yield (
                statement,
                (
                    f"{name} is divided by {kept}, which is right for the first step alone: its bias after t "
                    f"steps is {kept} ** t."
                ),
            )
        if is_product(trace, number, average.kept):
            kept = f"{average.kept:g}"
            yield (
                statement,
                f"{name} is divided by 1 - {kept} * t: its bias after t steps is {kept} ** t.",
            )
        for other in others:
            left = 1.0 - other.kept
            if abs(value - left) < _NEAR * left and abs(left - own) > _NEAR * own:
                yield (
                    statement,
                    (
                        f"the bias of {name} is corrected with {other.kept:g}, the rate of "
                        f"{other.store.place}; {name} itself keeps {average.kept:g}."
                    ),
                )
