"""`gradlint explain --backward`: the backward pass of a script as code, judged before it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gradlint.composing.aim import Aim, aim_at
from gradlint.composing.equality import expect_right
from gradlint.composing.inserting import indent_of, old_backward, outside_names, replaced
from gradlint.composing.itemising import itemised
from gradlint.composing.naming import naming_for
from gradlint.composing.numbers import invented
from gradlint.composing.posing import Posed, pose, pose_shown
from gradlint.composing.program import Assignment, Program
from gradlint.composing.restating import restated
from gradlint.composing.reversing.moments import scopes_of
from gradlint.composing.reversing.reverse import Reverse
from gradlint.composing.steps import Steps, rate_of, steps_of
from gradlint.composing.target import NoLoss, NoSuchParameter, Underivable, says_weight
from gradlint.composing.unrolled import active_loops, expect_few_numbers, expect_few_rounds
from gradlint.reading import syntax as s

__all__ = ["Backward", "NoSuchParameter", "Underivable", "aim_at", "compose"]

_SOME_RATE = "0.01"
_AGAIN = "# The forward pass once more, with a name for each value that the gradients need:"
_GRADIENTS = "# The gradients, from the last value back to the first:"


@dataclass(frozen=True, slots=True)
class Backward:
    """The code of a backward pass, line by line, and the line of the script that it belongs behind.

    `steps` are the lines that move the parameters, where the script has none; `text` is the script with
    all of it in place. `parameters` are those whose gradients it has, `left_out` what may be others.
    `unmoved` are those that no step of the script moves, though others are moved: a layer that was added.
    `assumed`: no line stores a loss, and what the script shows was taken for it. `indent` is what the lines
    stand behind.
    """

    lines: tuple[str, ...]
    steps: tuple[str, ...]
    after: s.Stmt
    loss: str
    text: str
    parameters: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    unmoved: tuple[str, ...] = ()
    assumed: bool = False
    indent: str = ""


def compose(module: s.Module, wanted: Sequence[str] = (), loss: str | None = None) -> Backward:
    """The backward pass of `module`, for all of its parameters or those `wanted`.

    `loss` is an expression in the names of the script; without it the loss is the one that a line stores,
    or else the last number that is shown. Where the backward pass cannot be written for all that may be
    parameters, it is written for those that are called so.

    Raises:
        Underivable: it cannot be written, or what was written could not be judged equal.
    """
    if loss is not None:
        return _posed(pose(module, loss), wanted)
    try:
        return _best(module, wanted, None)
    except NoLoss:
        posed = pose_shown(module)
        if posed is None:
            raise
        return replace(_posed(posed, wanted), assumed=True)


def _posed(posed: Posed, wanted: Sequence[str]) -> Backward:
    """The backward pass of a loss that no line of the script stored, with the line that does."""
    made = _best(posed.module, wanted, posed.name)
    again = any(line.startswith(f"{posed.name} = ") for line in made.lines)
    return replace(made, lines=(*(() if again else posed.lines), *made.lines), after=posed.after)


def _best(module: s.Module, wanted: Sequence[str], called: str | None) -> Backward:
    """What can be written, for fewer parameters or in the function that computes the loss if need be.

    Raises:
        Underivable: nothing, with the reason why not in the plainest way.
    """
    reason: Underivable | None = None
    sure = list(wanted)
    for inside in (False, True):
        try:
            aim = aim_at(module, sure, called, inside)
            sure = sure or [place for place in aim.goal.parameters if says_weight(place)]
            return _narrowed(module, aim, sure, called)
        except NoLoss:
            raise
        except Underivable as error:
            reason = reason or error
        except NoSuchParameter:
            if wanted or reason is None:
                raise
    assert reason is not None
    raise reason


def _narrowed(module: s.Module, aim: Aim, sure: Sequence[str], called: str | None) -> Backward:
    """What can be written for all that may be parameters, or else for the `sure` ones."""
    expect_few_numbers(aim)
    try:
        return _composed(module, aim, called)
    except Underivable:
        if not 0 < len(sure) < len(aim.goal.parameters):
            raise
        made = _composed(module, aim_at(module, sure, called, aim.inside), called)
        others = [place for place in aim.goal.parameters if place not in made.parameters]
        return replace(made, left_out=tuple(others))


def _composed(module: s.Module, aim: Aim, called: str | None) -> Backward:
    """The backward pass behind the loss, or behind the forward pass once more with names for all of it.

    Loops that append to lists are taken back by their items before they are written out round by round.
    """
    reason: Underivable | None = None
    for way in (_itemised, _in_place, _restated):
        try:
            return way(module, aim, called)
        except NoSuchParameter:
            continue
        except Underivable as error:
            reason = reason if reason is not None and way is not _in_place else error
    assert reason is not None
    raise reason


def _itemised(module: s.Module, aim: Aim, called: str | None) -> Backward:
    """By the items of the lists that the loops append to."""
    changed = itemised(module, scopes_of(aim).block)
    if changed is None:
        raise Underivable("nothing is appended to lists")
    again = aim_at(changed, list(aim.goal.parameters), called, aim.inside)
    steps = steps_of(aim, module)
    lines, made = _with_loops(Program(again, naming_for(again, module, steps.consumed)))
    return _judged(module, aim, steps, lines, made, called)


def _restated(module: s.Module, aim: Aim, called: str | None) -> Backward:
    if aim.target.spec is not None:
        raise Underivable("no line stores the loss")
    posed = restated(module, aim)
    again = aim_at(posed.module, list(aim.goal.parameters), posed.name, aim.inside)
    try:
        made = _itemised(posed.module, again, posed.name)
    except (Underivable, NoSuchParameter):
        made = _in_place(posed.module, again, posed.name)
    lines = (_AGAIN, *posed.lines, _GRADIENTS, *made.lines)
    return replace(made, lines=lines, after=aim.after)


def _in_place(module: s.Module, aim: Aim, called: str | None) -> Backward:
    """The backward pass with loops where the forward pass has them, else written out if it can be."""
    ways = (_with_loops, _written_out) if any(active_loops(aim)) else (_written_out, _with_loops)
    reason: Underivable | None = None
    for way in ways:
        steps = steps_of(aim, module)
        try:
            lines, made = way(Program(aim, naming_for(aim, module, steps.consumed)))
            return _judged(module, aim, steps, lines, made, called)
        except Underivable as error:
            reason = reason or error
    assert reason is not None
    raise reason


def _with_loops(program: Program) -> tuple[list[str], list[Assignment]]:
    reverse = Reverse(program)
    return reverse.lines(), reverse.made()


def _written_out(program: Program) -> tuple[list[str], list[Assignment]]:
    expect_few_rounds(program.aim)
    made = program.assignments()
    return [f"{one.name} = {one.text}" for one in made], made


def _judged(
    module: s.Module, aim: Aim, steps: Steps, code: Sequence[str], made: Sequence[Assignment],
    called: str | None,
) -> Backward:  # fmt: skip
    """`code` in its place, with the steps.

    Raises:
        Underivable: it could not be judged equal.
    """
    size = invented(code, module)
    if size is not None:
        raise Underivable(f"a size has no name in the script ({size} in what was tried)")
    lines = [*(f"{name} = {{}}" for name in steps.containers), *code]
    rate = rate_of(aim.visible)
    moves = _moves(made, aim, steps, rate or _SOME_RATE)
    old = old_backward(aim, steps.nameless, steps.containers)
    text = replaced(module, old, aim.after, lines, moves)
    expect_right(text, module.path, aim, made, lines, called)
    shown = tuple(moves) if rate is not None else ()
    written = tuple(one.parameter for one in made if one.parameter is not None)
    return Backward(
        tuple(lines), shown, aim.after, aim.target.loss, text, written,
        unmoved=_unmoved(aim, steps), indent=indent_of(module, aim.after),
    )  # fmt: skip


def _unmoved(aim: Aim, steps: Steps) -> tuple[str, ...]:
    """The parameters that no step moves, in a script that has steps."""
    moved = {claim.place for claim in aim.case.claims}
    known = moved | steps.consumed.keys()
    return tuple(place for place in aim.goal.parameters if place not in known) if moved else ()


def _moves(made: Sequence[Assignment], aim: Aim, steps: Steps, rate: str) -> list[str]:
    """The steps of the parameters that nothing moves yet, in the order in which these were made."""
    names = {one.parameter: one.name for one in made}
    hidden = outside_names(aim)
    moved = [
        p for p in aim.goal.parameters
        if p not in steps.consumed and p in names and p not in hidden
    ]  # fmt: skip
    lists = list(dict.fromkeys(_list_of(place, names[place]) for place in moved))
    found = []
    for pair in lists:
        if pair is not None:
            found += [
                f"for k in range(len({pair[0]})):",
                f"    {pair[0]}[k] -= {rate} * {pair[1]}[k]",
            ]
    single = [place for place in moved if _list_of(place, names[place]) is None]
    return found + [f"{place} -= {rate} * {names[place]}" for place in single]


def _list_of(place: str, name: str) -> tuple[str, str] | None:
    """The list that a parameter is an item of and that of its gradient, if both have the same number."""
    held, number = place.rpartition("[")[::2]
    made, same = name.rpartition("[")[::2]
    return (held, made) if held and number == same and number[:-1].isdigit() else None
