"""Walking what nothing calls: a module with a drive, and the search for inputs at which it fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing.facts import Facts
from gradlint.tracing.inputs import Form, Inputs, Lesson, Misfit
from gradlint.tracing.learning import alternatives
from gradlint.tracing.trace import Trace

if TYPE_CHECKING:
    from gradlint.tracing.statements import Interpreter

WALKS = 100
"""Walks that the search for sizes, ranks and kinds of one drive may take; most need ten to thirty."""


class Drive(Protocol):
    """Calls functions of the script; `name` is what it judges, `covers` the names of what it calls.

    `optional`: to call them so is a guess, and that it leads nowhere says nothing of the script.
    """

    @property
    def name(self) -> str: ...

    @property
    def covers(self) -> frozenset[str]: ...

    @property
    def optional(self) -> bool: ...

    def __call__(self, m: Interpreter) -> None: ...


NODES = 60_000
"""Nodes that all these walks may make together: about one second."""


@dataclass(frozen=True, slots=True, eq=False)
class Driven(s.Module):
    """A module whose `drive` calls what nothing in it calls; `body` holds its definitions.

    `options` are given to parameters that have a default, `supposed` are the forms that inputs have at first,
    `square` the axes that have the size of another one from the beginning: those of square images.
    """

    drive: Drive
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    supposed: Mapping[str, Form] = field(default_factory=dict, kw_only=True)
    square: Mapping[str, str] = field(default_factory=dict, kw_only=True)


def search_inputs(
    walk: Callable[[Inputs], tuple[Facts, Trace]], first: Inputs, most: int = WALKS
) -> tuple[Facts, Trace] | None:
    """What `walk` gives at inputs at which it goes through; None where none were found.

    Depth first: the likeliest lesson of each misfit is tried before the others.
    """
    stack, seen = [first], set[Any]()
    stopped: tuple[Facts, Trace] | None = None
    spent = 0
    for _ in range(most):
        if not stack or spent > NODES:
            break
        inputs = stack.pop()
        try:
            facts, trace = walk(inputs)
        except Lesson as lesson:
            spent += lesson.spent
            inputs = inputs.copy()
            inputs.forms[lesson.key] = lesson.form
            stack.append(inputs)
            continue
        except Misfit as misfit:
            spent += len(misfit.trace.nodes)
            stack += _unseen(alternatives(misfit, inputs), seen)
            continue
        if trace.stopped is not None:
            stopped = (facts, trace)
            smaller = facts.inputs.smaller()
            if smaller is None:
                break
            stack = [smaller]
            continue
        broken = [n for n in (_not_finite(trace), _guarded(trace, inputs)) if n is not None]
        if not broken:
            return facts, trace
        others = _unseen(_within(broken[0], inputs, trace), seen)
        if not others:
            return facts, trace
        stack += others
    return stopped


def _unseen(others: list[Inputs], seen: set[Any]) -> list[Inputs]:
    fresh = []
    for inputs in others:
        shapes = (
            inputs.lenient, inputs.small,
            *(
                (key, form, _sized(inputs, key, form))
                for key, form in inputs.forms.items()
            ),
        )  # fmt: skip
        if shapes not in seen:
            seen.add(shapes)
            fresh.append(inputs)
    return fresh[::-1]


def _sized(inputs: Inputs, key: str, form: Form) -> tuple[int, ...]:
    """The shape of an array, or how much a count is."""
    if form.kind == "count" and form.value is None:
        return (inputs.size(key),)
    return inputs.shape(key) if form.kind == "array" else ()


def _not_finite(trace: Trace) -> int | None:
    """The first node that is no number although the objective was made from it."""
    if trace.objective is None or np.all(np.isfinite(trace.value(trace.objective.node))):
        return None
    above = sorted(trace.ancestors([trace.objective.node]))
    return next((n for n in above if not np.all(np.isfinite(trace.value(n)))), None)


def _guarded(trace: Trace, inputs: Inputs) -> int | None:
    """The first input that is clipped to (0, 1): the guard of a logarithm, not a part of the function."""
    for node in trace.nodes:
        key = trace.inputs.get(node.inputs[0]) if node.op == "clip" else None
        if key is None or inputs.forms[key].filling != "normal":
            continue
        low, high = node.params.get("low"), node.params.get("high")
        if low is not None and 0 < low < 0.05 and (high is None or 0.95 < high <= 1):
            return node.inputs[0]
    return None


def _within(node: int, inputs: Inputs, trace: Trace) -> list[Inputs]:
    """Inputs whose values lie within (0, 1): of what has no logarithm or root otherwise."""
    keys = [trace.inputs[n] for n in trace.ancestors([node]) if n in trace.inputs]
    plain = [
        k for k in keys if inputs.forms[k].filling == "normal" and inputs.forms[k].kind == "array"
    ]
    return [inputs.change(key, filling="unit") for key in plain]
