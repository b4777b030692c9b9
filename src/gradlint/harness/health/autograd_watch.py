"""The health of a training by torch's own autograd, read off calls of `backward` and of functions.

A step is one call of `backward`, always of the same line. What the script computes is left alone:
functions are called as they are, and only numbers are kept of what passes by.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradlint.harness.health import measuring
from gradlint.harness.health.names import Text, names_of, scopes, user_frame
from gradlint.harness.health.operations import kind_of, weight_of
from gradlint.harness.health.stepping import TensorLoss, sharpness_at
from gradlint.harness.health.watch import is_looked_at
from gradlint.harness.observer import Done
from gradlint.health import Health, HealthOptions
from gradlint.health.record import Layer, LayerLook, Number, Parameter, ParameterLook, StepSize
from gradlint.model import Span

MOST_NODES = 5_000
"""Nodes of an autograd graph that are searched for parameters."""
LARGEST = 1_000_000
"""Entries of all parameters up to which the sharpness is worked out."""


@dataclass(slots=True, eq=False)
class _Layer:
    """An activation as it is met in the course of a step; `weights` are the parameters before it."""

    kind: str
    span: Span
    weights: tuple[int, ...]
    single: bool
    hidden: bool = False
    looks: list[LayerLook] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Parameter:
    tensor: Any
    looks: list[ParameterLook] = field(default_factory=list)
    before: Any = None
    gradient: tuple[Number, Number] = (None, None)
    axis: int | None = None
    order: int = 0
    hidden: bool = False


class AutogradWatch:
    """Watches one training loop of the script at `path`; `text` knows the lines of its names.

    `noted` is told of each step.
    """

    def __init__(
        self,
        torch: Any,
        path: str,
        text: Text,
        options: HealthOptions,
        noted: Callable[[int], None],
    ) -> None:
        self.torch, self.path, self.text, self.options = torch, path, text, options
        self.noted = noted
        self.step = 0
        self.losses: list[Number] = []
        self.looked: list[int] = []
        self.layers: list[_Layer] = []
        self.parameters: dict[int, _Parameter] = {}
        self.names: dict[int, str] = {}
        self.line, self.loss_name = 0, "the loss"
        self.used: list[int] = []
        self.turn = 0
        self.began = time.monotonic()
        self.sharpness: float | None = None
        self.rate: tuple[str, Span] | None = None

    # What the script calls

    def function(
        self, function: Any, args: Sequence[Any], kwargs: dict[str, Any], out: Any
    ) -> None:
        """A torch function was called; activations and products with weights are of interest."""
        if not is_looked_at(self.step) or not getattr(out, "requires_grad", False):
            return
        found = weight_of(self.torch, function, args)
        if found is not None:
            self._used(*found)
            return
        kind = kind_of(self.torch, function, args, kwargs)
        if kind is not None:
            self._activation(kind, args[0], out)

    def backward(self, loss: Any, run: Callable[[], Any]) -> Any:
        """The script calls `backward` on `loss`, which `run` does."""
        frame = user_frame(sys._getframe(1), self.path)
        line = frame.f_lineno if frame is not None else 0
        self.line = self.line or line
        if line != self.line or getattr(loss, "numel", lambda: 0)() != 1:
            return run()
        self._close()
        if self._enough():
            raise Done
        self._begin(loss, frame)
        made = run()
        if is_looked_at(self.step):
            self._gradients()
        self.step += 1
        self.turn, self.used = 0, []
        return made

    def _enough(self) -> bool:
        spent = time.monotonic() - self.began > self.options.seconds
        lost = bool(self.losses) and self.losses[-1] is None
        return self.step >= self.options.steps or spent or lost

    # A step

    def _begin(self, loss: Any, frame: Any) -> None:
        self.noted(self.step)
        self.losses.append(measuring.finite(loss.detach()))
        if not is_looked_at(self.step):
            return
        self.looked.append(self.step)
        for leaf in _leaves(loss):
            self.parameters.setdefault(id(leaf), _Parameter(leaf, order=len(self.parameters)))
        if self.step == 0:
            self._name(loss, frame)
            self._sharpness(loss)
        for parameter in self.parameters.values():
            array = measuring.as_numpy(parameter.tensor)
            parameter.before = None if array is None else array.copy()

    def _name(self, loss: Any, frame: Any) -> None:
        for scope in scopes(frame, self.path):
            for key, name in names_of(self.torch, scope):
                if key in self.parameters:
                    self.names.setdefault(key, name)
                if key == id(loss):
                    self.loss_name = name

    def _sharpness(self, loss: Any) -> None:
        tensors = [p.tensor for p in self.parameters.values()]
        if sum(x.numel() for x in tensors) <= LARGEST and not any(
            x._backward_hooks for x in tensors
        ):
            try:
                self.sharpness = sharpness_at(self.torch, TensorLoss(tensors, loss))
            except RuntimeError:
                self.sharpness = None

    def _gradients(self) -> None:
        for parameter in self.parameters.values():
            gradient = measuring.as_numpy(parameter.tensor.grad)
            if gradient is not None:
                parameter.gradient = measuring.norm(gradient), measuring.slope(gradient)

    def _close(self) -> None:
        """The step before is over: see how far it moved the parameters."""
        for parameter in self.parameters.values():
            before, parameter.before = parameter.before, None
            after = measuring.as_numpy(parameter.tensor)
            if before is None or after is None or before.shape != after.shape:
                continue
            flat = before.reshape(before.shape[0], -1) if before.ndim > 1 else before
            parameter.looks.append(
                ParameterLook(
                    self.step - 1, *parameter.gradient, measuring.norm(before),
                    measuring.norm(after - before), bool((after != before).any()),
                    parameter.axis is not None and measuring.alike(flat, parameter.axis),
                )
            )  # fmt: skip
            parameter.gradient = (None, None)

    def _used(self, weight: Any, axis: int) -> None:
        known = self.parameters.setdefault(
            id(weight), _Parameter(weight, order=len(self.parameters))
        )
        if self.step == 0:
            known.axis, known.order = axis, len(self.used)
            for other in self.used:
                self.parameters[other].hidden = self.parameters[other].hidden or other != id(weight)
        for layer in self.layers[: self.turn]:
            layer.hidden = True
        self.used.append(id(weight))

    def _activation(self, kind: str, source: Any, out: Any) -> None:
        frame = user_frame(sys._getframe(1), self.path)
        span = self.text.line(frame.f_lineno if frame is not None else self.line)
        number, self.turn = self.turn, self.turn + 1
        array, z = measuring.as_numpy(out), measuring.as_numpy(source)
        if array is None or z is None or not array.size:
            return
        if number == len(self.layers):
            single = array.ndim < 2 or array.shape[0] == 1
            self.layers.append(_Layer(kind, span, tuple(dict.fromkeys(self.used)), single))
        layer = self.layers[number]
        if (layer.kind, layer.span) != (kind, span) or z is array:
            return
        limit = self.options.thresholds.saturated_input
        layer.looks.append(
            LayerLook(
                self.step, measuring.part_active(array),
                measuring.part_saturated(array, kind, limit),
                *map(measuring.finite, (z.min(), z.max(), z.mean())),
            )
        )  # fmt: skip

    # What was seen

    def health(self) -> Health:
        """All that was seen, as plain numbers."""
        self._close()
        span = self.text.line(self.line)
        ordered = sorted(
            self.parameters.items(), key=lambda pair: (pair[1].order, pair[1].axis is None)
        )
        parameters = tuple(self._parameter(key, p) for key, p in ordered if p.looks)
        return Health(
            len(self.losses), tuple(self.looked), self.loss_name, span, tuple(self.losses),
            tuple(map(self._layer, (x for x in self.layers if x.looks))), parameters,
            step_size=self._step_size(parameters),
        )  # fmt: skip

    def _layer(self, layer: _Layer) -> Layer:
        feeding = tuple(self._called(key) for key in layer.weights)
        by = f"the {layer.kind} after {feeding[-1]}" if feeding else f"the {layer.kind}"
        return Layer(
            by, layer.kind, "its input", layer.span, layer.hidden, layer.single, feeding,
            tuple(layer.looks),
        )  # fmt: skip

    def _called(self, key: int) -> str:
        """The name of a parameter; that of its network is left out where there is only one."""
        name = self.names.get(key, "a parameter")
        networks = {n.split(".")[0] for n in self.names.values() if "." in n}
        return name.partition(".")[2] if "." in name and len(networks) == 1 else name

    def _parameter(self, key: int, parameter: _Parameter) -> Parameter:
        made = self.text.span_of(self.names.get(key, ""))
        shape = tuple(parameter.tensor.shape)
        units = shape[parameter.axis] if parameter.axis is not None else 0
        return Parameter(
            self._called(key), made or self.text.line(self.line), shape, parameter.hidden, units,
            tuple(parameter.looks), made,
        )  # fmt: skip

    def _step_size(self, parameters: Sequence[Parameter]) -> StepSize | None:
        """The rate by what the first two steps moved, where it is that of plain descent."""
        moves = [
            look.update / look.gradient
            for p in parameters for look in p.looks[:2] if look.update and look.gradient
        ]  # fmt: skip
        if self.sharpness is None or self.sharpness <= 0 or not moves:
            return None
        rate = sorted(moves)[len(moves) // 2]
        if any(abs(move - rate) > 0.01 * rate for move in moves):
            return None
        scope = vars(sys.modules["__main__"])
        name, span = self.text.rate(scope, rate) or ("the learning rate", self.text.line(self.line))
        rate = float(f"{rate:.3g}")
        return StepSize(rate, self.sharpness, 2.0 / self.sharpness, name, span)


def _leaves(loss: Any) -> list[Any]:
    """The parameters that a loss depends on, in the order in which the graph is walked back."""
    found: dict[int, Any] = {}
    queue, seen = [loss.grad_fn], set[Any]()
    while queue and len(seen) < MOST_NODES:
        node = queue.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found.setdefault(id(node.variable), node.variable)
        queue += [after for after, _ in node.next_functions]
    return list(found.values())
