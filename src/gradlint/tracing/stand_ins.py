"""Layers that stand in for those which a network is given: each multiplies by a matrix of its own.

A network that runs whatever layers it is handed is judged with these. Matrices do not commute, so that an
order that is not reversed shows, and a layer remembers what it was given on the way back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.tracing.inputs import Form, drawn
from gradlint.tracing.values import Foreign, Traced

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls

FORWARD = (
    "forward", "__call__", "feedforward", "feed_forward", "fprop", "forward_pass", "forward_propagate",
    "forward_propagation", "forward_prop", "forwardprop", "call", "fp", "fwd", "apply", "propagate",
    "activate", "propagate_forward", "feedForward", "forwardPass", "forwardPropagation", "forwardProp",
)  # fmt: skip
"""What people call the method of a layer that computes its output."""
BACKWARD = (
    "backward", "backprop", "bprop", "back_prop", "backward_pass", "backpropagate", "back_propagate",
    "backward_propagate", "backward_propagation", "backward_prop", "backwardprop", "backpropagation",
    "bp", "bwd", "propagate_backward", "feed_backward", "backwardPass", "backPropagation",
    "backPropagate", "backProp", "grad", "gradient",
)  # fmt: skip
"""What people call the method of a layer that takes the gradient from upstream."""


@dataclass(slots=True, eq=False)
class StandIn(Foreign):
    """`weight` (d, d) multiplies inputs (..., d); `gradient` is what its own backward pass makes of it."""

    key: str
    weight: Traced | None = None
    taken: Traced | None = None
    gradient: Traced | None = field(default=None)

    def method(self, m: Calls, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        given = [m.operand(value) for value in (*args, *kwargs.values())]
        first = given[0] if given else None
        if not isinstance(first, Traced) or not first.shape:
            return m.opaque(f"what {self.key}.{name}() gives, is not known")
        if name in FORWARD:
            return self._forward(m, first)
        if name in BACKWARD:
            return self._backward(m, first)
        return m.opaque(f"what {self.key}.{name}() gives, is not known")

    def attribute(self, m: Calls, name: str) -> Any:
        if name in (*FORWARD, *BACKWARD):
            return Foreign.attribute(self, m, name)
        return m.opaque(f"what {self.key}.{name} is, is not known")

    def _forward(self, m: Calls, x: Traced) -> Any:
        width = x.shape[-1]
        if self.weight is None:
            value = np.asarray(drawn(self.key, Form("array"), (width, width), m.seed))
            self.weight = m.leaf(value, x.library, m.facts.inputs.site(f"{self.key}.weight"))
        self.taken = Traced(x.id, x.value, x.library)
        return m.apply("matmul", [x, self.weight], {}, x.library)

    def _backward(self, m: Calls, upstream: Traced) -> Any:
        if self.weight is None or self.taken is None or upstream.shape != self.taken.shape:
            return m.opaque(f"{self.key} is given no gradient of its output")
        width = self.taken.shape[-1]
        x, g = (m.apply("reshape", [t], {"shape": (-1, width)}) for t in (self.taken, upstream))
        made = m.apply("matmul", [m.apply("transpose", [x], {"axes": None}), g], {})
        self.gradient = made if isinstance(made, Traced) else None
        turned = m.apply("transpose", [self.weight], {"axes": None})
        return m.apply("matmul", [upstream, turned], {}, upstream.library)
