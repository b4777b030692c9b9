"""Gradients of parameters that a layer hands out for each sample, for somebody else to sum or to average."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.judging.compare import compare
from gradlint.model import Agreement
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven


def is_unsummed(subject: Subject) -> bool:
    """Whether all wrong gradients, a matrix of weights among them, are right once summed over the samples.

    A bias alone is no convention: its sum was forgotten.
    """
    judgement = subject.judgement
    if judgement is None or not isinstance(subject.module, Driven) or not subject.wrong:
        return False
    shapes = [subject.case.trace.nodes[subject.case.claims[i].root].shape for i in subject.wrong]
    weights = any(sum(size > 1 for size in shape) > 1 for shape in shapes)
    return weights and all(_fits_summed(subject, i) for i in subject.wrong)


def _fits_summed(subject: Subject, i: int) -> bool:
    assert subject.judgement is not None
    pairs = []
    for point, true in zip(subject.case.points, subject.judgement.truths, strict=False):
        root = point.roots[i] if len(point.claims) == len(subject.case.claims) else None
        if root is None:
            return False
        whole = np.asarray(true.gradient(point.frozen, root))
        summed = _summed(np.asarray(point.claims[i].value), whole.shape)
        if summed is None:
            return False
        pairs.append((summed, whole))
    return compare(pairs).agreement in (Agreement.EQUAL, Agreement.SCALED)


def _summed(value: Any, shape: tuple[int, ...]) -> Any:
    """A gradient for each sample, summed to the shape of the parameter; None where it is for none."""
    if value.shape == shape or value.ndim not in (len(shape), len(shape) + 1) or value.shape[0] < 2:
        return None
    if value.ndim > len(shape):
        value = value.sum(axis=0)
    elif shape[0] != 1:
        return None
    axes = tuple(
        k for k, (a, b) in enumerate(zip(value.shape, shape, strict=True)) if a != b and b == 1
    )
    summed = value.sum(axis=axes, keepdims=True)
    return summed if summed.shape == shape else None
