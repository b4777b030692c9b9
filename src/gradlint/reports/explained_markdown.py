"""A derivation as Markdown, to be handed in or put beside the code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradlint.explaining.lesson import Check, Lesson, Line, Shape, Step
from gradlint.reports.rules_told import RulesTold, chain, readers, steps_of


def render(lessons: Sequence[Lesson]) -> str:
    """The lessons one after another."""
    return "\n".join(line for lesson in lessons for line in _lesson(lesson)) + "\n"


def _lesson(lesson: Lesson) -> Iterator[str]:
    yield f"# The gradients of `{lesson.loss}` in {lesson.path}"
    yield ""
    if lesson.loss_line is not None:
        yield _line(lesson.loss_line)
        yield ""
    yield from _remarks(lesson)
    yield from _tensors(lesson)
    yield "## The way back, from the loss to the parameters"
    yield ""
    told = RulesTold()
    for step in lesson.steps:
        yield from _step(step, told)
    yield from _routes(lesson)


def _tensors(lesson: Lesson) -> Iterator[str]:
    if not lesson.tensors:
        return
    yield "## The way there"
    yield ""
    yield "| tensor | shape | made | gradients computed from it |"
    yield "| --- | --- | --- | --- |"
    for tensor in lesson.tensors:
        made = "" if tensor.made is None else tensor.made.place
        yield f"| `{tensor.name}` | {_shape(tensor.shape)} | {made} | {readers(tensor)} |"
    yield ""


def _step(step: Step, told: RulesTold) -> Iterator[str]:
    yield f"### {step.number}. `{step.name}`"
    yield ""
    yield f"The gradient in `{step.of}`, {_shape(step.shape)}."
    yield ""
    for cause in step.causes:
        rules = told.sentence(cause.rules, step.number)
        yield f"- because {_line(cause.line)}" + (f": {rules}" if rules else "")
    if step.formula is not None:
        yield f"- so `{step.name} = {step.formula}`"
        shapes = [f"`{name}` {shape.symbolic}" for name, shape in step.parts if shape.symbols]
        if shapes:
            yield f"- with {', '.join(shapes)}"
    for line in step.lines:
        yield f"- yours: {_line(line)}"
    yield from _check(step)
    yield ""


def _check(step: Step) -> Iterator[str]:
    words = [f"**{step.check.value}**"] if step.check in (Check.RIGHT, Check.WRONG) else []
    words += [step.remark] if step.remark else []
    if words:
        yield f"- {'; '.join(words)}"


def _routes(lesson: Lesson) -> Iterator[str]:
    if lesson.routes:
        yield "## The chain rule, parameter by parameter"
        yield ""
        for route in lesson.routes:
            yield f"- `{route.parameter}`: `{chain(route)}` ({steps_of(route)})"
        yield ""


def _remarks(lesson: Lesson) -> Iterator[str]:
    if not (lesson.remarks or lesson.problems or lesson.doubt):
        return
    yield "## In short"
    yield ""
    for problem in lesson.problems:
        wanted = f" Write `{problem.expected}`." if problem.expected else ""
        yield f"- {problem.line.place}: {problem.message}{wanted}"
    yield from (f"- {remark}" for remark in lesson.remarks)
    if lesson.doubt:
        yield f"- Not looked at: {lesson.doubt}."
    yield ""


def _line(line: Line) -> str:
    return f"{line.place}: `{line.text}`"


def _shape(shape: Shape) -> str:
    numbers = shape.numeric
    return shape.symbolic if numbers is None else f"{shape.symbolic} = {numbers}"
