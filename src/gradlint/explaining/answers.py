"""What people ask of a backward pass: is it in order, is the activation used twice, is it right."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.deriving.slopes import Slope, activations
from gradlint.explaining.lesson import Check, Line
from gradlint.explaining.lessons import Derived

_KINDS = {"relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh", "softmax": "softmax"}


def answers(derived: Derived) -> Iterator[str]:
    """Sentences about the whole, each of which answers a question."""
    yield from _handed(derived)
    yield from _correctness(derived)
    yield from _order(derived)
    yield from _twice(derived)


def _handed(derived: Derived) -> Iterator[str]:
    """Where the way back begins, if it is not a loss."""
    told = [f"{name} is the gradient in {derived.called(n)}" for n, name in derived.handed.items()]
    if told:
        comes = "it comes" if len(told) == 1 else "they come"
        yield f"{', '.join(told)}: {comes} from what calls the backward pass."


def _correctness(derived: Derived) -> Iterator[str]:
    checks = [derived.check(node) for node in derived.shown]
    if not derived.written:
        yield "The script computes none of these gradients itself."
        return
    wrong = [
        derived.name(n) for n, c in zip(derived.shown, checks, strict=True) if c is Check.WRONG
    ]
    if wrong:
        rest = "the other lines are right, given what they are handed"
        yield f"{' and '.join(wrong)}: what is written is not what belongs there; {rest}."
    elif (
        checks
        and not derived.blamed
        and all(check in (Check.RIGHT, Check.ABSENT) for check in checks)
    ):
        yield "Every gradient that the script computes is right."


def _order(derived: Derived) -> Iterator[str]:
    """Whether the backward lines take the forward lines in the opposite order."""
    own = [n for n in derived.shown if n in derived.written]
    lines = [derived.line(derived.written[n].statements[0]) for n in own]
    if len(own) < 2 or len({(x.span.file, x.span.cell) for x in lines}) > 1:
        return
    numbers = [line.span.line for line in lines]
    if numbers == sorted(numbers):
        last = derived.line(derived.written[own[-1]].statements[-1])
        yield (
            f"Everything is in order backwards: {_range(lines[0], last)} go from {derived.start} "
            f"to {derived.called(own[-1])}, each after those that it needs."
        )


def _range(first: Line, last: Line) -> str:
    cell = "" if first.span.cell is None else f"cell {first.span.cell}, "
    return f"{cell}lines {first.span.line} to {last.span.line}"


def _twice(derived: Derived) -> Iterator[str]:
    """An activation has its value in one gradient and its slope in another."""
    goal = derived.goal
    found = activations(goal.trace, goal.truth, derived.names)
    for node in derived.shown:
        gate = next((found[n] for n in goal.alike(node) if n in found), None)
        if gate is None:
            continue
        made = gate.made
        readers = [
            n for n in derived.shown
            if n in derived.roots and (f := derived.formulas[n]) is not None and made in f.values
        ]  # fmt: skip
        if readers:
            yield _both(derived, node, gate, readers[0])


def _both(derived: Derived, node: int, slope: Slope, reader: int) -> str:
    made, kind = slope.made, _KINDS[slope.kind]
    name = derived.names[made]
    upstream = derived.name(made) if made in derived.order else f"the gradient of {name}"
    after = derived.name(node)
    turns = f"is taken into {after}" if after == upstream else f"turns {upstream} into {after}"
    return (
        f"The {kind} comes in twice, and has to: its value {name} is a factor in {derived.name(reader)}"
        f"{_where(derived, reader)}, and its slope {turns}{_where(derived, node)}."
    )


def _where(derived: Derived, node: int) -> str:
    written = derived.written.get(node)
    return "" if written is None else f" ({derived.line(written.statements[-1]).place})"
