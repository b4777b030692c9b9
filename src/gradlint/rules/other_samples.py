"""A loss over all samples, worked out after the loop over the batches whose rounds make the steps."""

from __future__ import annotations

from gradlint.judging import Judgement
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.subject import Subject


def of_other_samples(subject: Subject, judgement: Judgement) -> bool:
    """Whether a loss is only worked out after the inner loop that makes the steps, in the one around it.

    What is shown after each epoch is of all samples, and a step of those in its batch.
    """
    return _is_left_before(subject, judgement) or _stands_behind(subject, judgement)


def _stands_behind(subject: Subject, judgement: Judgement) -> bool:
    """Whether a loss stands behind the loop in which the gradients are made, where that ran but once.

    Made data are few: `range(n // batch_size)` is one round for them.
    """
    claims = subject.case.claims
    lines = [n for claim in claims for n in (claim.statement.span.line, claim.line)]
    loss = judgement.spec.span
    if loss.file or any(claim.file for claim in claims):
        return False
    loops = [n for n in descend(subject.module.body) if isinstance(n, s.For | s.While)]
    around = [loop for loop in loops if all(_holds(loop, line) for line in lines)]
    inner = max(around, key=lambda loop: loop.span.line, default=None)
    if inner is None or loss.line <= inner.span.end_line:
        return False
    return any(_holds(loop, loss.line) for loop in around)


def _holds(loop: s.For | s.While, line: int) -> bool:
    return loop.span.line <= line <= loop.span.end_line


def _is_left_before(subject: Subject, judgement: Judgement) -> bool:
    """Whether the inner one of two training loops was left before the loss was worked out."""
    trace = subject.case.trace
    steps = [claim.statement.span.line for claim in subject.case.claims]
    around = [
        loop for loop, _ in trace.rounds
        if all(loop.span.line <= line <= loop.span.end_line for line in steps)
    ]  # fmt: skip
    inner = max(around, key=lambda loop: loop.span.line, default=None)
    loss = trace.at(judgement.spec.sites[0])
    if inner is None or loss is None or loss < trace.ends.get(id(inner), len(trace.nodes)):
        return False
    outer = (loop for loop in around if loop is not inner)
    return any(loss < trace.ends.get(id(loop), len(trace.nodes)) for loop in outer)
