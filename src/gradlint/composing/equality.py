"""Whether a backward pass that was written is right: nothing is shown that was not judged equal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from gradlint.analysis import numbered_subjects
from gradlint.composing.aim import Aim, aim_at
from gradlint.composing.program import Assignment
from gradlint.composing.rereading import reread
from gradlint.composing.target import Underivable
from gradlint.judging import Truth, compare
from gradlint.model import Agreement
from gradlint.reading import UnreadableSyntax
from gradlint.rules.subject import Subject
from gradlint.tracing import Trace

_ROUNDING = 1e-12
"""What is left of a sum whose terms cancel, in terms of its largest: a bias before a batch normalisation."""


def expect_right(
    text: str, path: str, aim: Aim, made: Sequence[Assignment], code: Sequence[str],
    called: str | None = None,
) -> None:  # fmt: skip
    """Walk `text`, the script with the code in it, and compare every gradient with the true one.

    `code` are the lines that were written: what else is done to a gradient, a clipping, is not theirs.
    `called` is the name that the loss was given, where no line stored it.

    Raises:
        Underivable: one is not equal, or the script as a whole is not right with it.
    """
    try:
        module = reread(text, path)
    except UnreadableSyntax as error:
        raise Underivable(f"what was derived does not parse: {error.message}") from None
    wanted = [] if aim.target.spec is not None else list(aim.goal.parameters)
    own = {line.strip() for line in code}
    again = aim_at(module, wanted, called, aim.inside, own)
    subjects = list(numbered_subjects(module))
    _expect_right_steps(subjects, {line.partition(" = ")[0] for line in own})
    judged = {pair for subject in subjects for pair in _judged_equal(subject, aim.target.loss)}
    for one in made:
        if one.parameter is None or (one.parameter, one.name) in judged:
            continue
        if not _is_equal(again, one.name, one.parameter, own):
            raise Underivable(
                f"the gradient of {one.parameter} could not be judged equal to the true one"
            )


def _judged_equal(subject: Subject, loss: str) -> Iterator[tuple[str, str]]:
    """The parameters, with the names of what their steps take, that were found right as any script's are."""
    judgement = subject.judgement
    if judgement is None or judgement.spec.name != loss:
        return
    for claim, found in zip(subject.case.claims, judgement.comparisons, strict=True):
        if found.agreement is Agreement.EQUAL and not found.decay:
            yield claim.place, claim.name


def _is_equal(aim: Aim, name: str, parameter: str, own: set[str]) -> bool:
    """Whether the last of the lines `own` that stores `name` gave it the true gradient."""
    goal = aim.goal
    root = goal.parameters.get(parameter)
    if root is None:
        return False
    pairs, nothing = [], True
    for k, (trace, true) in enumerate(zip(goal.traces, goal.truths, strict=False)):
        stored = (
            x.new for x in reversed(trace.stores)
            if x.place == name and x.new is not None and goal.module.excerpt(x.statement.span) in own
        )  # fmt: skip
        node, there = next(stored, None), goal.at(root, k)
        if node is None or there is None:
            return False
        pair = trace.value(node), true.gradient(trace, there)
        pairs.append(pair)
        nothing = nothing and all(_is_nothing(one, _largest(trace, true, there)) for one in pair)
    return nothing or compare(pairs).agreement is Agreement.EQUAL


def _is_nothing(value: Any, beside: float) -> bool:
    """Whether a gradient is zero but for rounding, beside the gradients that it is a sum of."""
    return bool(np.max(np.abs(value), initial=0.0) <= _ROUNDING * beside)


def _largest(trace: Trace, true: Truth, node: int) -> float:
    """The largest entry of the gradients of what is computed from a node."""
    above = (n.id for n in trace.nodes if node in n.inputs and n.id in true.of)
    return max((float(np.max(np.abs(true.of[n]), initial=0.0)) for n in above), default=0.0)


def _expect_right_steps(subjects: Sequence[Subject], written: Collection[str]) -> None:
    """The steps, too, must be right with the gradients that they are given.

    What is `written` is no parameter, though a second term that is added to it may look like a step.
    """
    for subject in subjects:
        judgement = subject.judgement
        if judgement is not None and not judgement.explained:
            wrong = [i for i, c in enumerate(judgement.comparisons) if c.is_wrong or c.decay]
            places = [subject.case.claims[i].place for i in wrong or (0,)]
            place = next((one for one in places if one not in written), None)
            if place is None:
                continue
            raise Underivable(f"the step of {place} is not right with what was derived")
