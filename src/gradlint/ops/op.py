"""The entry of the table of primitives, and the two calls that use it: `apply` and `vjp`.

An entry is mathematics only. How a user spells it is in `spelling`, how its VJP is written for a
reader in `writing`; the entries themselves stand in the modules by family, side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from gradlint.ops.writing import Text

Array = npt.NDArray[Any]


class OpError(Exception):
    """A call that the table does not understand; the message is one clause for the user."""


@dataclass(frozen=True)
class Sample:
    """A non-degenerate point at which an op is tested.

    Each of `specs` is a shape (a tuple: made-up values between `low` and `high`, all different and
    off the kinks) or the input itself (an array, a number). `params` are the op's parameters.
    """

    specs: tuple[Any, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    low: float = -2.0
    high: float = 2.0

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The inputs as arrays; the same at every call."""
        return tuple(
            _points(spec, self.low, self.high, i) if isinstance(spec, tuple) else spec
            for i, spec in enumerate(self.specs)
        )


def sample(*specs: Any, low: float = -2.0, high: float = 2.0, **params: Any) -> Sample:
    """A `Sample` with its parameters as keywords."""
    return Sample(specs, params, low, high)


def _points(shape: tuple[int, ...], low: float, high: float, salt: int) -> Array:
    # Multiples of the golden ratio modulo 1 never come close to one another: no ties, no kinks.
    count = int(np.prod(shape, dtype=int))
    steps = (np.arange(count) + 1.0) * 0.6180339887498949 + 0.2360679 * (salt + 1)
    return np.asarray(low + (high - low) * np.mod(steps, 1.0)).reshape(shape)


@dataclass(frozen=True, eq=False, repr=False)
class Op:
    """One primitive.

    `evaluate(*inputs, **params)` gives its value in numpy. The i-th of `vjps`, called as
    `vjp(g, out, *inputs, **params)`, gives the cotangent of input i in input i's own shape; None
    says that the op is not differentiable in it. A `variadic` op has one entry for all its inputs,
    called with the keyword `argnum`. `torch(T, *tensors, **params)` is the same value computed by
    the module `T`, so that this package never imports torch. `write` and `primal` return source
    text, in the dialect of the writer that they are given.

    `elementwise`: an entry of the output depends on the same (broadcast) entry of the inputs only.
    `view`: the result shows entries of its input, whose memory the libraries share where they can.
    `linear`: linear in each differentiable input while the others are held.
    `compute` is `evaluate` for those who silence numpy's warnings once for many ops.
    """

    name: str
    evaluate: Callable[..., Any]
    compute: Callable[..., Any]
    vjps: tuple[Callable[..., Any] | None, ...]
    torch: Callable[..., Any]
    write: tuple[Callable[..., Text] | None, ...] = ()
    primal: Callable[..., Text] | None = None
    differentiable: bool = True
    elementwise: bool = False
    linear: bool = False
    variadic: bool = False
    view: bool = False
    samples: tuple[Sample, ...] = ()

    def __repr__(self) -> str:
        return f"Op({self.name!r})"

    def vjp_of(self, argnum: int) -> Callable[..., Any] | None:
        """The VJP in input `argnum`, None where there is none; `argnum` is bound where variadic."""
        return _column(self.vjps, argnum, self.variadic)

    def write_of(self, argnum: int) -> Callable[..., Text] | None:
        """The written VJP in input `argnum`, None where there is none."""
        return _column(self.write, argnum, self.variadic)


Column = tuple[Callable[..., Any] | None, ...]


def _column(column: Column, argnum: int, variadic: bool) -> Callable[..., Any] | None:
    if not variadic:
        return column[argnum] if argnum < len(column) else None
    first = column[0] if column else None
    if first is None:
        return None
    return lambda *args, **params: first(*args, argnum=argnum, **params)


OPS: dict[str, Op] = {}


def apply(op_name: str, *arrays: Any, **params: Any) -> Any:
    """Evaluate the op of that name on arrays or numbers."""
    return OPS[op_name].evaluate(*arrays, **params)


def vjp(
    op: Op, argnum: int, g: Any, out: Any, inputs: tuple[Any, ...], params: Mapping[str, Any]
) -> Array:
    """The cotangent of input `argnum`, given the cotangent `g` of `out`; in the input's shape.

    Raises OpError where the op is not differentiable in that input, where it refuses these
    parameters, or where `g` has not the shape of `out`.
    """
    if np.shape(g) != np.shape(out):
        raise OpError(f"{op.name}: a cotangent of shape {np.shape(g)} for a value {np.shape(out)}")
    function = op.vjp_of(argnum)
    if function is None:
        raise OpError(f"{op.name} has no derivative in its argument {argnum + 1}")
    result = np.asarray(function(np.asarray(g), out, *inputs, **params))
    if result.shape != np.shape(inputs[argnum]):
        raise OpError(f"{op.name}: cotangent {result.shape} for {np.shape(inputs[argnum])}")
    return result
