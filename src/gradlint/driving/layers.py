"""Layers: classes with a forward and a backward method that keep what they need on `self`."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from gradlint.driving import asked as asks
from gradlint.driving import calling
from gradlint.driving.claiming import hold, hold_stand_ins, set_objective
from gradlint.driving.foreign import has_foreign_base, without_foreign_bases
from gradlint.driving.holdings import attributes, begun, hold_listed, properties, stored, written
from gradlint.driving.losses import fill_targets
from gradlint.driving.names import (
    is_akin,
    is_gradient_of,
    says_cache,
    says_cotangent,
    says_gradient,
    says_main_input,
    says_output,
    says_training,
)
from gradlint.driving.returned import handed_out, parts_of, returned_names
from gradlint.driving.tensors import Part, array_inputs, floats, snapshot
from gradlint.driving.upstream import given_upstream, takes_each
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.driven import Drive
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Instance, Traced, UserClass, UserFunction

_SET_UP = ("reshape", "build", "setup", "set_up", "initialize", "initialise", "init", "init_weights",
           "initialize_weights", "init_params", "reset", "reset_parameters", "compile")  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayerDrive:
    """Makes an object of the class `name`, sends made inputs forward and a random cotangent backward.

    `set_up`: methods that prepare the object (`build`, `reshape`) are called before. `alone`: what the
    constructor left open (None) is an input, and bases from other files are left out. `filling`: what the
    cotangent is filled with. `target`: what the target of a layer that ends in a loss is filled with.
    """

    owner: str
    forward: str
    backward: str
    set_up: bool = False
    alone: bool = False
    optional: bool = False
    filling: str = "normal"
    target: str = "normal"

    @property
    def name(self) -> str:
        return f"{self.owner}.{self.backward}"

    @property
    def covers(self) -> frozenset[str]:
        return frozenset((self.forward, self.backward))

    def __call__(self, m: Interpreter) -> None:
        fill_targets(m, self.target)
        cls = m.scope.names[self.owner]
        layer = calling.made_object(m, without_foreign_bases(m, cls) if self.alone else cls)
        if self.alone:
            layer.attributes = {k: v for k, v in layer.attributes.items() if v is not None}
        if self.set_up:
            for name in _SET_UP:
                self._prepare(m, layer, name)
        forward, backward = layer.cls.find(self.forward), layer.cls.find(self.backward)
        args = calling.made_arguments(m, forward, method=calling.is_method(forward))
        sole = calling.sole_input(m, forward)
        before = {k: t.id for k, v in layer.attributes.items() if (t := floats(v))}
        own = {k: snapshot(t) for k, t in array_inputs({"self": layer}).items()}
        since = len(m.trace.stores)
        made = m.operand(m.method(layer, self.forward, list(sole.values()), args))
        args |= sole
        given = args | _main_input(forward, backward, args)
        inputs = {t.id for t in array_inputs(args).values()}
        outs = self._outs(layer, made, forward, before, backward, inputs)
        if not outs:
            return
        own |= begun(m, since, backward)
        known = self._inputs(m, args, own, layer, set(m.trace.ancestors([t.id for _, t in outs])))
        kept = _kept(made, forward, backward)
        upstream = given_upstream(m, layer, backward, outs, given | kept, self.filling)
        if upstream is None:
            return
        upstream[1].update(_flags(backward, args))
        start = {name: snapshot(t) for name, t in array_inputs({"self": layer}).items()}
        m.last_return = None
        m.trace.handed_back = len(m.trace.nodes)
        results = m.method(layer, self.backward, [], upstream[1])
        left = stored(m, layer, start, set(m.trace.ancestors([outs[0][1].id])))
        gradients = _sole(list(handed_out(m, results, backward)), known) + left
        set_objective(m, upstream[0], f"{self.owner}.{self.forward}")
        is_loss = all(cotangent is None for _, cotangent in upstream[0])
        hold(m, gradients, known, loose=is_loss)
        hold_listed(m, layer, known)
        hold_stand_ins(m)

    def _prepare(self, m: Interpreter, layer: Instance, name: str) -> None:
        function = layer.cls.find(name)
        if (
            isinstance(function, UserFunction)
            and len(function.params) - len(function.defaults) <= 1
        ):
            m.method(layer, name, [], {})

    def _outs(
        self, layer: Instance, made: Any, forward: UserFunction, before: dict[str, int],
        backward: UserFunction, given: Set[int],
    ) -> list[tuple[str | None, Traced]]:  # fmt: skip
        """The output of the forward pass, `made` or left on the layer beside what it was `given`."""
        parts = parts_of(made, returned_names(forward))
        outs = [(name, snapshot(t)) for name, v in parts if (t := floats(v)) is not None]
        if outs:
            return outs if takes_each(backward, outs) else outs[:1]
        made_here = {
            name: snapshot(tensor) for name, value in layer.attributes.items()
            if (tensor := floats(value)) is not None and before.get(name) != tensor.id
            and tensor.id not in given
        }  # fmt: skip
        read = [name for name in attributes(backward) if name not in written(backward)]
        asked = [n for n in made_here if any(is_gradient_of(x, n) and x != n for x in read)]
        outputs = asked or [n for n in made_here if says_output(n)]
        return [(name, made_here[name]) for name in outputs[:1]]

    def _inputs(
        self, m: Interpreter, args: dict[str, Any], own: dict[str, Traced], layer: Instance,
        reached: Set[int],
    ) -> dict[str, Traced]:  # fmt: skip
        """What gradients can be of: the arguments of the forward pass, and what the object had before it.

        What does not reach the output and is named like a gradient is where one will be put.
        """
        found = {k: snapshot(t) for k, t in array_inputs(args).items()}
        later = properties(m, layer) | array_inputs({"self": layer})
        given = {k: snapshot(t) for k, t in later.items() if t.id in m.trace.inputs}
        for key, tensor in (given | own).items():
            if all(tensor.id != other.id for other in found.values()):
                found[key] = tensor
        return {k: t for k, t in found.items() if t.id in reached or not says_gradient(k)}


def _sole(parts: list[Part], known: dict[str, Traced]) -> list[Part]:
    """All that is returned is handed on to the layer before, whatever its name, if that says nothing else."""
    if len(parts) != 1 or parts[0][0] is None:
        return parts
    name = parts[0][0]
    says = any(is_gradient_of(name, key) or is_akin(name, key) for key in known)
    return parts if says else [(None, parts[0][1])]


def _main_input(
    forward: UserFunction, backward: UserFunction, args: dict[str, Any]
) -> dict[str, Any]:
    """The one input of the forward pass by its name in the backward pass: `X` there, `input` here."""
    taken = [p.name for p in forward.params[1:] if p.name in args]
    asked = [p.name for p in backward.params[1:] if p.name not in backward.defaults]
    again = [n for n in asked if says_main_input(n) and n not in args]
    upstream = [n for n in asked if n not in again and says_cotangent(n)]
    if len(taken) == len(again) == len(upstream) == 1 and taken[0] not in asked:
        return {again[0]: args[taken[0]]}
    return {}


def _flags(backward: UserFunction, args: dict[str, Any]) -> dict[str, Any]:
    """What the forward pass is told of the training, where the backward pass asks the same."""
    names = (p.name for p in backward.params if p.name in backward.defaults)
    return {name: args[name] for name in names if says_training(name) and name in args}


def _kept(made: Any, forward: UserFunction, backward: UserFunction) -> dict[str, Any]:
    """What the forward pass returns beside its output for the backward pass, by its name there."""
    if not isinstance(made, list | tuple):
        return {}
    parts = parts_of(made, returned_names(forward))[1:]
    asked = [p.name for p in backward.params]
    found = {name: value for name, value in parts if isinstance(name, str) and name in asked}
    caches = [name for name in asked if says_cache(name) and name not in found]
    if len(parts) == 1 and not found and len(caches) == 1:
        return {caches[0]: parts[0][1]}
    return found


def layer_ways(
    name: str, cls: UserClass, forward: str, backward: str, optional: bool = False
) -> list[Drive]:
    """The ways to drive a layer; one whose base stands in another file is tried without it first."""
    alone = LayerDrive(name, forward, backward, set_up=True, alone=True, optional=optional)
    whole: list[Drive] = [
        LayerDrive(name, forward, backward, set_up, optional=optional) for set_up in (False, True)
    ]
    ways = [alone, *whole] if has_foreign_base(cls) else [*whole, alone]
    if asks.clips(cls.find(backward)):  # beyond some size alone, a guard against explosions
        ways.append(LayerDrive(name, forward, backward, optional=optional, filling="tiny"))
    skipping = asks.skipping(cls.find(backward))
    if skipping is None:
        return ways
    # written for a loss that looks at one entry
    sparse = LayerDrive(name, forward, backward, optional=optional, filling="one entry")
    ends = any(isinstance(one, s.Return) for one in descend(skipping.body))
    return [sparse, *ways] if ends else [*ways, sparse]
