"""Judging what nothing in a script calls: each function pair, layer or rule by itself."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Set
from dataclasses import replace
from itertools import chain
from pathlib import Path

from gradlint.driving import drives
from gradlint.driving.harder import harder
from gradlint.driving.sequences import of_steps
from gradlint.driving.variants import (
    at_defaults,
    of_more_axes,
    of_numbers,
    of_one_item,
    of_one_output,
    of_one_sample,
    of_one_unit,
    of_rates,
    of_square_images,
    variants,
)
from gradlint.judging import Case, choose, is_saturated, walk_case
from gradlint.judging.case import Point
from gradlint.judging.nudging import settled
from gradlint.judging.straight import straight_through
from gradlint.model import Agreement, Span
from gradlint.reading import syntax as s
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Exploration, Facts, Opaque, Trace, explore
from gradlint.tracing.making import SAMPLES


def driven(module: s.Module, trace: Trace, trains: bool = True) -> Iterator[Subject]:
    """A subject for each thing in `module` that was not called in `trace` and can be driven.

    A script that does not train judges nothing by itself: what it calls, it only shows.
    """
    called = trace.called if trains else set()
    found = list(_each(module, called, trace.numbers))
    settled = any(_is_right(subject) for subject in found)
    trained = _trained(found)
    for subject in found:
        if _is_of_samples(subject) and not _is_settled(subject, found):
            continue
        if subject.judgement is None and not subject.case.claims and _ran(subject, trained):
            continue
        if subject.judgement is not None or not (
            _is_optional(subject) and (settled or not subject.case.claims)
        ):
            yield subject


def _each(module: s.Module, called: Set[int], numbers: Set[tuple[str, str]]) -> Iterator[Subject]:
    """A subject for each drive; steps that are judged where another one makes them are not driven again."""
    stepped = set[int]()
    for ways in drives(module, called, numbers):
        if _is_within(ways[0], stepped):
            continue
        subject = _hardened(max(_until_right(ways), key=_rank))
        if subject.judgement is not None and subject.case.trace.updates:
            stepped |= subject.case.trace.called
        yield subject


def _trained(found: list[Subject]) -> set[int]:
    """What ran in the trainings that are right from their beginning to their end."""
    right = (one for one in found if _is_right(one) and _goes_through(one))
    return {function for subject in right for function in subject.case.trace.called}


def _ran(subject: Subject, trained: Set[int]) -> bool:
    """Whether a method that could not be called by itself ran where all that it hands out is judged."""
    return isinstance(subject.module, Driven) and _is_method_of(subject.module, trained)


def _is_within(way: Driven, stepped: Set[int]) -> bool:
    """Whether the method that is driven ran in a training that is judged."""
    return way.drive.optional and _is_method_of(way, stepped)


def _is_method_of(way: Driven, called: Set[int]) -> bool:
    """Whether the method that is driven is one of those that were called."""
    owner, _, name = way.drive.name.rpartition(".")
    if not owner or not called:
        return False
    classes = (one for one in way.body if isinstance(one, s.ClassDef) and one.name == owner)
    methods = (one for cls in classes for one in cls.body if isinstance(one, s.FunctionDef))
    return any(one.name == name and id(one) in called for one in methods)


def _is_of_samples(subject: Subject) -> bool:
    """Whether what was trained with is a list of samples, of which only their use told anything."""
    forms = subject.case.facts.inputs.forms.values()
    return isinstance(subject.module, Driven) and any(form.filling == SAMPLES for form in forms)


def _is_settled(subject: Subject, found: list[Subject]) -> bool:
    """Whether all is right, or the class hands out gradients that are: then the steps alone can be wrong."""
    owner = _owner(subject)
    others = (other for other in found if not _is_optional(other) and _owner(other) == owner)
    return _is_right(subject) or any(_is_right(other) for other in others)


def _owner(subject: Subject) -> str | None:
    way = subject.module
    return way.drive.name.rpartition(".")[0] if isinstance(way, Driven) else None


def driven_alone(module: s.Module, name: str) -> Iterator[Subject]:
    """What is found out about the one thing in `module` that drives judge by this name."""
    for ways in drives(module, frozenset()):
        if ways[0].drive.name == name:
            yield _hardened(max(_until_right(ways), key=_rank))


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
        other_targets = first.case.claims and not _is_along(first)
        inputs = first.case.facts.inputs
        kinds = (variants(way, inputs), of_one_sample(way, inputs), of_steps(way, inputs))
        others = chain(*kinds, at_defaults(way, inputs, first.case.trace)) if other_targets else ()
        for variant in chain(others, of_one_item(way, inputs)):
            other = _subject(variant)
            yield other
            if _is_right(other):
                return
        tried = [first]
        for variant in _of_other_sizes(way, tried):
            other = _subject(variant)
            tried.append(other)
            if not _cancels(other):
                yield other
            if _is_right(other):
                return
        if _goes_through(first):
            return


def _of_other_sizes(way: Driven, tried: list[Subject]) -> Iterator[Driven]:
    """The variants of a drive with other ranks and sizes of inputs, while nothing that was `tried` fits."""
    first = tried[0].case
    inputs, learnt = first.facts.inputs, {claim.place for claim in first.claims}
    yield from of_one_unit(way, inputs)
    yield from of_numbers(way, inputs, _numbers(tried[0]))
    if learnt:
        yield from of_rates(way, inputs, learnt)
        for variants_of in (of_more_axes, of_one_output, of_square_images):
            yield from variants_of(way, inputs) if not any(map(_is_along, tried)) else ()


def _numbers(subject: Subject) -> set[str]:
    """The parameters that were made as arrays, while what is said to be their gradient is one number."""
    nodes = subject.case.trace.nodes
    return {
        claim.place for claim in subject.case.claims
        if claim.gradient is not None and nodes[claim.root].shape and not nodes[claim.gradient].shape
    }  # fmt: skip


def _cancels(subject: Subject) -> bool:
    """Whether a gradient is nothing whatever the numbers: that of a bias which all classes share."""
    judgement = subject.judgement
    return judgement is not None and any(c.cancelled for c in judgement.comparisons)


def _is_along(subject: Subject) -> bool:
    """Whether each claim is a multiple of the truth and some are right: no other target makes all so."""
    judgement = subject.judgement
    if judgement is None or not judgement.right:
        return False
    along = (Agreement.EQUAL, Agreement.SCALED, Agreement.OPPOSITE)
    return all(c.agreement in along for c in judgement.comparisons)


def _goes_through(subject: Subject) -> bool:
    """Whether a training was read from its beginning to its end: another way to call it teaches nothing."""
    trace = subject.case.trace
    plain = trace.stopped is None and not trace.failures and not trace.unread
    read = plain and all(store.opaque is None for store in trace.stores)
    return read and bool(trace.updates) and subject.judgement is not None


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
    judgement = straight_through(case, settled(case, chosen[0]))
    return Subject(way, explored, case, judgement, chosen[1])


def _rank(subject: Subject) -> tuple[bool, bool, int, int, int, float]:
    """How well a way fits: all right, all asserts hold, no numbers for arrays, most right, the cosine.

    Of ways that lead to no judgement the one that goes furthest is told of.
    """
    judgement = subject.judgement
    if judgement is None:
        return False, False, -(10**6), -1, 0, float(len(subject.case.trace.nodes))
    found = judgement.comparisons
    near = sum(c.agreement in (Agreement.SCALED, Agreement.OPPOSITE) for c in found)
    cosines = sum(abs(c.cosine or 0.0) for c in found)
    holds = subject.denied is None
    return judgement.consistent, holds, -len(_numbers(subject)), judgement.right, near, cosines
