"""What a script trains: one subject for each training.

One that moves again what an earlier one moved is walked with the earlier steps held back, so that it starts
from parameters at a random point as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradlint.claims.phases import later_steps, turned_back
from gradlint.judging import Case, choose, split, walk_case
from gradlint.opponents import apart
from gradlint.reading.syntax import Module
from gradlint.rules.subject import Subject
from gradlint.tracing import Exploration

MOST = 4
"""Trainings of the same parameters that are walked for themselves."""


def trained(module: Module, explored: Exploration) -> list[Subject]:
    """The trainings of a script, in order."""
    first = walk_case(module, explored.facts)
    cases = [*split(first), *_again(first)]
    moves = [case.steps for case in cases]
    found = []
    for i, case in enumerate(cases):
        others = frozenset().union(*moves[:i], *moves[i + 1 :])
        seen = (
            replace(explored, facts=case.facts, trace=case.trace) if case.facts.held else explored
        )
        chosen = choose(case) if case.claims else (None, [])
        subject = Subject(module, seen, case, *chosen, elsewhere=others - moves[i])
        found += apart(subject) or [subject]
    return found


def _again(case: Case) -> Iterator[Case]:
    """A case for each training of what an earlier one moved, by steps that no earlier one made.

    Outside of loops, a step that takes another one back shows what steps do; it is not judged alone.
    """
    if not case.trace.rounds and turned_back(case.trace):
        return
    held = frozenset[int]()
    for _ in range(MOST):
        again = later_steps(case.trace)
        firsts = {id(u.statement) for u in case.trace.updates if not any(u is x for x in again)}
        if not {id(u.statement) for u in again} - firsts or case.trace.stopped is not None:
            return
        held |= firsts
        case = walk_case(case.module, replace(case.facts.copy(), held=held))
        yield from (one for one in split(case) if one.claims)
