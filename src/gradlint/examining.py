"""Judging what nothing in a script calls: each function pair, layer or rule by itself."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.driving import drives, variants
from gradlint.judging import choose, walk_case
from gradlint.model import Agreement
from gradlint.reading import syntax as s
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Trace, explore


def driven(module: s.Module, trace: Trace) -> Iterator[Subject]:
    """A subject for each thing in `module` that was not called in `trace` and can be driven."""
    found = [max(_until_right(ways), key=_rank) for ways in drives(module, trace)]
    settled = any(_is_right(subject) for subject in found)
    for subject in found:
        if subject.judgement is not None or not (
            _is_optional(subject) and (settled or not subject.case.claims)
        ):
            yield subject


def _is_optional(subject: Subject) -> bool:
    """Whether a way to call code is a guess: that it leads nowhere says nothing of the code."""
    return isinstance(subject.module, Driven) and bool(
        getattr(subject.module.drive, "optional", False)
    )


def _until_right(ways: list[Driven]) -> Iterator[Subject]:
    """The ways to drive one thing, each with its variants, up to the first in which all is right."""
    for way in ways:
        first = _subject(way)
        yield first
        if _is_right(first):
            return
        for variant in variants(way, first.case.facts.inputs) if first.case.claims else ():
            other = _subject(variant)
            yield other
            if _is_right(other):
                return


def _is_right(subject: Subject) -> bool:
    return subject.judgement is not None and subject.judgement.consistent


def _subject(way: Driven) -> Subject:
    explored = explore(way)
    case = walk_case(way, explored.facts)
    return Subject(way, explored, case, *(choose(case) if case.claims else (None, [])))


def _rank(subject: Subject) -> tuple[bool, int, int, float]:
    """How well a way fits: all right, most right, most right up to a constant, the cosine."""
    judgement = subject.judgement
    if judgement is None:
        return False, 0, 0, 0.0
    found = judgement.comparisons
    near = sum(c.agreement in (Agreement.SCALED, Agreement.OPPOSITE) for c in found)
    return judgement.consistent, judgement.right, near, sum(abs(c.cosine or 0.0) for c in found)
