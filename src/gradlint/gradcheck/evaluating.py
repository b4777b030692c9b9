"""Calls a forward and a backward pass, each time on copies of everything and with the same random draws."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradlint.gradcheck.arrays import as_array, epsilon_of, is_real, is_tensor, like
from gradlint.gradcheck.leaves import Path, slots_of
from gradlint.gradcheck.subjects import Given, Subject
from gradlint.gradcheck.ways import Source, Way, is_output, parts_of


@dataclass(frozen=True, slots=True, eq=False)
class Forward:
    """One forward pass that was made: what it returned, and what its backward pass needs."""

    given: Given
    returned: Any
    backward: Any
    owner: Any

    @property
    def parts(self) -> tuple[Any, ...]:
        return parts_of(self.returned)

    def outputs(self) -> list[Any]:
        """The parts that can have a cotangent, as float64 arrays."""
        return [as_array(part) for part in self.parts if is_output(part)]

    @property
    def epsilon(self) -> float:
        """The relative rounding of its outputs."""
        return max((epsilon_of(part) for part in self.parts if is_output(part)), default=2.0**-52)


@dataclass(frozen=True, slots=True, eq=False)
class Evaluator:
    """Evaluates a subject; `double` in float64, else in the precision that it was given."""

    subject: Subject
    again: Callable[[], None]
    double: bool = True
    start: Mapping[Path, Any] = field(default_factory=dict)

    @staticmethod
    def of(subject: Subject, again: Callable[[], None], double: bool) -> Evaluator:
        """One that starts from what the subject was given."""
        start = {leaf.path: leaf.value for leaf in subject.given.leaves()}
        return Evaluator(subject, again, double, start)

    def forward(self, values: Mapping[Path, Any], recording: bool = False) -> Forward:
        """A forward pass where the leaves have `values`, and where not, their own."""
        self.again()
        forward, backward, owner = self.subject.fresh()
        given = self.subject.given.rebuilt({**self.start, **values}, self.double)
        if owner is not None:
            _set(owner, values, self.double)
        if self.subject.function is not None:
            forward = self.subject.function.apply
            given = _requiring(given) if recording else given
        returned = forward(*given.args, **given.keywords)
        return Forward(given, returned, backward, owner)

    def backward(self, done: Forward, way: Way, cotangents: Mapping[int, Any]) -> Any:
        """What the backward pass gives back when it is called in this way."""
        if self.subject.function is not None:
            return self._context_backward(done, cotangents)
        arguments = [_argument(done, source, cotangents) for source in way.positional]
        keywords = {name: _argument(done, source, cotangents) for name, source in way.keywords}
        return done.backward(*arguments, **keywords)

    def _context_backward(self, done: Forward, cotangents: Mapping[int, Any]) -> Any:
        """`backward` of a Function with the context of the forward pass: what it returns, unreduced."""
        torch = sys.modules["torch"]
        context = next(part.grad_fn for part in done.parts if is_tensor(part) and part.grad_fn)
        given = [
            cotangents.get(n, torch.zeros_like(part)) if is_tensor(part) else None
            for n, part in enumerate(done.parts)
        ]
        with torch.no_grad():
            return self.subject.function.backward(context, *given)


def cotangents_for(done: Forward, way: Way, seed: int) -> dict[int, Any]:
    """A random cotangent, a float64 array, for each output that the way has one for.

    Without any, it is 1 at each element of the first output.
    """
    rng = np.random.default_rng(seed)
    shapes = {n: as_array(part).shape for n, part in enumerate(done.parts) if is_output(part)}
    if not way.outputs:
        first = next(iter(shapes))
        return {first: np.ones(shapes[first])}
    return {n: np.asarray(rng.normal(size=shapes[n])) for n in way.outputs}


def _argument(done: Forward, source: Source, cotangents: Mapping[int, Any]) -> Any:
    kind, which = source
    if kind == "cotangent":
        return cotangents[which]
    if kind == "part":
        return done.parts[which]
    if kind == "item":
        return done.parts[-1][which]
    return done.given.arguments[which]


def as_given(done: Forward, cotangents: Mapping[int, Any]) -> dict[int, Any]:
    """Cotangents of the kind and precision that the outputs have."""
    return {n: like(array, done.parts[n], False) for n, array in cotangents.items()}


def weighted(done: Forward, base: Sequence[Any], cotangents: Mapping[int, Any]) -> float:
    """The outputs less those at the start, each times its cotangent, summed."""
    order = [n for n, part in enumerate(done.parts) if is_output(part)]
    total = 0.0
    for n, out, start in zip(order, done.outputs(), base, strict=True):
        if n in cotangents:
            total += float(np.sum(cotangents[n] * (out - start)))
    return total


def _set(owner: Any, values: Mapping[Path, Any], double: bool) -> None:
    """Give the arrays of an object their values and precision; names for one array stay names for one."""
    slots = [slot for slot in slots_of(owner) if is_real(slot.get())]
    held = {slot.path: slot.get() for slot in slots}
    new = {
        id(held[path]): like(value, held[path], double)
        for path, value in values.items()
        if path in held
    }
    for slot in slots:
        array = held[slot.path]
        if id(array) not in new:
            new[id(array)] = like(as_array(array), array, double)
        slot.put(new[id(array)])


def _requiring(given: Given) -> Given:
    """The arguments with tensors that require gradients and are no leaves, so that they may be changed."""
    args = tuple(
        x.detach().requires_grad_().clone() if is_tensor(x) and x.dtype.is_floating_point else x
        for x in given.args
    )
    return Given(given.names, args, given.keywords)
