"""Functions that return the whole Jacobian of another one: `layer(x, W)` and `layer_gradient(x, W)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gradlint.driving import calling
from gradlint.driving.claiming import claim, random_cotangent, set_objective
from gradlint.driving.tensors import array_inputs, floats, snapshot
from gradlint.tracing.driven import Drive
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Traced, UserFunction

_JACOBIAN = re.compile(
    r"^(?P<of>\w+?)_(jacobian|jac|gradient|grad|derivative|deriv)(_\w+)?$", re.IGNORECASE
)


def jacobians(functions: dict[str, UserFunction]) -> Iterator[tuple[str, str]]:
    """Functions of several arguments with those that are named as their derivatives and take the same."""
    for name, function in functions.items():
        found = _JACOBIAN.match(name)
        of = functions.get(found["of"]) if found else None
        if of is not None and len(_asked(function)) > 1 and _asked(of) == _asked(function):
            yield of.name, name


def _asked(function: UserFunction) -> list[str]:
    return [p.name for p in function.params if not p.star and p.name not in function.defaults]


@dataclass(frozen=True, slots=True)
class JacobianDrive:
    """Holds a matrix (entries of the result, entries of one argument) as the Jacobian in row-major order.

    Which argument is told by the sizes. `by_columns`: the entries of the argument are in column-major order.
    """

    function: str
    derivative: str
    by_columns: bool = False

    optional: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return self.derivative

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.function, self.derivative))

    def __call__(self, m: Interpreter) -> None:
        called = calling.Called.of(m, None, self.function)
        derivative = None if called is None else called.sibling(m, self.derivative)
        if called is None or derivative is None:
            return
        args = called.arguments(m)
        out = floats(m.operand(called(m, args)))
        if out is None:
            return
        out, given = snapshot(out), {k: snapshot(t) for k, t in array_inputs(args).items()}
        matrix = floats(m.operand(derivative(m, args)))
        if matrix is None:
            return
        upstream = random_cotangent(m, out, "upstream")
        set_objective(m, [(out, upstream)], f"{self.function}({', '.join(args)})")
        self._hold(m, snapshot(matrix), upstream, given)

    def _hold(
        self, m: Interpreter, matrix: Traced, upstream: Traced, given: dict[str, Traced]
    ) -> None:
        rows = int(np.size(upstream.value))
        fitting = [k for k, t in given.items() if matrix.shape == (rows, int(np.size(t.value)))]
        if len(fitting) != 1:
            if len(upstream.shape) == 2 and upstream.shape[1] > 1:
                size = {"size": upstream.shape[1]}
                m.misfit("samples", (), size, "a Jacobian has the entries of one sample")
            return
        of = given[fitting[0]]
        m.at = m.facts.inputs.site("the Jacobian")
        flat = m.apply("reshape", [upstream], {"shape": (rows,)})
        made: Any = m.apply("matmul", [flat, matrix], {})
        shape = of.shape[::-1] if self.by_columns else of.shape
        made = m.apply("reshape", [made], {"shape": shape})
        made = m.apply("transpose", [made], {}) if self.by_columns else made
        claim(m, made, of, fitting[0], self.derivative)


def jacobian_ways(function: str, derivative: str) -> list[Drive]:
    """The likelier order of the entries first."""
    return [JacobianDrive(function, derivative, by_columns) for by_columns in (False, True)]
