"""Activations and their derivatives: `sigmoid` and `sigmoid_prime`, or one function with a flag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gradlint.driving import calling
from gradlint.driving.claiming import claim, random_cotangent, set_objective
from gradlint.driving.passes import gives_nothing
from gradlint.driving.protocols import is_empty
from gradlint.driving.tensors import floats, snapshot
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.driven import Drive
from gradlint.tracing.stand_ins import BACKWARD, FORWARD
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Traced, UserClass, UserFunction

_PRIME = re.compile(
    r"(_|to_?|2|_of_|)(derivative|deriv|prime|gradient|grad|der|slope|diff|d)$|^(deriv(ative)?_?(of_)?|grad(ient)?_?(of_)?|d_?)"
    r"|_?(derivative|deriv|prime|gradient)(_of)?_?|_backward$",
    re.IGNORECASE,
)
_VERSION = re.compile(r"_(derivative|deriv|prime|gradient|grad)_\w+$", re.IGNORECASE)
"""What stands behind the name of an activation where there are several derivatives: `softmax_grad_simple`."""
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
        if not _takes_one(function) or gives_nothing(function.body):
            continue
        stems = {_PRIME.sub("", name, count=1), re.sub(r"^d(?=[a-z]{3})", "", name)}
        stems = (stems | {_VERSION.sub("", name)}) - {name, ""}
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
            asked = says_derivative(param.name) and default is False and len(function.params) == 2
            if asked and not is_left_open(function.body, param.name):
                yield name, param.name


def says_derivative(flag: str) -> bool:
    """Whether a parameter asks a function for its derivative."""
    return _FLAG.match(flag) is not None


def is_left_open(block: s.Block | s.Expr, flag: str) -> bool:
    """Whether there is no derivative yet: `if deriv: pass`."""
    body = block if isinstance(block, tuple) else ()
    asked = (
        one for one in descend(body)
        if isinstance(one, s.If) and any(isinstance(n, s.Name) and n.id == flag for n in descend(one.test))
    )  # fmt: skip
    return any(
        all(
            (isinstance(one, s.Flow) and one.kind == "pass") or isinstance(one, s.Raise)
            for one in if_.body
        )
        for if_ in asked
    )


def _takes_one(function: UserFunction) -> bool:
    wanted = [p for p in function.params if not p.star and p.name not in function.defaults]
    return len(wanted) == 1 and wanted[0].name != "self" and bool(function.params)


@dataclass(frozen=True, slots=True)
class HelperDrive:
    """Holds a derivative against the activation, taken at the input or, with `at_output`, at the output.

    `flag` is the parameter that asks one function for its derivative; `owner` the class of two methods.
    """

    activation: str
    derivative: str
    at_output: bool
    flag: str | None = None
    owner: str | None = None

    optional: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return self.derivative if self.owner is None else f"{self.owner}.{self.derivative}"

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.activation, self.derivative))

    def __call__(self, m: Interpreter) -> None:
        called = calling.Called.of(m, self.owner, self.activation)
        derivative = None if called is None else called.sibling(m, self.derivative)
        if called is None or derivative is None:
            return
        first = called.params()[0].name
        given = m.input(first)
        out = floats(m.operand(called(m, {first: given})))
        given = floats(m.operand(given))
        if out is None or given is None or out.shape != given.shape:
            return
        elementwise = _is_elementwise(m, out, given)
        out, given = snapshot(out), snapshot(given)
        taken = snapshot(out if self.at_output else given)
        slope = self._slope(m, derivative, taken)
        if not isinstance(slope, Traced):
            return
        upstream = random_cotangent(m, out, "upstream")
        set_objective(m, [(out, upstream)], f"{self._title()}({first})")
        m.at = m.facts.inputs.site("the slope")
        product = _product(m, snapshot(slope), upstream, elementwise)
        if isinstance(product, Traced):
            claim(m, product, given, first, self.derivative)

    def _slope(self, m: Interpreter, derivative: calling.Called, taken: Traced) -> Any:
        args: dict[str, Any] = {derivative.params()[0].name: taken}
        return derivative(m, args if self.flag is None else args | {self.flag: True})

    def _title(self) -> str:
        special = self.owner is not None and self.activation == "__call__"
        return str(self.owner) if special else self.activation


def _product(m: Interpreter, slope: Traced, upstream: Traced, elementwise: bool) -> Any:
    """The cotangent taken through a slope, or through the Jacobian (n, n) of what mixes its n entries.

    Raises:
        Misfit: the walk is one that learns, and a Jacobian is of one sample where several were given.
    """
    if elementwise:
        return m.apply("multiply", [slope, upstream], {})
    size = int(np.size(upstream.value))
    if slope.shape == (size, size) and size > 1:
        flat = m.apply("reshape", [upstream], {"shape": (size,)})
        made = m.apply("matmul", [flat, slope], {})
        return m.apply("reshape", [made], {"shape": upstream.shape})
    if len(upstream.shape) == 2 and slope.shape == (upstream.shape[0],) * 2:
        axes = {"size": upstream.shape[1]}
        m.misfit("samples", (), axes, "a Jacobian has the entries of one sample")
    return None


def derivative_method(cls: UserClass) -> tuple[str, str] | None:
    """The methods of a class that is an activation: its value, and its slope at the same input."""
    value, slope = _first_method(cls, FORWARD), _first_method(cls, SLOPES)
    if value is None or slope is None or is_empty(cls.find(slope)):
        return None
    given, same = _wanted(cls.find(value)), _wanted(cls.find(slope))
    if not len(given) == len(same) == 2:
        return None
    named = slope in _NAMED_SLOPES or given[1].name == same[1].name
    return (value, slope) if named else None


def _first_method(cls: UserClass, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if isinstance(cls.find(name), UserFunction)), None)


def _wanted(function: UserFunction) -> list[s.Parameter]:
    return [p for p in function.params if not p.star and p.name not in function.defaults]


_NAMED_SLOPES = ("grad", "gradient", "derivative", "deriv", "prime", "diff", "gradient_of", "df")
"""What is called so may be a slope whatever its argument is called."""
SLOPES = (*(name for name in BACKWARD if name not in _NAMED_SLOPES), *_NAMED_SLOPES)


def _is_elementwise(m: Interpreter, out: Traced, given: Traced) -> bool:
    """Whether no operation between the two mixes entries (a softmax sums over them)."""
    chosen: set[int] = set()
    for node in sorted(m.trace.ancestors([out.id], since=given.id)):
        entry = m.trace.nodes[node]
        if entry.shape == () != given.shape and m.trace.depends([node], given.id):
            return False
        if entry.op == "getitem" or (entry.op != "setitem" and chosen & set(entry.inputs)):
            chosen.add(node)  # the entries under a mask, which are put back where they were
        elif entry.shape not in ((), given.shape):
            return False
    return True


def slope_ways(
    activation: str, derivative: str, function: UserFunction, owner: str | None = None
) -> Iterator[Drive]:
    """Where a derivative may take its slope, the likelier first; who calls the activation: at the input."""
    first = reads_output(function, 0 if owner is None else 1)
    places = (False,) if _calls(function, activation, owner is not None) else (first, not first)
    for at_output in places:
        yield HelperDrive(activation, derivative, at_output, owner=owner)


def _calls(function: UserFunction, activation: str, method: bool) -> bool:
    """Whether a function calls `activation`, or as a method any other one, with its own argument alone."""
    body = function.body if isinstance(function.body, tuple) else (function.body,)
    own = {p.name for p in function.params}
    for call in (n for n in descend(body) if isinstance(n, s.Call) and len(n.args) == 1):
        given, called = call.args[0].value, call.func
        if not (isinstance(given, s.Name) and given.id in own):
            continue
        if isinstance(called, s.Name) and called.id == activation:
            return True
        if method and isinstance(called, s.Attribute) and isinstance(called.value, s.Name):
            return called.value.id == "self"
    return False


def reads_output(function: UserFunction, first: int = 0) -> bool:
    """Whether the parameter of a derivative, the `first` one, is named like the output of the activation."""
    return bool(OUTPUT.match(function.params[first].name))
