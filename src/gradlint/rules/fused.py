"""A backward pass that takes what comes from upstream for the gradient before its last activation.

`p - y` has the derivative of the softmax or sigmoid in it, which the layer then leaves out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.judging.case import Point
from gradlint.judging.judge import compare_claims
from gradlint.judging.truth import Truth, truth
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Trace

_ELEMENTS = 10_000


def is_fused(subject: Subject) -> bool:
    """Whether more gradients are right if the last softmax or sigmoid is left out than with it."""
    judgement = subject.judgement
    if judgement is None or not isinstance(subject.module, Driven) or judgement.consistent:
        return False
    truths = [_left_out(*both) for both in zip(subject.case.points, judgement.truths, strict=False)]
    known = [true for true in truths if true is not None]
    if len(known) < len(truths):
        return False
    claims = [point.claims for point in subject.case.points]
    return sum(x.is_right for x in compare_claims(subject.case, claims, known)) > judgement.right


def _left_out(point: Point, true: Truth) -> Truth | None:
    """The gradients as they are where the last activations pass on what they are given."""
    trace = point.frozen
    given: dict[int, int] = {}
    passed: set[int] = set()
    for node in sorted(true.of, reverse=True):
        source = None if node in passed else _before(trace, node)
        if source is not None:
            given[node] = source
            passed |= set(trace.ancestors([source]))
    wanted = point.known
    return truth(trace, true.loss, wanted, given) if given else None


def _before(trace: Trace, node: int) -> int | None:
    """What was given to the softmax or sigmoid whose result a node is."""
    value = np.asarray(trace.value(node))
    inside = (
        value.dtype.kind == "f"
        and 0 < value.size <= _ELEMENTS
        and np.all((value > 0) & (value < 1))
    )
    if trace.nodes[node].op in ("getitem", "reshape", "copy") or not inside or not value.shape:
        return None
    for source in sorted(trace.ancestors(trace.nodes[node].inputs), reverse=True):
        other = np.asarray(trace.value(source))
        if other.shape == value.shape and other.dtype.kind == "f" and _activates(other, value):
            return source
    return None


def _activates(given: Any, made: Any) -> bool:
    """Whether `made` is the sigmoid of `given`, or its softmax along some axis or all of it."""
    with np.errstate(all="ignore"):
        raised = np.exp(given - np.max(given))
        found = [1 / (1 + np.exp(-given)), raised / np.sum(raised)]
        found += [raised / np.sum(raised, axis=i, keepdims=True) for i in range(given.ndim)]
    return any(np.allclose(one, made, rtol=1e-9, atol=0) for one in found)
