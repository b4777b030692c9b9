"""`/` between two integers as Python 2 has it: the remainder is dropped."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing.trace import Trace
from gradlint.tracing.values import plain


def operator_of(node: s.BinOp, left: Any, right: Any, trace: Trace) -> str:
    """`//` where Python 2 divides integers; what is lost altogether is noted and divided truly.

    Of `1 / m` nothing is left in Python 2. Nobody means that, so the rest of the script is judged as
    it was meant, and the division is a finding of its own.
    """
    if not (_is_integer(left) and _is_integer(right)) or not plain(right):
        return "/"
    if not _loses_all(node):
        return "//"
    if abs(plain(left)) >= abs(plain(right)):
        return "//"
    trace.dropped.append(node)
    return "/"


def _is_integer(value: Any) -> bool:
    known = plain(value)
    return isinstance(known, int | np.integer) and not isinstance(known, bool)


def _loses_all(node: s.BinOp) -> bool:
    """Whether the quotient lies between -1 and 1 whatever the sizes are: `1 / m`, `2 / 3`."""
    above, below = node.left, node.right
    if not isinstance(above, s.Constant) or not above.value:
        return False
    return above.value in (1, -1) or isinstance(below, s.Constant)
