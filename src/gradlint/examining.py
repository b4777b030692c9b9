"""Judging what nothing in a script calls: each function pair, layer or rule by itself."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gradlint.driving import drives, variants
from gradlint.driving.harder import harder
from gradlint.judging import Case, choose, is_saturated, walk_case
from gradlint.judging.judge import Point
from gradlint.model import Agreement, Span
from gradlint.reading import syntax as s
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Exploration, Facts, Opaque, Trace, explore


def driven(module: s.Module, trace: Trace, trains: bool = True) -> Iterator[Subject]:
    """A subject for each thing in `module` that was not called in `trace` and can be driven.

    A script that does not train judges nothing by itself: what it calls, it only shows.
    """
    called = trace.called if trains else set()
    found = [_hardened(max(_until_right(ways), key=_rank)) for ways in drives(module, called)]
    settled = any(_is_right(subject) for subject in found)
    for subject in found:
        if subject.judgement is not None or not (
            _is_optional(subject) and (settled or not subject.case.claims)
        ):
            yield subject


def _is_optional(subject: Subject) -> bool:
    """Whether a way to call code is a guess: that it leads nowhere says nothing of the code."""
    return isinstance(subject.module, Driven) and subject.module.drive.optional


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


def _hardened(subject: Subject) -> Subject:
    """What is right at first, or the harder way to drive it in which a gradient of it is wrong."""
    if not _is_right(subject) or not isinstance(subject.module, Driven):
        return subject
    others = (_subject(way) for way in harder(subject.module, subject.case.facts.inputs))
    return next((other for other in others if _is_mistaken(other, subject)), subject)


def _is_mistaken(other: Subject, easy: Subject) -> bool:
    """Whether the same gradients are judged and one differs, in a walk in which everything fitted."""
    trace = other.case.trace
    if (
        trace.stopped is not None
        or trace.failures
        or len(other.case.claims) < len(easy.case.claims)
    ):
        return False
    return other.judgement is not None and bool(other.wrong)


def _is_right(subject: Subject) -> bool:
    return subject.judgement is not None and subject.judgement.consistent


def _subject(way: Driven) -> Subject:
    """What is found out about one way to drive; where gradlint itself fails, only this stays unread."""
    try:
        return _explored(way)
    except Exception as error:
        return _unread(way, error)


def _unread(way: Driven, error: Exception) -> Subject:
    facts, trace = Facts(), Trace()
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}, line {place.lineno}"
    told = f"internal error: {type(error).__name__} ({where}); please report"
    trace.stopped = Opaque(told, _span_of(way))
    case = Case(way, facts, [Point(trace, trace, [], [])])
    return Subject(way, Exploration(facts, trace, "own"), case, None, [])


def _span_of(way: Driven) -> Span:
    """Where the first of what is driven is defined."""
    defined = (one for one in way.body if isinstance(one, s.FunctionDef | s.ClassDef))
    names = {name.partition(".")[0] for name in (way.drive.name, *way.drive.covers)}
    return next((one.span for one in defined if one.name in names), Span(1, 1, 1, 1))


def _explored(way: Driven) -> Subject:
    explored = explore(way)
    case = walk_case(way, explored.facts)
    chosen = choose(case) if case.claims else (None, [])
    if case.claims and chosen[0] is None and is_saturated(case):
        case = walk_case(way, replace(explored.facts, inputs=explored.facts.inputs.calm()))
        chosen = choose(case) if case.claims else (None, [])
    return Subject(way, explored, case, *chosen)


def _rank(subject: Subject) -> tuple[bool, int, int, float]:
    """How well a way fits: all right, most right, most right up to a constant, the cosine.

    Of ways that lead to no judgement the one that goes furthest is told of.
    """
    judgement = subject.judgement
    if judgement is None:
        return False, -1, 0, float(len(subject.case.trace.nodes))
    found = judgement.comparisons
    near = sum(c.agreement in (Agreement.SCALED, Agreement.OPPOSITE) for c in found)
    return judgement.consistent, judgement.right, near, sum(abs(c.cosine or 0.0) for c in found)
