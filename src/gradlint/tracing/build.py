"""Appending operations to a trace: an inferred loss, a truth to compare with."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint import ops
from gradlint.tracing.trace import CONSTANT, Trace


class Builder:
    """Applies ops to nodes of a finished trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def __call__(self, op: str, *inputs: int, **params: Any) -> int:
        """The node of `op` applied to the nodes `inputs`."""
        values = [self.trace.nodes[i].value for i in inputs]
        with np.errstate(all="ignore"):
            value = ops.OPS[op].evaluate(*values, **params)
        return self.trace.add(op, inputs, params, np.asarray(value), None)

    def number(self, value: float) -> int:
        """The node of a literal number."""
        return self.trace.add(CONSTANT, (), {}, value, None)
