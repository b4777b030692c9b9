"""Smaller parameters for data that are large: pixels up to 255 drive a sigmoid to where it has no slope.

A clip before the exponential, there against an overflow, then cuts off every sample, and what a script leaves
out on purpose, the slope of that clip, would be all that there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from gradlint.judging import Judgement
from gradlint.rules.subject import Subject
from gradlint.tracing import Exploration, Trace
from gradlint.tracing.facts import SiteKey

_FLAT = 30.0
"""Beyond it the slope of a sigmoid is below 1e-13: its output is 0 or 1 to nearly the last digit."""
_USUAL = 2.0
_SQUASHING = frozenset({"exp", "sigmoid", "tanh", "softmax", "log_softmax", "softplus", "clip"})

Judge = Callable[[Exploration], list[Subject]]


def unsaturated(explored: Exploration, found: list[Subject], judge: Judge) -> list[Subject]:
    """What was found, or what is found at smaller parameters where the forward pass saturates."""
    calm: dict[SiteKey, float] = {}
    for one in found:
        if one.judgement is not None and not one.judgement.consistent:
            for key, factor in _calmer(one, one.judgement):
                calm[key] = min(factor, calm.get(key, factor))
    if not calm:
        return found
    again = judge(replace(explored, facts=replace(explored.facts, calm=calm)))
    if any(_stays(one) for one in again):
        return found
    return again if _right(again) >= _right(found) else found


def _stays(subject: Subject) -> bool:
    """Whether smaller parameters are no help: what is too large is a number of the script, a mask of -1e9."""
    return subject.judgement is not None and any(_calmer(subject, subject.judgement))


def _right(subjects: list[Subject]) -> tuple[int, int]:
    judged = [one.judgement for one in subjects if one.judgement is not None]
    return len(judged), sum(judgement.right for judgement in judged)


def _calmer(subject: Subject, judgement: Judgement) -> Iterator[tuple[SiteKey, float]]:
    """The parameters that make numbers at which nothing has a slope, and how much smaller they should be."""
    point = subject.case.points[0]
    trace, known = point.frozen, set(point.known)
    for node in judgement.truths[0].of:
        size = _beyond(trace, node)
        roots = _below(trace, node) & known if size else set()
        weights = sum(bool(trace.nodes[root].shape) for root in roots)
        for root in roots:
            yield trace.keys[root], float((_USUAL / size) ** (1 / max(weights, 1)))


def _beyond(trace: Trace, node: int) -> float:
    """The largest number that a squashing function is given, where it is far too large for it; else 0."""
    entry = trace.nodes[node]
    if entry.op not in _SQUASHING:
        return 0.0
    given = np.asarray(trace.value(entry.inputs[0]))
    size = float(np.max(np.abs(given), initial=0.0))
    cut = entry.op != "clip" or np.any(given != trace.value(node))
    return size if cut and _FLAT < size < np.inf else 0.0


def _below(trace: Trace, node: int) -> set[int]:
    """What the input of a squashing function is made of, down to the next such function."""
    stack, seen = [trace.nodes[node].inputs[0]], set[int]()
    while stack:
        made = stack.pop()
        if made not in seen and trace.nodes[made].op not in _SQUASHING:
            seen.add(made)
            stack += trace.nodes[made].inputs
    return seen
