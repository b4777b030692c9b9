"""Drives: calls with made inputs of the functions and classes that nothing in a script calls."""

from __future__ import annotations

from collections.abc import Iterator, Set

from gradlint.driving.contexts import (
    AutogradDrive,
    autograd_functions,
    is_autograd_function,
    local_functions,
)
from gradlint.driving.engines import EngineDrive, engines
from gradlint.driving.helpers import HelperDrive, derivative_method, flagged, helpers, slope_ways
from gradlint.driving.jacobians import jacobian_ways, jacobians
from gradlint.driving.layers import LayerDrive, layer_ways
from gradlint.driving.loss_layers import loss_layer_ways
from gradlint.driving.losses import (
    LossDrive,
    LossPairDrive,
    gives_both,
    loss_and_gradients,
    loss_methods,
    loss_pairs,
    whole_pairs,
)
from gradlint.driving.names import says_cotangent
from gradlint.driving.pairs import PairDrive, pairs
from gradlint.driving.protocols import is_abstract, layer, passes_beside, takes_layers
from gradlint.driving.roots import RootDrive, methods, roots
from gradlint.driving.survey import Survey, survey
from gradlint.driving.variants import NUMBER
from gradlint.reading import syntax as s
from gradlint.tracing import Driven
from gradlint.tracing.driven import Drive
from gradlint.tracing.guesses import array
from gradlint.tracing.stand_ins import BACKWARD
from gradlint.tracing.values import UserClass, UserFunction

__all__ = ["drives", "is_layer"]


def is_layer(module: s.Module) -> bool:
    """Whether what is judged is a layer by itself, which knows no loss."""
    return isinstance(module, Driven) and isinstance(module.drive, LayerDrive | PairDrive)


def drives(
    module: s.Module, called: Set[int], numbers: Set[tuple[str, str]] = frozenset()
) -> Iterator[list[Driven]]:
    """For each thing to be driven, the ways to drive it, the likeliest first.

    `called` are the functions that the script itself trains with, by identity; `numbers` are the parameters
    that it gives a number, each with the name of its function.
    """
    found = survey(module, called)
    for ways in _found(found):
        yield [_driven(module, found, way, numbers) for way in ways]


def _driven(module: s.Module, found: Survey, way: Drive, numbers: Set[tuple[str, str]]) -> Driven:
    given = {key for name, key in numbers if name in way.covers and array(key).rank == 1}
    return Driven(
        module.path, module.text, found.body, way, others=module.others, places=module.places,
        python2=module.python2, origin=module.origin, supposed=dict.fromkeys(given, NUMBER),
    )  # fmt: skip


def _found(found: Survey) -> Iterator[list[Drive]]:
    yield from _of_functions(found)
    yield from _of_classes(found)


def _of_functions(found: Survey) -> Iterator[list[Drive]]:
    covered: set[str] = set()
    for ways in _protocols(found):
        if not ways[0].covers <= covered:
            covered |= ways[0].covers
            yield ways
    left = {n: f for n, f in found.functions.items() if not found.runs(f) and n not in covered}
    for name in roots(left):
        yield [RootDrive(name)]


def _protocols(found: Survey) -> Iterator[list[Drive]]:
    """Functions that belong together, or whose returned values say what they are."""
    functions = {n: f for n, f in found.functions.items() if not found.runs(f)}
    for activation, derivative in helpers(functions):
        yield list(slope_ways(activation, derivative, functions[derivative]))
    for name, flag in flagged(functions):
        yield [HelperDrive(name, name, at_output, flag) for at_output in (False, True)]
    for name, function in functions.items():
        if gives_both(function):
            yield [LossDrive(name)]
    with_jacobians = dict.fromkeys(jacobians(functions))
    for loss, gradient in loss_pairs(functions):
        names = (loss.name, gradient.name)
        yield [LossPairDrive(*names), *(jacobian_ways(*names) if names in with_jacobians else ())]
    for loss, gradient in whole_pairs(functions):
        yield [LossPairDrive(loss.name, gradient.name, whole=True)]
    for forward, backward in pairs(found.functions):
        if not (found.runs(forward) and found.runs(backward)):
            yield [PairDrive(forward.name, backward.name, reads) for reads in (False, True)]
    for names in with_jacobians:
        yield jacobian_ways(*names)


def _of_classes(found: Survey) -> Iterator[list[Drive]]:
    for name in autograd_functions(found.classes):
        yield [AutogradDrive(name)]
    for local in local_functions(found.functions):
        yield [local]
    operators = list(engines(found.classes))
    for owner, operator, binary in operators:
        if not found.runs(found.classes[owner].find(operator)):
            yield [EngineDrive(owner, operator, binary, rank) for rank in (0, 2)]
    for name, cls in found.classes.items():
        passed_on = is_abstract(cls) and any(cls in other.bases for other in found.classes.values())
        is_operator = any(name == owner for owner, _, _ in operators)
        if not (is_autograd_function(cls) or is_operator or passed_on):
            yield from _of_class(found, name, cls)


def _of_class(found: Survey, name: str, cls: UserClass) -> Iterator[list[Drive]]:
    """The ways to drive a layer or a network, its derivatives and what it trains with."""
    pair = layer(cls)
    if pair is not None and _is_base(cls, pair, found):
        return
    keeping, beside = list[str](), _beside_passes(name, cls, pair)
    if pair is not None:
        runs = found.runs(cls.find(pair[1]))
        others = [way for way in beside.pop(pair[1], []) if isinstance(way, HelperDrive)]
        if not runs or takes_layers(cls):  # a script may give it one layer only
            ways = [
                *loss_layer_ways(name, cls, *pair),
                *layer_ways(name, cls, *pair, optional=runs),
            ]
            upstream = says_cotangent(cls.find(pair[1]).params[-1].name)
            yield [*ways, *others] if upstream else [*others, *ways]
            keeping = [m for m in passes_beside(cls, pair[1]) if m not in beside]
            yield from (list(layer_ways(name, cls, pair[0], m)) for m in keeping)
    trains = [m for m in methods(cls) if pair is None or m not in (pair[1], *keeping)]
    trains = trains or list(loss_and_gradients(cls))
    for method in dict.fromkeys((*beside, *trains)):
        function = cls.find(method)
        if not found.runs(function):
            ways = [_way(name, function, method, first) for first in (False, True)]
            yield beside.get(method, []) + (ways if method in trains else [])


def _beside_passes(
    name: str, cls: UserClass, pair: tuple[str, str] | None
) -> dict[str, list[Drive]]:
    """The ways to drive what a class has beside its passes, by method: gradients of losses, a derivative."""
    found: dict[str, list[Drive]] = {
        gradient: [LossPairDrive(loss, gradient, name)] for loss, gradient in loss_methods(cls)
    }
    slope = derivative_method(cls)
    if slope is not None:
        found[slope[1]] = list(slope_ways(*slope, cls.find(slope[1]), owner=name))
        if pair is None and slope[1] in BACKWARD:
            found[slope[1]].append(LayerDrive(name, *slope, optional=True))
    return found


def _is_base(cls: UserClass, pair: tuple[str, str], found: Survey) -> bool:
    """Whether a subclass passes on both methods as they are: they are judged with what it gives to them."""
    return any(
        cls in other.bases and all(other.find(name) is cls.find(name) for name in pair)
        for other in found.classes.values()
    )


def _way(owner: str, function: UserFunction, method: str, first: bool) -> Drive:
    return LossDrive(method, owner) if gives_both(function) else RootDrive(method, owner, first)
