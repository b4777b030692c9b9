"""Recognising what is made only where there is nothing yet: `if self.m is None: self.m = zeros(...)`."""

from __future__ import annotations

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing.trace import Trace


def asks_for_nothing(test: s.Expr) -> bool:
    """Whether a condition asks for something that is not there yet, as at the first step of all."""
    match test:
        case s.UnaryOp(op="not"):
            return True
        case s.BoolOp(left=left, right=right):
            return asks_for_nothing(left) or asks_for_nothing(right)
        case s.Compare(ops=("not in",)):
            return True
        case s.Compare(ops=("is" | "==",), comparators=(s.Constant(value=None | 0),)):
            return True
        case s.Compare(ops=("==",), comparators=(s.Sequence(elements=()),)):
            return True
        case s.Compare(ops=("==",), comparators=(s.DictDisplay(keys=()),)):
            return True
    return False


def zeros_since(trace: Trace, start: int) -> set[int]:
    """The leaves made since `start` that are all zeros."""
    return {n.id for n in trace.nodes[start:] if n.is_leaf and is_zero(trace, n.id)}


def is_zero(trace: Trace, node: int) -> bool:
    """Whether a node is a number or an array of numbers, all zeros."""
    value = np.asarray(trace.value(node))
    return value.dtype.kind in "fi" and not np.any(value)
