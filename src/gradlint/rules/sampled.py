"""A loss that is made from a random draw whose probabilities the parameters make.

A draw has no slope. What is stepped along then is no derivative of that loss but an estimate of another:
contrastive divergence, a score function, a straight-through estimator.
"""

from __future__ import annotations

from gradlint.judging.truth import is_drawn
from gradlint.model import Span
from gradlint.rules.subject import Subject


def sampled_at(subject: Subject) -> Span | None:
    """Where it is drawn what lies between the parameters and the loss; None where the gradients are right."""
    judgement = subject.judgement
    if judgement is None or judgement.consistent:
        return None
    trace = subject.case.points[0].frozen
    drawn = (node for node in judgement.truths[0].blocked if is_drawn(trace, node))
    first = min(drawn, default=None)
    expr = None if first is None else trace.nodes[first].expr
    return None if expr is None else expr.span


def is_of_another(subject: Subject) -> bool:
    """Whether no gradient is one of that loss: contrastive divergence is no backward pass at all."""
    return subject.judgement is not None and subject.judgement.right == 0
