"""Real layers in the place of those that the analysis made up for a network that is given its layers.

Each does in numpy or torch what its counterpart (`tracing/stand_ins.py`) does in a walk.
"""

from __future__ import annotations

from typing import Any

from gradlint.tracing.stand_ins import BACKWARD, FORWARD


class Layer:
    """Multiplies inputs (..., d) by `weight` (d, d); `gradient` is what its backward pass makes of it."""

    def __init__(self, weight: Any) -> None:
        self.weight = weight
        self.taken: Any = None
        self.gradient: Any = None

    def forward(self, x: Any, *_: Any, **__: Any) -> Any:
        """What it gives for `x`, which it remembers as it is now."""
        self.taken = x * 1
        return x @ self.weight

    def backward(self, upstream: Any, *_: Any, **__: Any) -> Any:
        """The gradient of `x`, for that of what it gave."""
        width = self.weight.shape[0]
        self.gradient = self.taken.reshape(-1, width).T @ upstream.reshape(-1, width)
        return upstream @ self.weight.T

    __call__ = forward


for _name in FORWARD:
    setattr(Layer, _name, Layer.forward)
for _name in BACKWARD:
    setattr(Layer, _name, Layer.backward)
