"""Steps that do not depend on the parameter they move: `b -= lr * x` with a gradient gone wrong.

One walk cannot tell them from accumulators and optimiser state, so they are found beside steps that
are certain: what is added to in the training loop and feeds the steps of other parameters is one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.tracing.trace import Trace, Update


def blind_steps(trace: Trace) -> Iterator[int]:
    """The statements, by identity, that move a parameter blindly."""
    yield from _of_layer(trace)
    start = min((time for _, time in trace.rounds), default=None)
    if start is None or not trace.updates:
        return
    for added in trace.additions:
        if added.old < start <= added.new and _is_parameter(trace, added):
            yield id(added.statement)


def _of_layer(trace: Trace) -> Iterator[int]:
    """The steps of a layer inside its backward pass: what they move made the output.

    The cotangent of a drive depends on no parameter, and then the gradient of `x @ W` does not either.
    """
    start = trace.handed_back
    if start is None or trace.objective is None or not trace.additions:
        return
    above = set(trace.ancestors([trace.objective.node]))
    for added in trace.additions:
        if added.old in above and added.old < start <= added.new:
            yield id(added.statement)


def _is_parameter(trace: Trace, added: Update) -> bool:
    """Whether an array feeds the steps of others; optimiser state feeds that of one of its shape."""
    value = np.asarray(trace.value(added.old))
    if value.size < 2 or value.dtype.kind != "f":
        return False
    fed = [u for u in trace.updates if trace.depends([n for _, n in u.change], added.old)]
    shapes = {trace.nodes[u.old].shape for u in fed}
    return len(fed) > 1 or bool(shapes - {value.shape})
