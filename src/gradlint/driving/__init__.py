"""Drives: calls with made inputs of the functions and classes that nothing in a script calls."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.driving.pairs import PairDrive, pairs
from gradlint.driving.survey import Survey, survey
from gradlint.reading import syntax as s
from gradlint.tracing import Driven, Trace

__all__ = ["drives"]


def drives(module: s.Module, trace: Trace) -> Iterator[list[Driven]]:
    """For each thing to be driven, the ways to drive it, the likeliest first."""
    found = survey(module, trace.called)
    for ways in _found(found):
        yield [Driven(module.path, module.text, found.body, way) for way in ways]


def _found(found: Survey) -> Iterator[list[PairDrive]]:
    for forward, backward in pairs(found.functions):
        yield [PairDrive(forward.name, backward.name, reads) for reads in (False, True)]
