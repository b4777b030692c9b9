"""Calls that write into their arguments by convention: collectives among processes, kernels of a GPU."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradlint.reading import syntax as s
from gradlint.tracing import places

_COLLECTIVE = re.compile(
    r"(^|\.)(all_reduce|all_gather\w*|reduce_scatter\w*|all_to_all\w*|broadcast|reduce|recv)$"
)


def writes_into(call: s.Call) -> bool:
    """Whether a call is there for what it writes: `dist.all_reduce(x)`, `kernel[n](x)`."""
    if isinstance(call.func, s.Subscript):
        return True
    return isinstance(call.func, s.Attribute) and bool(_COLLECTIVE.search(places.text(call.func)))


def targets(call: s.Call) -> Iterator[s.Expr]:
    """What a call is given, also where that is wrapped: `kernel[n](as_cuda_array(x))`."""
    for arg in call.args:
        yield from targets(arg.value) if isinstance(arg.value, s.Call) else (arg.value,)
