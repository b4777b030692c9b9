"""Backward passes that are given what their forward pass does not hand on: nothing says what it is.

`backward(dout, next_weights, x)`: made up, the weights of the next layer are any, and `x` is another one than
the input of the forward pass. What differs then may as well be right where somebody hands on what belongs.
"""

from __future__ import annotations

import numpy as np

from gradlint.rules.subject import Subject
from gradlint.tracing import Driven


def given_apart(subject: Subject) -> str | None:
    """What each gradient that differs is made of and the forward pass is not, as the script calls it."""
    objective = subject.case.trace.objective
    if objective is None or not isinstance(subject.module, Driven) or not subject.wrong:
        return None
    if subject.repairs and subject.repairs[-1].complete:
        return None
    named = [_apart(subject, i, objective.node) for i in subject.wrong]
    return None if None in named else named[0]


def _apart(subject: Subject, i: int, objective: int) -> str | None:
    trace = subject.case.trace
    gradient = subject.case.claims[i].gradient
    if gradient is None:
        return None
    known = {*trace.ancestors([objective]), *trace.upstream}
    made = (node for node in trace.ancestors([gradient]) if node in trace.inputs)
    apart = (node for node in made if node not in known and np.ndim(trace.value(node)))
    return next((trace.inputs[node] for node in apart), None)
