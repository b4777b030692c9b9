"""A derivation for a person at a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from gradlint.explaining.lesson import Cause, Check, Lesson, Line, Shape, Step, Tensor
from gradlint.reports.look import Look
from gradlint.reports.page import INDENT, Page
from gradlint.reports.rules_told import RulesTold, chain, readers, steps_of

_STYLE = {Check.RIGHT: "green", Check.WRONG: "red"}
_MARGIN = 5
_NARROW = 24


def render(lessons: Sequence[Lesson], look: Look) -> str:
    """The lessons one after another."""
    page = Page(look)
    for lesson in lessons:
        _print_lesson(page, lesson)
    return page.take()


def _print_lesson(page: Page, lesson: Lesson) -> None:
    page.hanging(Text.assemble((lesson.path, "bold"), f": the gradients of {lesson.loss}"), 0)
    if lesson.loss_line is not None:
        page.beside(Text(" " * INDENT), _told(lesson.loss_line), INDENT)
    page.line()
    _print_remarks(page, lesson)
    _print_tensors(page, lesson.tensors)
    _heading(page, "The way back, from the loss to the parameters")
    told = RulesTold()
    for step in lesson.steps:
        _print_step(page, step, told)
        page.line()
    _print_routes(page, lesson)


def _heading(page: Page, text: str) -> None:
    page.line((text, "bold"))


def _print_tensors(page: Page, tensors: Sequence[Tensor]) -> None:
    if not tensors:
        return
    _heading(page, "The way there: each tensor and what is computed from it")
    rows = [(t.name, _shape(t.shape), t.made.place if t.made else "") for t in tensors]
    widths = [max(cell_len(row[i]) for row in rows) for i in range(3)]
    for tensor, row in zip(tensors, rows, strict=True):
        head = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        _print_row(page, head, readers(tensor), INDENT + sum(widths) + 6)
    page.line()


def _print_row(page: Page, head: str, body: str, room: int) -> None:
    """Columns, the last of which goes on under itself, or below where there is no room beside."""
    width = page.look.width - room
    if width < _NARROW:
        page.hanging(Text(head.rstrip()), INDENT)
        if body:
            page.hanging(Text(body), 2 * INDENT)
        return
    first, *others = _wrapped(body, width)
    page.line(" " * INDENT, head, "  ", first)
    for other in others:
        page.line(" " * room, other)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width) or [""]


def _shape(shape: Shape) -> str:
    numbers = shape.numeric
    return shape.symbolic if numbers is None else f"{shape.symbolic} = {numbers}"


def _print_step(page: Page, step: Step, told: RulesTold) -> None:
    of = f"the gradient in {step.of}, {_shape(step.shape)}"
    head = Text(f"{step.number:>{_MARGIN - 2}}  ")
    page.beside(head, Text.assemble((step.name, "bold"), "  ", (of, "dim")), _MARGIN)
    for cause in step.causes:
        _print_cause(page, cause, told, step.number)
    if step.formula is not None:
        page.labelled("so", Text(f"{step.name} = {step.formula}", "bold"), _MARGIN)
        shapes = ", ".join(
            f"{name} {shape.symbolic}" for name, shape in step.parts if shape.symbols
        )
        if shapes:
            page.labelled("with", Text(shapes, "dim"), _MARGIN)
    _print_yours(page, step)


def _print_yours(page: Page, step: Step) -> None:
    """The user's lines, with the check behind the last."""
    for i, line in enumerate(step.lines):
        body = _told(line)
        if i == len(step.lines) - 1 and step.check in (Check.RIGHT, Check.WRONG):
            body.append("   ").append(step.check.value, _STYLE[step.check])
        page.labelled("yours" if i == 0 else "", body, _MARGIN)
    if step.remark:
        page.labelled("", Text(step.remark), _MARGIN)
    if step.check is Check.WRONG and step.formula is not None:
        page.labelled("write", Text(f"{step.name} = {step.formula}", "green"), _MARGIN)


def _print_cause(page: Page, cause: Cause, told: RulesTold, number: int) -> None:
    page.labelled("because", _told(cause.line), _MARGIN)
    rules = told.sentence(cause.rules, number)
    if rules:
        page.labelled("", Text(rules, "dim"), _MARGIN)


def _told(line: Line) -> Text:
    return Text.assemble((f"{line.place}  ", "dim"), line.text)


def _print_routes(page: Page, lesson: Lesson) -> None:
    if not lesson.routes:
        return
    _heading(page, "The chain rule, parameter by parameter")
    width = max(cell_len(route.parameter) for route in lesson.routes)
    for route in lesson.routes:
        head = f"{route.parameter.ljust(width)}  "
        body = Text(chain(route)).append(f"   {steps_of(route)}", "dim")
        page.beside(Text(" " * INDENT).append(head, "bold"), body, INDENT + width + 2)
    page.line()


def _print_remarks(page: Page, lesson: Lesson) -> None:
    if not (lesson.remarks or lesson.problems or lesson.doubt):
        return
    _heading(page, "In short")
    for problem in lesson.problems:
        page.paragraph(f"{problem.line.place}: {problem.message}")
        if problem.expected:
            page.labelled("write", Text(problem.expected, "green"))
    for remark in lesson.remarks:
        page.paragraph(remark)
    if lesson.doubt:
        page.paragraph(f"Not looked at: {lesson.doubt}.")
    page.line()
