"""Functions and methods that train, or that return the gradients of a whole network.

They are called with made inputs like any other; what they step along, return or keep on the object is
held against the loss that belongs to them: a method or function named so, a number that they return,
or else the one that their own error implies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.claims.names import says_loss
from gradlint.claims.rates import strip
from gradlint.driving import calling
from gradlint.driving.claiming import (
    hold,
    hold_module_tensors,
    hold_stand_ins,
    module_tensors,
    set_objective,
)
from gradlint.driving.losses import fill_targets
from gradlint.driving.names import says_cache, says_carried, says_output, says_target
from gradlint.driving.objectives import loss_of
from gradlint.driving.protocols import decorates, is_abstract, is_empty
from gradlint.driving.returned import handed_out, parts_of, returned_names
from gradlint.driving.tensors import Part, array_inputs, floats
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.stand_ins import FORWARD
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.updates import movement
from gradlint.tracing.values import Traced, UserClass, UserFunction

_GRADIENT = re.compile(
    r"back_?prop\w*|backward\w*|^(compute_|calc\w*_|get_|analytic_)?grad(ient)?s?(_\w+)?$|propagate$|bprop|^nabla|_grads?$|"
    r"(cost|loss|objective|error)(_?func(tion)?)?_?(prime|deriv\w*|grad\w*)$",
    re.IGNORECASE,
)
_HANDS_OUT = re.compile(
    r"back_?prop\w*$|backward(_pass)?$|^(compute_|calc\w*_|get_|analytic_)?grad(ient)?s?(_(?!desc)\w+)?$",
    re.IGNORECASE,
)
_TRAINS = re.compile(
    r"train|^fit|sgd|update|learn|descent|optimi[sz]e|^step|gradient|back_?prop|backward|^model$|epoch|run|"
    r"regression|perceptron|_model$|^adam|newton",
    re.IGNORECASE,
)
_NUMERICAL = re.compile(
    r"numeric|check|approx|finite|test|eval|predict|plot|accuracy|score|_to_(vec|list|dict|array)",
    re.IGNORECASE,
)


def roots(functions: dict[str, UserFunction]) -> Iterator[str]:
    """The functions that train or return gradients."""
    for name, function in functions.items():
        if _is_root(name, function) and name not in _called_by_others(functions, name):
            yield name


def methods(cls: UserClass) -> Iterator[str]:
    """The methods of a class that train or return gradients, those that return gradients first.

    What a base leaves to its subclasses is judged with one of them.
    """
    names = [*(n for base in cls.bases if _is_open(base) for n in base.names), *cls.names]
    own = {
        n: f for n in names if isinstance(f := cls.find(n), UserFunction) and not n.startswith("__")
    }
    found = [
        n for n, f in own.items()
        if f.kind != "property" and _is_root(n, f) and not _only_shows(f)
    ]  # fmt: skip
    yield from sorted(found, key=lambda n: (not _GRADIENT.search(n), n))


def _is_open(base: object) -> bool:
    return isinstance(base, UserClass) and is_abstract(base)


def _is_root(name: str, function: UserFunction) -> bool:
    named = _TRAINS.search(name) or _GRADIENT.search(name)
    written = isinstance(function.body, tuple) and not is_empty(function)
    return bool(named) and not _NUMERICAL.search(name) and written and not decorates(function)


def _only_shows(method: UserFunction) -> bool:
    """Whether a method without arguments hands out what the object has: `return {"W": self.dW}`."""
    body = method.body if isinstance(method.body, tuple) else ()
    told = [n for n in body if not (isinstance(n, s.ExprStmt) and isinstance(n.value, s.Constant))]
    if len(method.params) > 1 or len(told) != 1 or not isinstance(told[0], s.Return):
        return False
    return not any(isinstance(n, s.BinOp | s.Call | s.UnaryOp) for n in descend(told))


def _called_by_others(functions: dict[str, UserFunction], name: str) -> set[str]:
    found: set[str] = set()
    for other, function in functions.items():
        if other != name and isinstance(function.body, tuple):
            names = {n.func.id for n in descend(function.body)
                     if isinstance(n, s.Call) and isinstance(n.func, s.Name)}  # fmt: skip
            if name in names and not _NUMERICAL.search(other):
                found.add(name)
    return found


@dataclass(frozen=True, slots=True)
class RootDrive:
    """Calls `function` (a method of a new object of `owner`, if given) and reads its steps and gradients.

    `forward_first`: the forward pass is another method, which runs before. `target` is what targets hold.
    """

    function: str
    owner: str | None = None
    forward_first: bool = False
    target: str = "normal"

    @property
    def name(self) -> str:
        return self.function if self.owner is None else f"{self.owner}.{self.function}"

    @property
    def optional(self) -> bool:
        """Whether the function may be something else than what hands out gradients."""
        return _HANDS_OUT.search(self.function) is None

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.function,))

    def __call__(self, m: Interpreter) -> None:
        fill_targets(m, self.target)
        called = calling.Called.of(m, self.owner, self.function)
        if called is None:
            return
        args = called.arguments(m)
        own = called.own()
        if self.forward_first:
            args |= _after_forward(m, called, args)
        carried = next((name for name in args if says_carried(name)), None)
        if carried is not None:
            why = f"what {carried} is the gradient of, is not known"
            m.trace.unread.append(m.opaque(why))
            return
        loss = loss_of(m, called, args)
        start, around = called.own(), module_tensors(m)
        made = called(m, args)
        parts = list(handed_out(m, made, called.function))
        loss = loss or _returned_loss(parts)
        if loss is not None and not _reaches(m, loss):
            loss = None
        known = {k: t for k, t in (array_inputs(args) | own).items() if not says_target(k)}
        moved = {update.place for update in m.trace.updates}
        stored = [p for p in called.stored(start) if p[0] not in moved]
        used = set(_stepped_along(m))
        parts = [p for p in parts + stored if p[0] is not None and not _is_moved(m, p[1], known)]
        parts = [p for p in parts if p[1].id not in used]
        if loss is not None:
            set_objective(m, [(loss, None)], "the loss")
        parts = hold_module_tensors(m, parts, known, around)
        hold(m, parts, known, loose=True, strict=True)
        if loss is not None:
            hold_stand_ins(m, loose=True)


def _reaches(m: Interpreter, loss: Traced) -> bool:
    """Whether a loss was made of what the function steps, if it steps: that may be a copy of an argument."""
    stepped = {node for node, key in m.trace.keys.items() if key in m.facts.parameters}
    return not stepped or bool(stepped & set(m.trace.ancestors([loss.id])))


def _after_forward(m: Interpreter, called: calling.Called, args: dict[str, Any]) -> dict[str, Any]:
    """What the forward pass of the same object gives, under the names that the arguments have."""
    others = (called.sibling(m, name) for name in FORWARD)
    forward = next((f for f in others if f is not None and f.function is not called.function), None)
    if forward is None:
        return {}
    made = m.operand(forward(m, forward.arguments(m, _as_named(forward, args))))
    found: dict[str, Any] = {}
    for name, part in parts_of(made, returned_names(forward.function)):
        tensor = floats(part)
        for asked in args:
            fits = (
                says_cache(asked)
                if tensor is None
                else says_output(asked) and not says_target(asked)
            )
            if asked not in found and (asked == name or fits):
                found[asked] = part
    return found


def _as_named(forward: calling.Called, args: dict[str, Any]) -> dict[str, Any]:
    """Arguments under the names that a forward pass has for them: its `X` is the `x` of the backward pass."""
    bare = {name.lower(): value for name, value in args.items()}
    wanted = (param.name for param in forward.params() if param.name not in args)
    return args | {name: bare[name.lower()] for name in wanted if name.lower() in bare}


def _stepped_along(m: Interpreter) -> Iterator[int]:
    """What the steps of a function consume: that is judged with them, whichever way they go."""
    for update in m.trace.updates:
        yield from (strip(m.trace, node).node for _, node in update.change)


def _is_moved(m: Interpreter, part: Traced, known: dict[str, Traced]) -> bool:
    """Whether what a function returns is a parameter after its step, `p - rate * grads[name]`.

    A gradient with a penalty in it, `dW + decay * W`, holds only a part of the parameter.
    """
    changes = ((of.id, movement(m.trace, of.id, part.id, blind=True)) for of in known.values())
    return any(terms and all(node != of for _, node in terms) for of, terms in changes)


def _returned_loss(parts: list[Part]) -> Traced | None:
    return next(
        (t for name, t in parts if name is not None and says_loss(name) and np.size(t.value) == 1),
        None,
    )
