"""Evaluating a part of the trace again, entry by entry, where some of its nodes have other values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.tracing import Trace

ENTRIES = 16
"""Entries at which a formula is evaluated."""


def evaluated(trace: Trace, node: int, given: Mapping[int, Any]) -> Any | None:
    """The value of a node with `given` values of others, one axis of entries; None if not elementwise."""
    values: dict[int, Any] = dict(given)
    for one in sorted(trace.ancestors([node], since=min(given), beyond=set(given))):
        entry = trace.nodes[one]
        if not any(i in values for i in entry.inputs):
            continue
        op = ops.OPS[entry.op]
        if entry.op == "setitem" and entry.inputs[1] in values:
            values[one] = values[entry.inputs[1]]
            continue
        if not op.elementwise and entry.op not in ("copy", "detach"):
            return None
        inputs = [values.get(i, trace.value(i)) for i in entry.inputs]
        if any(
            np.size(x) > 1 for i, x in zip(entry.inputs, inputs, strict=True) if i not in values
        ):
            return None
        with np.errstate(all="ignore"):
            values[one] = op.evaluate(*(np.reshape(x, -1) for x in inputs), **entry.params)
    value = values.get(node)
    return (
        None if value is None or not np.all(np.isfinite(value)) else np.broadcast_to(value, ENTRIES)
    )
