"""Small autograds: objects with a value and a gradient whose operators say how gradients flow back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gradlint.driving.claiming import claim, set_objective
from gradlint.driving.tensors import floats, snapshot
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.inputs import Form
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Instance, Traced, UserClass, UserFunction, plain

_BINARY = ("__add__", "__sub__", "__mul__", "__truediv__", "__pow__", "__matmul__", "add", "sub", "mul",
           "div", "matmul", "mm", "dot", "pow")  # fmt: skip
_UNARY = ("__neg__", "exp", "log", "tanh", "sigmoid", "relu", "sin", "cos", "sqrt", "square", "leaky_relu",
          "sum", "mean", "softplus", "gelu", "abs", "elu", "silu")  # fmt: skip
VALUES = ("data", "value", "val", "v", "x")


def engines(classes: dict[str, UserClass]) -> Iterator[tuple[str, str, bool]]:
    """The operators of classes that overload arithmetic and flow back: class, operator, takes another."""
    for name, cls in classes.items():
        if not isinstance(cls.find("backward"), UserFunction) or not _overloads(cls):
            continue
        for operator in (*_BINARY, *_UNARY):
            function = cls.find(operator)
            if isinstance(function, UserFunction) and _flows_back(function):
                asked = [
                    p for p in function.params[1:] if p.name not in function.defaults and not p.star
                ]
                yield name, operator, bool(asked)


_RECORDS = re.compile(r"^_?(autograd|(requires?|needs?)_?grad(ient)?s?)$", re.IGNORECASE)
"""What a flag is called without which an object is handed no gradient."""


def _overloads(cls: UserClass) -> bool:
    return any(isinstance(cls.find(name), UserFunction) for name in ("__add__", "__mul__"))


def _flows_back(function: UserFunction) -> bool:
    """Whether an operator makes a new object itself, rather than through the other operators."""
    body = function.body if isinstance(function.body, tuple) else ()
    return any(
        isinstance(node, s.Attribute) and node.attr in (*VALUES, "grad") for node in descend(body)
    )


@dataclass(frozen=True, slots=True)
class EngineDrive:
    """Applies one operator to objects with made values and sends the gradient 1 back.

    `rank` is that of the values: 0 for numbers, 2 for matrices. `twice`: the operator is applied to
    the same objects twice, so that each of them is handed two parts of its gradient, of different sizes.
    """

    owner: str
    operator: str
    binary: bool
    rank: int = 0
    twice: bool = False

    optional: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return f"{self.owner}.{self.operator}"

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.operator, "backward", "_backward"))

    def __call__(self, m: Interpreter) -> None:
        cls = m.scope.names[self.owner]
        left = self._object(m, cls, "a")
        right: Any = self._object(m, cls, "b") if self.binary else None
        if self.binary and self.operator in ("__pow__", "pow"):
            right = m.input("b") if "b" in m.lent else 3
        made = self._joined(m, left, [] if right is None else [right])
        value = _value(m, made)
        if not isinstance(made, Instance) or value is None:
            return
        name, out = value
        m.method(made, "backward", [], self._start(m, made, out))
        set_objective(m, [(snapshot(out), None)], f"{self.operator} of {self.owner}")
        for place, one in (("a", left), ("b", right)):
            given = _value(m, one)
            grad = _gradient(m, one)
            if given is not None and grad is not None:
                claim(m, snapshot(grad), given[1], f"{place}.{name}", f"{place}.grad")

    def _joined(self, m: Interpreter, left: Instance, right: list[Any]) -> Any:
        made = m.method(left, self.operator, right)
        if not self.twice or not isinstance(made, Instance):
            return made
        again = m.method(left, self.operator, right)
        both = [n for n in ("__mul__", "__add__") if isinstance(made.cls.find(n), UserFunction)]
        if len(both) == 2 and isinstance(again, Instance):
            again = m.method(again, "__mul__", [again])
        return m.method(made, both[-1], [again])

    def _object(self, m: Interpreter, cls: UserClass, key: str) -> Instance:
        start = cls.find("__init__")
        made = Instance(cls)
        m.facts.inputs.forms.setdefault(key, self._form())
        given = m.input(key)
        if isinstance(start, UserFunction):
            wanted = [p.name for p in start.params[1:] if not p.star]
            args: dict[str, Any] = {wanted[0]: given} if wanted else {}
            for param in start.params[1:]:
                if _RECORDS.match(param.name):
                    args[param.name] = True
            m.method(made, "__init__", [], args)
        return made

    def _form(self) -> Form:
        return (
            Form("number", value=1.0, filling="signed")
            if self.rank == 0
            else Form("array", self.rank)
        )

    def _start(self, m: Interpreter, made: Instance, out: Traced) -> dict[str, Any]:
        """The argument of `backward` where it wants one: a gradient of ones."""
        function = made.cls.find("backward")
        wanted = [
            p.name for p in function.params[1:] if p.name not in function.defaults and not p.star
        ]
        if not wanted:
            return {}
        ones = m.leaf(np.ones(out.shape), out.library, m.facts.inputs.site("ones"))
        return {wanted[0]: ones}


def _gradient(m: Interpreter, made: Any) -> Traced | None:
    """The gradient that an object holds, as a tensor or as an object of its own kind."""
    if not isinstance(made, Instance):
        return None
    held = made.attributes.get("grad")
    inner = _value(m, held)
    return _tensor(m, held) if inner is None else inner[1]


def _value(m: Interpreter, made: Any) -> tuple[str, Traced] | None:
    """The tensor that an object stands for, with the name of its attribute."""
    if not isinstance(made, Instance):
        return None
    for name in VALUES:
        if (found := _tensor(m, made.attributes.get(name))) is not None:
            return name, found
    return None


def _tensor(m: Interpreter, value: Any) -> Traced | None:
    """`value` as a tensor, where it is one or a plain number: a gradient of 1, a ReLU's 0."""
    number = plain(value)
    if isinstance(number, bool | int) or (
        isinstance(number, float) and not isinstance(value, Traced)
    ):
        return m.leaf(float(number), "python", m.facts.inputs.site("a number"))
    return floats(value)
