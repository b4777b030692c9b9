"""Functions that give a loss with its gradients: `loss, dx = softmax_loss(x, y)`, or one for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gradlint.claims.names import says_data, says_loss, says_rate
from gradlint.driving import calling
from gradlint.driving.claiming import (
    hold,
    hold_module_tensors,
    module_tensors,
    set_objective,
    single,
)
from gradlint.driving.matching import match
from gradlint.driving.names import is_gradient_of, says_cotangent, says_target
from gradlint.driving.returned import handed_out, returned_keys, returned_names
from gradlint.driving.tensors import Part, array_inputs, floats, snapshot
from gradlint.tracing.guesses import last_name
from gradlint.tracing.inputs import Form
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Traced, UserClass, UserFunction

TARGETS = ("one-hot rows", "one-hot columns", "binary", "labels", "signs")
"""What the target of a loss may hold, where its use leaves that open."""


def gives_both(function: UserFunction) -> bool:
    """Whether a function returns a loss and gradients, by the names of what it returns."""
    names = returned_names(function)
    if len(names) < 2:
        return False
    flat = [name for name in names if isinstance(name, str) and "hist" not in name.lower()]
    own = says_loss(function.name) and not _SLOPE.search(function.name)
    named = own or any(says_loss(name) for name in flat)
    return named and (
        any(_says_gradient(name) for name in (*flat, *returned_keys(function)))
        or any(isinstance(n, list) for n in names)
    )


def loss_and_gradients(cls: UserClass) -> Iterator[str]:
    """The methods of a network that return both, for a solver elsewhere: `loss, grads = net.loss(X, y)`."""
    for name, function in cls.names.items():
        if isinstance(function, UserFunction) and gives_both(function):
            yield name


_SLOPE = re.compile(r"prime|deriv", re.IGNORECASE)


def _says_gradient(name: str) -> bool:
    return not says_loss(name) and (
        says_cotangent(name) or re.match(r"^(d[A-Za-z_]\w*|grads?\w*|\w*grads?)$", name) is not None
    )


@dataclass(frozen=True, slots=True)
class LossDrive:
    """Calls a function (of the class `owner`, if any) that returns a loss and its gradients.

    `target` is what the target of the loss is filled with.
    """

    function: str
    owner: str | None = None
    target: str = "normal"

    optional: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return self.function if self.owner is None else f"{self.owner}.{self.function}"

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.function,))

    def __call__(self, m: Interpreter) -> None:
        fill_targets(m, self.target)
        called = calling.Called.of(m, self.owner, self.function)
        if called is None:
            return
        args = called.arguments(m)
        own, around = called.own(), module_tensors(m)
        made = called(m, args)
        if not isinstance(made, list | tuple):
            return
        parts = [p for p in handed_out(m, made, called.function) if p[1].id not in m.roots]
        loss = next(
            (p for p in parts if p[0] is not None and says_loss(p[0]) and _is_number(p[1])), None
        )
        loss = loss or next((p for p in parts if _is_number(p[1])), None)
        if loss is None:
            _refuse_several(m, parts)
            return
        single(m, loss[1])
        rest = [part for part in parts if part is not loss]
        known = array_inputs(args) | own
        stored = called.stored(own)
        set_objective(m, [(loss[1], None)], loss[0] or f"the loss of {self.function}")
        left_out = _targets(args) | _rates(known, rest)
        wanted = {k: t for k, t in known.items() if k not in left_out}
        other = hold_module_tensors(m, rest, wanted, around)
        trains, rest = len(other) < len(rest), other
        loose = len(list(match(rest + stored, wanted))) > 1
        hold(m, rest + stored, wanted, loose=loose, strict=trains)


def _refuse_several(m: Interpreter, parts: list[Part]) -> None:
    """Say that what is named a loss has several values, if anything is.

    Raises:
        Misfit: so it is, and the walk learns.
    """
    for name, part in parts:
        if name is not None and says_loss(name):
            m.misfit("loss", (part.id,), {"vectors": frozenset()}, "a loss has several values")


def _targets(args: dict[str, Any]) -> set[str]:
    return {name for name in args if says_target(name)}


def _rates(known: dict[str, Traced], results: list[Part]) -> set[str]:
    """The numbers that are named like a learning rate, unless a result is named as their gradient."""
    names = [name for name, _ in results if name is not None]
    return {
        key for key, tensor in known.items()
        if not tensor.shape and says_rate(key) and not any(is_gradient_of(n, key) for n in names)
    }  # fmt: skip


def _is_number(tensor: Traced) -> bool:
    return np.size(tensor.value) == 1


def fill_targets(m: Interpreter, filling: str) -> None:
    """Give every input that is named like a target the values of `filling`."""
    if filling == "normal":
        return
    forms = m.facts.inputs.forms
    for key, form in list(forms.items()):
        if form.kind == "array" and form.filling == "normal" and says_target(last_name(key)):
            forms[key] = Form("array", form.rank, filling, form.below)


_PRIME = re.compile(
    r"_?(derivative|deriv|prime|grad(ient)?|delta|backward|d|der|diff)$|^(d_?|grad(ient)?_(of_)?|deriv(ative)?_(of_)?|delta_)",
    re.IGNORECASE,
)  # fmt: skip


def loss_pairs(functions: dict[str, UserFunction]) -> Iterator[tuple[UserFunction, UserFunction]]:
    """Losses with the functions that are named as their derivatives: `mse` and `mse_prime`, `dmse`."""
    bare = {name.replace("_", "").lower(): function for name, function in functions.items()}
    for name, function in functions.items():
        stem = _PRIME.sub("", name)
        if stem == name or not stem:
            continue
        other = bare.get(stem.replace("_", "").lower())
        if other is not None and other is not function and _fits(other, function):
            yield other, function


_OF_A_LOSS = re.compile(r"grad(ient)?s?|jac(obian)?|deriv(ative)?s?", re.IGNORECASE)
_A_LOSS = re.compile(r"costs?|loss(es)?|objective|error|func(tion)?", re.IGNORECASE)
_DOING = re.compile(r"compute|calculate|calc|get|eval(uate)?|my|the|of|fn", re.IGNORECASE)


def whole_pairs(
    functions: dict[str, UserFunction],
) -> Iterator[tuple[UserFunction, UserFunction]]:
    """`cost(theta, X, y)` beside `gradient(theta, X, y)`, as minimisers take them.

    They take the same, and what their names say beside that is the same too: `costReg`, `gradientReg`.
    """
    told = {name: _DOING.sub("", name).replace("_", "").lower() for name in functions}
    for name, gradient in functions.items():
        if not _OF_A_LOSS.search(told[name]):
            continue
        rest = _A_LOSS.sub("", _OF_A_LOSS.sub("", told[name]))
        for other, loss in functions.items():
            same = says_loss(other) and not _OF_A_LOSS.search(told[other])
            if same and _A_LOSS.sub("", told[other]) == rest and _takes_the_same(loss, gradient):
                yield loss, gradient


def _takes_the_same(one: UserFunction, other: UserFunction) -> bool:
    names = [p.name for p in one.params]
    return bool(names) and names == [p.name for p in other.params]


def _fits(loss: UserFunction, gradient: UserFunction) -> bool:
    """Whether two functions take the same, or the loss more: a model, the rate of its penalty."""
    given = [p.name for p in loss.params]
    asked = [p.name for p in gradient.params if p.name not in gradient.defaults]
    if any(says_cotangent(name) and name not in given for name in asked):
        return False  # the backward pass of a function, which is handed a gradient
    return len(asked) == 2 and (len(given) == 2 or (len(given) > 2 and set(asked) <= set(given)))


def loss_methods(cls: UserClass) -> Iterator[tuple[str, str]]:
    """The methods of a class that are a loss and its derivative, both of two arguments."""
    own = {n: f for n, f in cls.names.items() if isinstance(f, UserFunction)}
    found = next((n for n in own if _LOSS.match(n)), None)
    if found is None:
        return
    for name, function in own.items():
        if (
            name != found
            and _DERIVATIVE.match(name)
            and len(function.params) == len(own[found].params) > 2
        ):
            yield found, name
            return


_LOSS = re.compile(
    r"^(loss|cost|fn|forward|__call__|error|compute|calculate|f|value|calc\w*|compute_loss)$"
)
_DERIVATIVE = re.compile(
    r"^(grad\w*|gradient|deriv\w*|prime|delta|backward|d\w*|loss_\w+|cost_\w+|\w+_prime|\w+_grad)$"
)


@dataclass(frozen=True, slots=True)
class LossPairDrive:
    """Calls a loss and its derivative (methods of one class, if `owner` is given) with the same inputs.

    `whole`: the loss is a number, and the derivative is that in the first parameter, as minimisers take them.
    """

    loss: str
    gradient: str
    owner: str | None = None
    target: str = "normal"
    whole: bool = False

    optional: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return self.gradient if self.owner is None else f"{self.owner}.{self.gradient}"

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.loss, self.gradient))

    def __call__(self, m: Interpreter) -> None:
        fill_targets(m, self.target)
        called = calling.Called.of(m, self.owner, self.loss)
        if called is None:
            return
        args = called.arguments(m)
        made = floats(m.operand(called(m, args)))
        other = called.sibling(m, self.gradient)
        if made is None or other is None:
            return
        loss = snapshot(made)
        if self.whole and not _is_number(loss):
            vectors = frozenset(name for name in args if not says_data(name))
            m.misfit("loss", (loss.id,), {"vectors": vectors}, "a loss has several values")
            return
        asked = [p.name for p in other.params() if p.name not in other.function.defaults]
        given = {name: args.get(name) for name in asked}
        if None in given.values():
            given = dict(zip(given, args.values(), strict=False))
        parts = list(handed_out(m, other(m, given), other.function))
        inputs = {k: t for k, t in array_inputs(args).items() if k not in _targets(args)}
        inputs = dict(list(inputs.items())[:1]) if self.whole else inputs
        set_objective(m, [(loss, None)], self.loss)
        hold(m, parts, inputs, loose=not self.whole)
