"""Activations and their derivatives: `sigmoid` and `sigmoid_prime`, or one function with a flag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gradlint.driving import calling
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Traced, UserFunction

_PRIME = re.compile(
    r"(_|to_?|2|_of_|)(derivative|deriv|prime|gradient|grad|der|slope|diff|d)$|^(deriv(ative)?_?(of_)?|grad(ient)?_?(of_)?|d_?)"
    r"|_?(derivative|deriv|prime|gradient)(_of)?_?|_backward$",
    re.IGNORECASE,
)
_FLAG = re.compile(
    r"^(deriv(ative)?|der|d|prime|grad(ient)?|derivate|is_?deriv\w*|diff|backward)$", re.IGNORECASE
)
OUTPUT = re.compile(
    r"^(out(put)?s?|y|a|s|sig\w*|act\w*|h|o|fx|result|sx|sigmoid_\w+|tanh_\w+|p)$", re.IGNORECASE
)


def helpers(functions: dict[str, UserFunction]) -> Iterator[tuple[str, str]]:
    """Activations with the functions that are named as their derivatives, both of one argument."""
    bare = {name.replace("_", "").lower(): name for name, f in functions.items() if _takes_one(f)}
    for name, function in functions.items():
        if not _takes_one(function):
            continue
        stems = {_PRIME.sub("", name, count=1), re.sub(r"^d(?=[a-z]{3})", "", name)} - {name, ""}
        for stem in stems:
            other = bare.get(stem.replace("_", "").lower())
            if other is not None and other != name:
                yield other, name
                break


def flagged(functions: dict[str, UserFunction]) -> Iterator[tuple[str, str]]:
    """Functions with a flag for the derivative: `sigmoid(x, deriv=False)`; the name and the flag."""
    for name, function in functions.items():
        for param in function.params[1:2]:
            default = function.defaults.get(param.name)
            if _FLAG.match(param.name) and default is False and len(function.params) == 2:
                yield name, param.name


def _takes_one(function: UserFunction) -> bool:
    wanted = [p for p in function.params if not p.star and p.name not in function.defaults]
    return len(wanted) == 1 and wanted[0].name != "self" and bool(function.params)


@dataclass(frozen=True, slots=True)
class HelperDrive:
    """Holds a derivative against the activation, taken at the input or, with `at_output`, at the output.

    `flag` is the parameter that asks one function for its derivative.
    """

    activation: str
    derivative: str
    at_output: bool
    flag: str | None = None

    optional: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return self.derivative

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.activation, self.derivative))

    def __call__(self, m: Interpreter) -> None:
        activation, derivative = m.scope.names[self.activation], m.scope.names[self.derivative]
        first = activation.params[0].name
        given = m.input(first)
        out = calling.floats(m.operand(calling.invoke(m, activation, {first: given})))
        given = calling.floats(m.operand(given))
        if (
            out is None
            or given is None
            or out.shape != given.shape
            or not _is_elementwise(m, out, given)
        ):
            return
        out, given = calling.snapshot(out), calling.snapshot(given)
        args: dict[str, Any] = {
            derivative.params[0].name: calling.snapshot(out if self.at_output else given)
        }
        if self.flag is not None:
            args[self.flag] = True
        slope = calling.invoke(m, derivative, args)
        if not isinstance(slope, Traced):
            return
        upstream = calling.cotangent(m, out, "upstream")
        calling.descend(m, [(out, upstream)], f"{self.activation}({first})")
        m.at = m.facts.inputs.site("the slope")
        product = m.apply("multiply", [calling.snapshot(slope), upstream], {})
        if isinstance(product, Traced):
            calling.claim(m, product, given, first, self.derivative)


def _is_elementwise(m: Interpreter, out: Traced, given: Traced) -> bool:
    """Whether no operation between the two mixes entries (a softmax sums over them)."""
    above = m.trace.ancestors([out.id], since=given.id)
    return all(np.shape(m.trace.value(n)) in ((), given.shape) for n in above)


def reads_output(function: UserFunction) -> bool:
    """Whether the parameter of a derivative is named like the output of the activation."""
    return bool(OUTPUT.match(function.params[0].name))
