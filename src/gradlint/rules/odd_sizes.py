"""Made inputs at which a function runs, but not as it was meant: weights that are a vector beside a bias that
is a matrix. The search for sizes ended there; what differs then says nothing of the function.
"""

from __future__ import annotations

from gradlint.rules.subject import Subject
from gradlint.tracing import Driven
from gradlint.tracing.guesses import array, last_name
from gradlint.tracing.inputs import says_weight


def odd_sizes(subject: Subject) -> tuple[str, str] | None:
    """Weights and a bias whose ranks are exchanged, where a gradient differs at them."""
    if not isinstance(subject.module, Driven) or not subject.wrong:
        return None
    trace = subject.case.trace
    shapes = {key: trace.nodes[node].shape for node, key in trace.inputs.items()}
    flat = (key for key, shape in shapes.items() if says_weight(key) and len(shape) == 1)
    wide = (
        key for key, shape in shapes.items()
        if array(key).rank == 1 and last_name(key)[:1] == "b" and len(shape) > 1 and min(shape) > 1
    )  # fmt: skip
    weights, bias = next(flat, None), next(wide, None)
    return None if weights is None or bias is None else (weights, bias)
