"""Syntax tree to trace: the interpreter, and the search for sizes at which it walks a script.

`explore` walks a module until it knows its sizes, training loops and parameters; `retrace` walks it
again with what was learnt, at another random point or with a repair in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing.checkpoints import kept_of
from gradlint.tracing.driven import Driven, search_inputs
from gradlint.tracing.facts import KEPT, TIGHTEST, Budget, Facts
from gradlint.tracing.inputs import Inputs, Misfit
from gradlint.tracing.machine import Exhausted, NewDimension
from gradlint.tracing.noting import LearntLoop
from gradlint.tracing.recording import Recorder
from gradlint.tracing.sizes import MODES, small_sizes, tight_sizes, written_sizes
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.steps import blind_steps
from gradlint.tracing.trace import (
    CONSTANT,
    LEAF,
    Claimed,
    Opaque,
    Shown,
    Store,
    Trace,
    TraceNode,
    Update,
)
from gradlint.tracing.values import Traced
from gradlint.tracing.witness import Witness

__all__ = [
    "CONSTANT", "LEAF", "LEAST", "Budget", "Claimed", "Driven", "Exploration", "Facts", "Opaque", "Shown",
    "Store", "Trace", "TraceNode", "Traced", "Update", "Walk", "defined", "explore", "explore_again",
    "record", "retrace", "witness",
]  # fmt: skip

_ATTEMPTS = 16
LEAST = 14
"""The smallest size of an axis of data; smaller ones stand for the script's own sizes."""
DATA_WALKS = 60
"""Walks, each until it settles, in which it is learnt what the data of a script are."""
DATA_NODES = 40_000
"""Operations of all these walks together; beyond it the data stay as far as they are known."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """One walk: its trace, and the tensors that were visible at the watched statements."""

    trace: Trace
    visible: dict[int, dict[str, Traced]]


@dataclass(frozen=True, slots=True, eq=False)
class Exploration:
    """What is known of a module: the facts, and a first trace at them.

    `sizing` says which sizes were used; `misfits` are the operations that failed where all sizes
    were pairwise different, although they fit at `sizing`; `distinct` is the trace of that walk.
    Of what is driven they say what did not fit at any made inputs, if so.
    """

    facts: Facts
    trace: Trace
    sizing: str
    misfits: tuple[Opaque, ...] = ()
    distinct: Trace | None = None


def explore(
    module: s.Module, budget: Budget | None = None, modes: tuple[str, ...] = MODES
) -> Exploration:
    """Walk `module` until its sizes, loops and parameters are known; `modes` are the sizes to try."""
    if isinstance(module, Driven):
        return _explore_driven(module, budget)
    found: list[Exploration] = []
    settled = cache(lambda mode: _settled(module, mode, budget))
    for mode in modes:
        facts, trace = settled(mode)
        fits = not _misfits(trace)
        if fits and trace.stopped is None and _collapses(facts, trace, lambda: settled("own")[1]):
            continue
        once = _trains_once(facts, trace, lambda: settled("own")[0]) if fits else set()
        if once:
            known = replace(facts.copy(), training_loops=facts.training_loops | once)
            facts, trace = _settle(module, mode, budget, known)
            fits = not _misfits(trace)
        found.append(Exploration(facts, trace, mode))
        if fits and trace.stopped is None:
            break
        ends = facts.tight and trace.stopped is not None
        if not facts.sizes or (ends and (trace.updates or fits or not facts.inputs.asked)):
            break
    best = min(found, key=_badness)
    misfits = () if best is found[0] else tuple(_misfits(found[0].trace))
    return Exploration(best.facts, best.trace, best.sizing, misfits, found[0].trace)


def _badness(explored: Exploration) -> tuple[bool, bool, int]:
    trace = explored.trace
    stuck = trace.stopped is not None or bool(explored.facts.tight and _misfits(trace))
    return stuck, not trace.updates, len(_misfits(trace))


def _few(facts: Facts, trace: Trace) -> dict[int, int]:
    """The loops that ran once or never, and not because one round of a training is enough."""
    return {
        loop: n for loop, n in trace.counts.items() if n < 2 and loop not in facts.training_loops
    }


def _trains_once(facts: Facts, trace: Trace, own: Callable[[], Facts]) -> set[int]:
    """The loops that train at the script's `own` sizes, and run but once at small ones: mini-batches."""
    once = {loop for loop, n in _few(facts, trace).items() if n == 1}
    if trace.stopped is not None or not once or not facts.training_loops:
        return set()
    return once & own().training_loops


def _collapses(facts: Facts, trace: Trace, own: Callable[[], Trace]) -> bool:
    """Whether a loop runs once or never at small sizes, but more often at the `own`."""
    few = _few(facts, trace)
    if not few:
        return False
    full = own()
    return any(
        full.counts.get(loop, 0) > rounds and (full.stopped is None or not rounds)
        for loop, rounds in few.items()
    )


def _misfits(trace: Trace) -> list[Opaque]:
    return [f for f in trace.failures if f.kind == "shape"]


def _settled(module: s.Module, mode: str, budget: Budget | None) -> tuple[Facts, Trace]:
    """Walk until nothing new is learnt; where data are not there, until it is known what they are."""
    first = Inputs(least=LEAST)
    facts, trace = _settle(module, mode, budget, Facts(shrinks=mode != "own", inputs=first))
    if not facts.inputs.asked:
        return facts, trace
    nodes = len(trace.nodes)
    furthest = _Reached(nodes if trace.stopped is None else 0, facts.inputs, (facts, trace))

    def walk(inputs: Inputs) -> tuple[Facts, Trace]:
        nonlocal nodes, furthest
        known = Facts(shrinks=mode != "own", inputs=inputs, learning=True)
        if nodes > DATA_NODES:
            raise Misfit("rank", (), {"rank": 0}, "the search takes too long", Trace())
        whole = None
        try:
            whole = _settle(module, mode, budget, known)
            return _unstopped(*whole)
        except Misfit as misfit:
            reached = len(misfit.trace.nodes)
            nodes += reached
            if reached > furthest.nodes:
                furthest = _Reached(reached, inputs.copy(), whole)
            raise

    found = search_inputs(walk, facts.inputs.copy(), DATA_WALKS) or furthest.whole
    if found is None:
        return _settle(module, mode, budget, Facts(shrinks=mode != "own", inputs=furthest.inputs))
    found[0].learning = False
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Reached:
    """How many `nodes` a walk made at some `inputs`; what it learnt if it settled, `whole` or stopped."""

    nodes: int
    inputs: Inputs
    whole: tuple[Facts, Trace] | None


def _unstopped(facts: Facts, trace: Trace) -> tuple[Facts, Trace]:
    """What is learnt of a script at some data, if the walk comes to its end.

    Raises:
        Misfit: it does not.
    """
    if trace.stopped is not None:
        raise Misfit("rank", (), {"rank": 0}, trace.stopped.reason, trace)
    return facts, trace


def explore_again(module: s.Module, known: Exploration) -> Exploration:
    """Walk a variant of a module of which all is `known`: its data are not searched for again."""
    shrinks, inputs = known.sizing != "own", known.facts.inputs.copy()
    found = _settle(module, known.sizing, None, Facts(shrinks=shrinks, inputs=inputs))
    return Exploration(*found, known.sizing)


def _explore_driven(module: Driven, budget: Budget | None) -> Exploration:
    """Walk a drive until it is known what its inputs are; equal literals get equal sizes where they must."""
    furthest: Misfit | None = None
    for mode in MODES:
        shrinks = mode != "own"
        sized = False

        def walk(inputs: Inputs, mode: str = mode, shrinks: bool = shrinks) -> tuple[Facts, Trace]:
            nonlocal sized, furthest
            known = Facts(inputs=inputs, learning=True, shrinks=shrinks)
            try:
                return _settle(module, mode, budget, known)
            except Misfit as misfit:
                furthest = max(furthest or misfit, misfit, key=lambda one: len(one.trace.nodes))
                raise
            finally:
                sized |= bool(known.dimensions)

        first = Inputs(
            dict(module.supposed),
            dict(module.square),
            library=_library_of(module),
            written=written_sizes(module),
        )
        found = search_inputs(walk, first)
        if found is not None:
            found[0].learning = False
            return Exploration(*found, mode)
        if not sized:
            break
    return Exploration(*_settle(module, "distinct", budget), "distinct", _told(furthest))


def _told(misfit: Misfit | None) -> tuple[Opaque, ...]:
    """What did not fit in the walk of a search that came furthest, where none went through."""
    if misfit is None or misfit.span is None:
        return ()
    return (Opaque(misfit.reason, misfit.span),)


def _library_of(module: s.Module) -> str:
    """The library that made inputs are tensors of: torch where the module imports that alone."""
    imports = [one for one in module.body if isinstance(one, s.Import | s.ImportFrom)]
    paths = {
        path.partition(".")[0]
        for one in imports
        for path in ([one.module] if isinstance(one, s.ImportFrom) else [n for n, _ in one.names])
    }
    return "torch" if "torch" in paths and "numpy" not in paths else "numpy"


def _settle(
    module: s.Module, mode: str, budget: Budget | None, known: Facts | None = None
) -> tuple[Facts, Trace]:
    """Walk again and again until a walk teaches nothing new."""
    facts = known or Facts(shrinks=mode != "own")
    trace = Trace()
    for _ in range(_ATTEMPTS):
        facts.updates.clear()
        walker = Interpreter(module, facts, budget=budget)
        try:
            trace = _walked(walker)
        except LearntLoop:
            continue
        except Misfit:
            if (smaller := _sizes(module, facts, mode)) == facts.sizes:
                raise
            facts.sizes = (
                smaller  # what does not fit may do so where all of the script's sizes are small
            )
            continue
        except NewDimension:
            smaller = _sizes(module, facts, mode)
            if smaller == facts.sizes:
                trace = walker.trace
                trace.stopped = Opaque("the arrays are too large to be tried out", walker.at.span)
                break
            facts.sizes = smaller
            continue
        if _is_long(trace) and mode != "own" and _may_shrink(facts):
            facts.tight += 1
            facts.sizes = _sizes(module, facts, mode)
            continue
        sizes = _sizes(module, facts, mode)
        parameters = {
            walker.trace.keys[r] for r in _roots(walker)
            if r in walker.trace.keys and r not in walker.trace.inputs
        }  # fmt: skip
        blind = set(blind_steps(trace))
        if sizes == facts.sizes and parameters <= facts.parameters and blind <= facts.blind_steps:
            break
        facts.blind_steps |= blind
        facts.sizes, facts.parameters = sizes, facts.parameters | parameters
    return facts, trace


def _sizes(module: s.Module, facts: Facts, mode: str) -> dict[int, int]:
    if facts.tight:
        return tight_sizes(module, facts.dimensions | facts.counts, distinct=facts.tight == 1)
    return small_sizes(module, facts.dimensions, mode)


def _is_long(trace: Trace) -> bool:
    stopped = trace.stopped
    return trace.cut is not None if stopped is None else stopped.kind == "long"


def _may_shrink(facts: Facts) -> bool:
    """Whether there is a literal, larger than it must be, that makes a walk long."""
    known = facts.dimensions | facts.counts
    return facts.tight < TIGHTEST and any(own > KEPT for own in known.values())


def _roots(walker: Interpreter) -> Iterator[int]:
    for update in walker.trace.updates:
        yield walker.roots.get(update.old, update.old)
    for claimed in walker.trace.claimed:
        yield claimed.of


def _walked(walker: Interpreter) -> Trace:
    walker.kept = kept_of(walker.module)
    try:
        with np.errstate(all="ignore"):
            return walker.walk()
    except Exhausted as spent:
        walker.trace.stopped = Opaque(spent.reason, spent.span, "long" if spent.long else "unknown")
    except RecursionError:
        walker.trace.stopped = Opaque("the script recurses too deeply", walker.at.span)
    return walker.trace


def defined(module: s.Module) -> dict[str, Any]:
    """The names that the top level of a module binds, with their values."""
    walker = Interpreter(module, Facts(shrinks=False))
    with suppress(LearntLoop):
        _walked(walker)
    return walker.scope.names


def retrace(
    module: s.Module, facts: Facts, seed: int = 0, overrides: Mapping[int, Any] | None = None,
    watched: frozenset[int] = frozenset(), budget: Budget | None = None, frozen: bool = False,
) -> Walk:  # fmt: skip
    """Walk once with known facts, at the random point `seed`, with `overrides` in place."""
    walker = Interpreter(module, facts.copy(), seed, budget, overrides, watched, frozen)
    return Walk(_walked_again(walker), walker.visible)


def record(
    module: s.Module, facts: Facts, overrides: Mapping[int, Any], watched: frozenset[int],
    wanted: frozenset[int],
) -> Recorder:  # fmt: skip
    """A walk at the first point that keeps the evaluations of the expressions in `wanted`."""
    walker = Recorder(module, facts.copy(), 0, None, overrides, watched, wanted=wanted)
    _walked_again(walker)
    return walker


def witness(
    module: s.Module, facts: Facts, watched: frozenset[int], wanted: frozenset[int]
) -> Witness:
    """The frozen walk at the first point again, with what the expressions in `wanted` gave."""
    walker = Witness(module, facts.copy(), 0, None, None, watched, True, wanted=wanted)
    _walked_again(walker)
    return walker


def _walked_again(walker: Interpreter) -> Trace:
    try:
        return _walked(walker)
    except (LearntLoop, NewDimension):
        trace = walker.trace
        trace.stopped = Opaque("the script behaves differently when walked again", walker.at.span)
    return trace
