"""Losses that are classes: `forward(predicted, target)`, and a `backward` that takes the same two again.

Its first parameter is often named like a gradient from upstream (`dvalues`), but a loss has nothing above it:
what it is given is the prediction, or the output of the softmax that the class holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gradlint.driving import calling
from gradlint.driving.claiming import hold, set_objective
from gradlint.driving.holdings import stored
from gradlint.driving.losses import fill_targets
from gradlint.driving.names import says_output, says_target
from gradlint.driving.returned import handed_out
from gradlint.driving.tensors import array_inputs, floats, snapshot
from gradlint.tracing.driven import Drive
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Instance, Traced, UserClass, UserFunction


@dataclass(frozen=True, slots=True)
class LossLayerDrive:
    """Calls `backward` with what `forward` was given, or with the output that it left on the object."""

    owner: str
    forward: str
    backward: str
    takes_output: bool = False
    target: str = "normal"

    optional: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"{self.owner}.{self.backward}"

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.forward, self.backward))

    def __call__(self, m: Interpreter) -> None:
        fill_targets(m, self.target)
        layer = calling.made_object(m, m.scope.names[self.owner])
        forward, backward = layer.cls.find(self.forward), layer.cls.find(self.backward)
        args = calling.made_arguments(m, forward, method=True)
        before = dict(layer.attributes)
        loss = floats(m.operand(m.method(layer, self.forward, [], args)))
        known = {k: v for k, v in args.items() if not says_target(k)}
        given = (
            self._output(layer, before) if self.takes_output else next(iter(known.values()), None)
        )
        if loss is None or given is None:
            return
        whole = loss if np.size(loss.value) == 1 else m.apply("mean", [loss], {}, loss.library)
        start = array_inputs({"self": layer})
        inputs = {k: snapshot(t) for k, t in array_inputs(known).items()}
        (first,) = _others(forward, backward)
        shared = {k: v for k, v in args.items() if says_target(k)}
        m.last_return = None
        results = m.method(layer, self.backward, [], {first: given, **shared})
        left = stored(m, layer, start, set(m.trace.ancestors([loss.id])))
        set_objective(m, [(whole, None)], f"{self.owner}.{self.forward}")
        hold(m, [*handed_out(m, results, backward), *left][:1], inputs, loose=True)

    def _output(self, layer: Instance, before: dict[str, object]) -> Traced | None:
        """The output that the forward pass left on the object."""
        made = (v for k, v in layer.attributes.items() if says_output(k) and before.get(k) is not v)
        return next((tensor for v in made if (tensor := floats(v)) is not None), None)


def loss_layer_ways(name: str, cls: UserClass, forward: str, backward: str) -> Iterator[Drive]:
    """The ways to drive a class whose two methods share a target and take one thing beside it."""
    methods = cls.find(forward), cls.find(backward)
    shared = {p.name for p in methods[0].params[1:]} & {p.name for p in methods[1].params[1:]}
    if any(map(says_target, shared)) and len(_others(*methods)) == 1:
        yield LossLayerDrive(name, forward, backward)
        yield LossLayerDrive(name, forward, backward, takes_output=True)


def _others(forward: UserFunction, backward: UserFunction) -> list[str]:
    """What a backward pass takes that the forward pass does not."""
    given = {p.name for p in forward.params}
    return [p.name for p in backward.params if p.name not in given and not p.star]
