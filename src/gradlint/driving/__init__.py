"""Drives: calls with made inputs of the functions and classes that nothing in a script calls."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.driving.layers import LayerDrive, layers
from gradlint.driving.pairs import PairDrive, pairs
from gradlint.driving.survey import Survey, survey
from gradlint.reading import syntax as s
from gradlint.tracing import Driven, Trace
from gradlint.tracing.driven import Drive

__all__ = ["drives"]


def drives(module: s.Module, trace: Trace) -> Iterator[list[Driven]]:
    """For each thing to be driven, the ways to drive it, the likeliest first."""
    found = survey(module, trace.called)
    for ways in _found(found):
        yield [_driven(module, found, way) for way in ways]


def _driven(module: s.Module, found: Survey, way: Drive) -> Driven:
    return Driven(
        module.path, module.text, found.body, way, others=module.others, places=module.places
    )


def _found(found: Survey) -> Iterator[list[Drive]]:
    for forward, backward in pairs(found.functions):
        yield [PairDrive(forward.name, backward.name, reads) for reads in (False, True)]
    for name, ahead, back in layers(found.classes):
        yield [LayerDrive(name, ahead, back, set_up) for set_up in (False, True)]
