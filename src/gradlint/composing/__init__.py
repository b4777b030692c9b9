"""`gradlint explain --backward`: the backward pass of a script as code, judged before it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradlint.composing.aim import Aim, aim_at
from gradlint.composing.equality import expect_right
from gradlint.composing.inserting import old_backward, replaced
from gradlint.composing.naming import naming_for
from gradlint.composing.program import Assignment, Program
from gradlint.composing.steps import Steps, rate_of, steps_of
from gradlint.composing.target import NoSuchParameter, Underivable, says_weight
from gradlint.reading import syntax as s

__all__ = ["Backward", "NoSuchParameter", "Underivable", "aim_at", "compose"]

_SOME_RATE = "0.01"


@dataclass(frozen=True, slots=True)
class Backward:
    """The code of a backward pass, line by line, and the line of the script that it belongs behind.

    `steps` are the lines that move the parameters, where the script has none; `text` is the script with
    all of it in place.
    """

    lines: tuple[str, ...]
    steps: tuple[str, ...]
    after: s.Stmt
    loss: str
    text: str


def compose(module: s.Module, wanted: Sequence[str] = ()) -> Backward:
    """The backward pass of `module`, for all of its parameters or those `wanted`.

    Where it cannot be written for all that may be parameters, it is written for those that are called so.

    Raises:
        Underivable: it cannot be written, or what was written could not be judged equal.
    """
    aim = aim_at(module, wanted)
    try:
        return _composed(module, aim)
    except Underivable:
        sure = [place for place in aim.goal.parameters if says_weight(place)]
        if wanted or not 0 < len(sure) < len(aim.goal.parameters):
            raise
        return _composed(module, aim_at(module, sure))


def _composed(module: s.Module, aim: Aim) -> Backward:
    steps = steps_of(aim, module)
    program = Program(aim, naming_for(aim, module, steps.consumed))
    made = program.assignments()
    lines = [f"{name} = {{}}" for name in steps.containers]
    lines += [f"{one.name} = {one.text}" for one in made]
    rate = rate_of(aim.visible)
    moves = _moves(made, aim, steps, rate or _SOME_RATE)
    old = old_backward(aim, steps.nameless, steps.containers)
    text = replaced(module, old, aim.target.statement, lines, moves)
    expect_right(text, module.path, aim, made)
    shown = tuple(moves) if rate is not None else ()
    return Backward(tuple(lines), shown, aim.target.statement, aim.target.loss, text)


def _moves(made: Sequence[Assignment], aim: Aim, steps: Steps, rate: str) -> list[str]:
    """The steps of the parameters that nothing moves yet, in the order in which these were made."""
    names = {one.parameter: one.name for one in made}
    return [
        f"{place} -= {rate} * {names[place]}"
        for place in aim.goal.parameters
        if place not in steps.consumed and place in names
    ]
