"""A loss over all samples, worked out after the loop over the batches whose rounds make the steps."""

from __future__ import annotations

from gradlint.judging import Judgement
from gradlint.rules.subject import Subject


def of_other_samples(subject: Subject, judgement: Judgement) -> bool:
    """Whether a loss is only worked out after the inner loop that makes the steps, in the one around it.

    What is shown after each epoch is of all samples, and a step of those in its batch.
    """
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
