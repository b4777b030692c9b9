"""Whether a backward pass that was written is right: nothing is shown that was not judged equal."""

from __future__ import annotations

from collections.abc import Sequence

from gradlint.analysis import numbered_subjects
from gradlint.composing.aim import Aim, aim_at
from gradlint.composing.program import Assignment
from gradlint.composing.target import Underivable
from gradlint.judging import compare
from gradlint.model import Agreement
from gradlint.reading import UnreadableSyntax, read_script
from gradlint.reading import syntax as s


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
        module = read_script(text, path).module
    except UnreadableSyntax as error:
        raise Underivable(f"what was derived does not parse: {error.message}") from None
    wanted = [] if aim.target.spec is not None else list(aim.goal.parameters)
    again = aim_at(module, wanted, called, aim.inside)
    own = {line.strip() for line in code}
    for one in made:
        if one.parameter is not None and not _is_equal(again, one.name, one.parameter, own):
            raise Underivable(
                f"the gradient of {one.parameter} could not be judged equal to the true one"
            )
    _expect_right_steps(module)


def _is_equal(aim: Aim, name: str, parameter: str, own: set[str]) -> bool:
    """Whether the last of the lines `own` that stores `name` gave it the true gradient."""
    goal = aim.goal
    root = goal.parameters.get(parameter)
    if root is None:
        return False
    pairs = []
    for k, (trace, true) in enumerate(zip(goal.traces, goal.truths, strict=False)):
        stored = (
            x.new for x in reversed(trace.stores)
            if x.place == name and x.new is not None and goal.module.excerpt(x.statement.span) in own
        )  # fmt: skip
        node, there = next(stored, None), goal.at(root, k)
        if node is None or there is None:
            return False
        pairs.append((trace.value(node), true.gradient(trace, there)))
    return compare(pairs).agreement is Agreement.EQUAL


def _expect_right_steps(module: s.Module) -> None:
    """The steps, too, must be right with the gradients that they are given."""
    for subject in numbered_subjects(module):
        judgement = subject.judgement
        if judgement is not None and not judgement.explained:
            wrong = [i for i, c in enumerate(judgement.comparisons) if c.is_wrong or c.decay]
            place = subject.case.claims[wrong[0] if wrong else 0].place
            raise Underivable(f"the step of {place} is not right with what was derived")
