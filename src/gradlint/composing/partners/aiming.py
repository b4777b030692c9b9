"""The goal of a unit: the gradients of its inputs, from those of its outputs."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from gradlint.composing.aim import Aim
from gradlint.composing.anchored import anchored
from gradlint.composing.inserting import block_of
from gradlint.composing.partners.outlets import Outlet
from gradlint.composing.partners.outputs import Returned
from gradlint.composing.partners.units import Unit
from gradlint.composing.target import Target, Underivable
from gradlint.deriving.goal import Goal
from gradlint.driving.names import says_target
from gradlint.driving.survey import survey
from gradlint.judging import truth
from gradlint.judging.case import POINTS, Case, Point
from gradlint.reading import syntax as s
from gradlint.tracing import Driven, Exploration, Trace, Traced, explore, retrace


class NoDerivative(Underivable):
    """A unit hands back nothing that has a gradient in what it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """The inputs of a walk by place, and its outputs with what they are handed."""

    inputs: dict[str, int]
    handed: list[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Aimed:
    """The aim, and the names of the gradients that are handed by the nodes of the outputs.

    `upstream` are those names by the nodes of what is handed, `outputs` the nodes of the outputs.
    """

    aim: Aim
    handed: dict[int, str]
    upstream: dict[int, str]
    outputs: frozenset[int]


def aimed(module: s.Module, unit: Unit, made: Returned, names: dict[str, str]) -> Aimed:
    """Where the outputs of `unit` are known, and the true gradients; `names` those of the outputs'.

    Raises:
        Underivable: the unit cannot be walked, or nothing that it takes is differentiable.
    """
    outlet = Outlet(unit, tuple(made.outputs))
    driven = _driven(module, outlet)
    explored = explore(driven)
    _expect_walked(explored.trace, unit)
    block = block_of(module.body, unit.last)
    after = block[block.index(unit.last) - 1]
    walked, anchor = anchored(driven, after, ())
    facts = explored.facts
    ends = Ends(dict(outlet.inputs), list(outlet.handed))
    facts.parameters |= {explored.trace.keys[n] for n in ends.inputs.values()
                         if n in explored.trace.keys and n not in explored.trace.inputs}  # fmt: skip
    walks, found = [], []
    for seed in range(POINTS):
        walks.append(retrace(walked, facts, seed, watched=frozenset([id(anchor)]), frozen=True))
        found.append(Ends(dict(outlet.inputs), list(outlet.handed)))
    traces = [walk.trace for walk in walks]
    goal = _goal(driven, explored, traces, found, unit)
    visible = walks[0].visible.get(id(anchor))
    if visible is None:
        raise Underivable(f"{unit.told} returns before its end ({unit.definition.span.told})")
    target = Target(after, next(iter(made.outputs.values())), {})
    case = Case(driven, facts, [Point(traces[0], traces[0], [], [])])
    aim = Aim(goal, target, visible, case, after, walked, anchor, True)
    outputs = list(made.outputs.values())
    pairs = list(zip(found[0].handed, outputs, strict=False))
    whole = {
        out: names[place] for (out, up), place in pairs
        if np.array_equal(goal.truth.of[out], goal.trace.value(up))
    }  # fmt: skip
    upstream = {up: names[place] for (_, up), place in pairs}
    return Aimed(aim, whole, upstream, frozenset(out for (out, _), _ in pairs))


def _driven(module: s.Module, outlet: Outlet) -> Driven:
    found = survey(module, frozenset())
    return Driven(
        module.path, module.text, found.body, outlet, others=module.others, places=module.places,
        python2=module.python2, origin=module.origin,
    )  # fmt: skip


def _expect_walked(trace: Trace, unit: Unit) -> None:
    where = unit.definition.span.told
    if trace.stopped is not None:
        raise Underivable(f"{unit.told}: {trace.stopped.reason} ({trace.stopped.span.told})")
    if trace.objective is None:
        why = next(iter(trace.failures), None)
        told = (
            f"{why.reason} ({why.span.told})" if why is not None else f"returns no array ({where})"
        )
        raise NoDerivative(f"{unit.told}: {told}")


def _goal(
    module: Driven, explored: Exploration, traces: list[Trace], found: list[Ends], unit: Unit
) -> Goal:
    losses = []
    for trace in traces:
        _expect_walked(trace, unit)
        assert trace.objective is not None
        losses.append(trace.objective.node)
    places = _felt(traces[0], losses[0], found[0])
    others = [name for name in unit.taken if not says_target(name)]
    if not places or (others and all(says_target(place) for place in places)):
        raise NoDerivative(
            f"no input of {unit.told} can be differentiated ({unit.definition.span.told})"
        )
    outs = [[o for o, _ in ends.handed] for ends in found]
    truths = tuple(
        truth(trace, loss, [*(ends.inputs[p] for p in places if p in ends.inputs), *out])
        for trace, loss, ends, out in zip(traces, losses, found, outs, strict=True)
    )
    parameters = {p: found[0].inputs[p] for p in places}
    return Goal(module, explored.facts, "the output", tuple(traces), truths, parameters)


def _felt(trace: Trace, loss: int, ends: Ends) -> list[str]:
    """The places of the inputs that the outputs depend on; targets only if there is nothing else."""
    true = truth(trace, loss, ends.inputs.values())
    felt = [p for p, n in ends.inputs.items() if n in true.of]
    once = list({ends.inputs[p]: p for p in reversed(felt)}.values())[::-1]
    return [p for p in once if not says_target(p)] or once


def restricted(aim: Aim, names: Collection[str], own: Collection[str]) -> dict[str, Traced]:
    """What is visible of `aim` under `names`, and of what the function `own` names do not hide."""
    return {
        place: tensor for place, tensor in aim.visible.items()
        if not (words := _words(place)) or words <= set(names) or not words & set(own)
    }  # fmt: skip


def _words(place: str) -> set[str]:
    """The names that a place starts from: `x` of `len(x)` and of `x[i].w` with i."""
    plain = re.sub(r"\.\w+|'[^']*'", "", place)
    return {w for w in re.findall(r"[^\W\d]\w*", plain) if w != "len"}
