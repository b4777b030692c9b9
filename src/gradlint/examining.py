"""Judging what nothing in a script calls: each function pair, layer or rule by itself."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.driving import drives
from gradlint.judging import choose, walk_case
from gradlint.reading import syntax as s
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Trace, explore


def driven(module: s.Module, trace: Trace) -> Iterator[Subject]:
    """A subject for each thing in `module` that was not called in `trace` and can be driven."""
    for ways in drives(module, trace):
        yield _likeliest([_subject(way) for way in _until_right(ways)])


def _until_right(ways: list[Driven]) -> Iterator[Driven]:
    yield from ways


def _subject(way: Driven) -> Subject:
    explored = explore(way)
    case = walk_case(way, explored.facts)
    return Subject(way, explored, case, *(choose(case) if case.claims else (None, [])))


def _likeliest(subjects: list[Subject]) -> Subject:
    """The way in which most claims are right."""
    return max(subjects, key=_rank)


def _rank(subject: Subject) -> tuple[bool, int]:
    judgement = subject.judgement
    return (
        judgement is not None and judgement.consistent,
        0 if judgement is None else judgement.right,
    )
