"""The backward passes of functions, layers and torch functions that are handed a gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from gradlint.composing.aim import Aim
from gradlint.composing.inserting import indent_of
from gradlint.composing.naming import Naming
from gradlint.composing.numbers import invented
from gradlint.composing.partners.aiming import (
    Aimed,
    NoDerivative,
    aimed,
    restricted,
)
from gradlint.composing.partners.branches import expect_one_way
from gradlint.composing.partners.frames import Frame
from gradlint.composing.partners.handed import Handed, Retraced
from gradlint.composing.partners.outputs import Returned, returned, with_named_output
from gradlint.composing.partners.proving import expect_right, inserted
from gradlint.composing.partners.recomputing import (
    again,
    by_attributes,
    locals_of,
    needed,
    reused,
)
from gradlint.composing.partners.units import Unit, units
from gradlint.composing.program import Assignment
from gradlint.composing.target import Underivable
from gradlint.composing.unrolled import active_loops
from gradlint.deriving.expressions import UNKNOWN
from gradlint.deriving.habits import Habit, habit_of
from gradlint.ops import Dialect
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

__all__ = ["Partner", "Refused", "partners"]


@dataclass(frozen=True, slots=True)
class Partner:
    """The backward pass of a forward one as the lines of a `def`, which belong behind the statement `after`.

    `keeping` is a line that the forward pass needs before its last `return`; `text` is the script with both.
    """

    of: str
    name: str
    lines: tuple[str, ...]
    after: s.Stmt
    text: str
    returning: s.Stmt
    keeping: str | None = None
    indent: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """What no backward pass could be written for, and why; `idle`: it has no derivative to speak of."""

    of: str
    reason: str
    idle: bool = False


def partners(module: s.Module) -> list[Partner | Refused]:
    """A backward pass for each function, layer and torch function of `module` that has none, else for all."""
    return [_partner(module, unit) for unit in units(module)]


def _partner(module: s.Module, unit: Unit) -> Partner | Refused:
    try:
        return _written(module, unit)
    except Underivable as error:
        return Refused(unit.told, str(error), isinstance(error, NoDerivative))


def _written(module: s.Module, unit: Unit) -> Partner:
    expect_one_way(unit)
    posed, inside = with_named_output(module, unit)
    made = returned(inside)
    habit = _habit(module, inside)
    upstream = _upstream(inside, made, habit)
    found = aimed(posed, inside, made, upstream)
    frame = Frame(inside, made, list(upstream.values()), Dialect.from_source(module.text))
    settled = upstream | _attributes(module, inside, found.aim, habit)
    code, results, frame = _code(found, frame, settled, habit)
    frame = replace(frame, unit=unit)
    text = inserted(module, frame, code)
    expect_right(text, module.path, frame, results)
    return Partner(
        unit.told, frame.name, tuple(code), unit.definition, text, unit.last, frame.keeping(),
        indent_of(module, unit.definition),
    )  # fmt: skip


def _habit(module: s.Module, unit: Unit) -> Habit:
    words = [n.id for n in descend(module.body) if isinstance(n, s.Name)]
    words += [n.attr for n in descend(module.body) if isinstance(n, s.Attribute)]
    return habit_of(locals_of(unit), words, Dialect.from_source(module.text).library)


def _upstream(unit: Unit, made: Returned, habit: Habit) -> dict[str, str]:
    """What the gradients of the outputs are called."""
    if unit.old is not None and len(made.outputs) == 1:
        first = unit.old.params[1 if unit.method else 0 :][:1]
        if first:
            return dict.fromkeys(made.outputs.values(), first[0].name)
    if unit.context and len(made.outputs) == 1:
        return dict.fromkeys(made.outputs.values(), "grad_output")
    return {place: habit.name(place) for place in made.outputs.values()}


def _attributes(module: s.Module, unit: Unit, aim: Aim, habit: Habit) -> dict[str, str]:
    """Where an object keeps the gradients of what it holds: beside it, or in a dictionary."""
    if not unit.method:
        return {}
    this = unit.this
    kept = f"{this}.grads"
    has_dict = f"{kept} = {{" in module.text or f"{kept} = dict(" in module.text
    found = {}
    for place in aim.goal.parameters:
        if place.startswith(f"{this}."):
            own = place.removeprefix(f"{this}.")
            key = own.partition("[")[2]
            found[place] = f"{kept}[{key}" if has_dict and key else f"{this}.{habit.name(own)}"
    return found


Written = tuple[list[str], list[Assignment]]


def _code(
    found: Aimed, frame: Frame, settled: dict[str, str], habit: Habit
) -> tuple[list[str], dict[str, str], Frame]:
    """The `def`, and what the gradients are called in it.

    Raises:
        Underivable: no way to write it leads anywhere; the reason of the first.
    """
    reason: Underivable | None = None
    ways = [_kept_only, _again, _stored]
    if frame.made.cache is None and not frame.unit.method:
        ways = [_again, _kept_only]
    for way in ways:
        try:
            lines, made, framed = way(found, frame, settled, habit)
        except Underivable as error:
            reason = reason or error
            continue
        results = {one.parameter: one.name for one in made if one.parameter is not None}
        return framed.code(lines, results), results, framed
    assert reason is not None
    raise reason


def _kept_only(
    found: Aimed, frame: Frame, settled: dict[str, str], habit: Habit
) -> tuple[list[str], list[Assignment], Frame]:
    """From what is given alone."""
    own = locals_of(frame.unit)
    hidden = _nameless(found.aim, frame)
    seen = replace(found.aim, visible=restricted(found.aim, frame.given, own))
    lines, made = _lines(replace(found, aim=seen), frame, settled, habit, hidden)
    missing = sorted(needed(lines, frame.unit, frame.given))
    if missing:
        raise Underivable(
            f"{frame.unit.told} does not keep {missing[0]} for its backward pass "
            f"({frame.unit.definition.span.told})"
        )
    return lines, made, frame


def _again(
    found: Aimed, frame: Frame, settled: dict[str, str], habit: Habit
) -> tuple[list[str], list[Assignment], Frame]:
    """With statements of the forward pass computed again."""
    lines, made = _lines(found, frame, settled, habit)
    lines = reused(lines, found.aim.goal.module, frame.unit, frame.given)
    lines = by_attributes(lines, frame.unit)
    wanted = needed(lines, frame.unit, frame.given)
    before = again(found.aim.goal.module, frame.unit, wanted, frame.given) if wanted else []
    return [*before, *lines], made, frame


def _stored(
    found: Aimed, frame: Frame, settled: dict[str, str], habit: Habit
) -> tuple[list[str], list[Assignment], Frame]:
    """With a line in the forward pass that keeps what is needed."""
    kept = tuple(name for name in frame.made.kept if name)
    if frame.saved or not (frame.unit.method or (frame.made.named and kept == frame.made.kept)):
        raise Underivable(f"{frame.unit.told} does not keep what its backward pass needs")
    lines, made = _lines(found, frame, settled, habit)
    lines = by_attributes(lines, frame.unit)
    wanted = (*kept, *sorted(needed(lines, frame.unit, frame.given)))
    return lines, made, replace(frame, stored=wanted)


def _lines(
    found: Aimed, frame: Frame, settled: dict[str, str], habit: Habit,
    hidden: Mapping[int, str] = MappingProxyType({}),
) -> Written:  # fmt: skip
    """The statements, by loops where the forward pass has them, else written out."""
    ways: list[Callable[[Handed], Written]] = [_reversed]
    if not _turns(found.aim, frame.unit):
        ways.insert(0, _written_out)
    reason: Underivable | None = None
    for way in ways:
        aim = found.aim
        held = {place for place in aim.visible if place.isidentifier()} | locals_of(frame.unit)
        naming = Naming(habit, settled, held - set(settled.values()))
        program = Handed(aim, naming, handed=found.handed, outputs=found.outputs)
        program.names.update(found.upstream)
        program.names.update(hidden)
        try:
            lines, made = way(program)
            size = invented(lines, aim.goal.module)
            if size is not None:
                raise Underivable(
                    f"{frame.unit.told}: a size has no name ({size} in what was tried)"
                )
            return lines, made
        except Underivable as error:
            reason = reason or error
    assert reason is not None
    raise reason


def _nameless(aim: Aim, frame: Frame) -> dict[int, str]:
    """The numbers that the forward pass is given and the backward pass is not: they cannot be written."""
    hidden = set(frame.unit.taken) - frame.given
    return {
        tensor.id: UNKNOWN for place, tensor in aim.visible.items()
        if tensor.id >= 0 and tensor.shape == () and place in hidden
    }  # fmt: skip


def _turns(aim: Aim, unit: Unit) -> bool:
    """Whether a unit has loops or branches on the way."""
    nodes = aim.goal.trace.nodes
    made = {id(nodes[n].statement) for n in aim.goal.truth.of}
    return any(active_loops(aim)) or any(
        isinstance(one, s.If) and any(id(n) in made for n in descend((*one.body, *one.orelse)))
        for one in descend(unit.definition.body)
    )


def _written_out(program: Handed) -> Written:
    made = [one for one in program.assignments() if one.name != one.text]
    return [f"{one.name} = {one.text}" for one in made], made


def _reversed(program: Handed) -> Written:
    outputs: Sequence[str] = [
        place for place, name in program.naming.settled.items()
        if name in {*program.handed.values()} | {program.names[n] for n in program.names}
        and not place.startswith("self.")
    ]  # fmt: skip
    reverse = Retraced(program, outputs=tuple(outputs))
    return reverse.lines(), reverse.made()
