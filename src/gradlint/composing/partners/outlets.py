"""Calls of a forward pass alone, with made inputs and a made gradient for each of its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from gradlint.composing.partners.units import Unit
from gradlint.driving import calling
from gradlint.driving.claiming import random_cotangent, set_objective
from gradlint.driving.contexts import context_of
from gradlint.driving.tensors import array_inputs, floats, snapshot
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Traced, UserFunction, plain


@dataclass(frozen=True, eq=False)
class Outlet:
    """Drives `unit`; the first `outs` parts of what it returns are outputs, `names` those of their gradients.

    `inputs` and `handed` are those of the last walk: the nodes that gradients can be of, by place, and the
    outputs with the nodes of the gradients that they are handed.
    """

    unit: Unit
    positions: Sequence[int]
    inputs: dict[str, int] = field(default_factory=dict)
    handed: list[tuple[int, int]] = field(default_factory=list)

    optional: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return self.unit.told

    @property
    def covers(self) -> frozenset[str]:
        return frozenset([self.unit.function.name])

    def __call__(self, m: Interpreter) -> None:
        made = self._made(m)
        parts = list(made) if isinstance(made, list | tuple) else [made]
        outs = [
            snapshot(t)
            for at in self.positions
            if at < len(parts) and (t := floats(m.operand(parts[at]))) is not None
        ]
        upstream = [random_cotangent(m, out, f"upstream[{i}]") for i, out in enumerate(outs)]
        set_objective(m, list(zip(outs, upstream, strict=True)), self.name)
        self.handed[:] = [(o.id, u.id) for o, u in zip(outs, upstream, strict=True)]

    def _made(self, m: Interpreter) -> Any:
        if self.unit.owner is None:
            function = m.scope.names[self.unit.function.name]
            args = calling.made_arguments(m, function)
            made = calling.invoke(m, function, args)
            self._keep(m, args)
            return made
        cls = m.scope.names[self.unit.owner]
        function = cls.find(self.unit.function.name)
        if self.unit.context:
            return self._with_context(m, function, cls.find("setup_context"))
        layer = calling.made_object(m, cls)
        args = calling.made_arguments(m, function, method=True)
        own = array_inputs({self.unit.this: layer})
        made = m.method(layer, function.name, [], args)
        self._keep(m, args, own)
        return made

    def _with_context(self, m: Interpreter, function: UserFunction, set_up: Any) -> Any:
        m.facts.inputs.library = "torch"
        args = {name: self._argument(m, name, function) for name in self.unit.taken}
        self._keep(m, {k: v for k, v in args.items() if k not in self.unit.numbers})
        if self.unit.set_up is None:
            return m.call(function, [context_of(m), *args.values()], {}, None)
        made = m.call(function, list(args.values()), {}, None)
        m.call(set_up, [context_of(m), tuple(args.values()), made], {}, None)
        return made

    def _argument(self, m: Interpreter, name: str, function: UserFunction) -> Any:
        default = function.defaults.get(name)
        return m.input(name) if plain(default) is None else default

    def _keep(
        self, m: Interpreter, given: dict[str, Any], own: dict[str, Traced] | None = None
    ) -> None:
        """Note the inputs: what was made for the arguments `given`, and what the object had (`own`)."""
        found = {p: t for p, t in array_inputs(given).items() if t.id in m.trace.inputs}
        self.inputs.clear()
        for place, tensor in (found | (own or {})).items():
            if _is_array(tensor):
                self.inputs[place] = tensor.id


def _is_array(tensor: Traced) -> bool:
    return np.ndim(tensor.value) > 0
