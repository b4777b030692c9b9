"""`gradlint explain`: the chain rule of a script in its own names, beside what its author wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradlint.analysis import examine, report
from gradlint.composing import NoSuchParameter, Underivable, aim_at
from gradlint.deriving.goal import Goal, goal_of
from gradlint.deriving.places import forward_names
from gradlint.explaining.answers import answers
from gradlint.explaining.lesson import Lesson, Line, Problem
from gradlint.explaining.lessons import Derived, Lines
from gradlint.explaining.routes import routes
from gradlint.explaining.tensors import forward_tensors
from gradlint.explaining.written import Written, written_gradients
from gradlint.model import FileReport, Severity
from gradlint.placing import Places, placed
from gradlint.reading import Script
from gradlint.rules.subject import Subject
from gradlint.tracing import Trace

__all__ = ["Explained", "explain", "narrowed"]


class Explained:
    """The lessons of one script, one a loss, and the reason why there is none."""

    def __init__(self, lessons: Sequence[Lesson], reason: str | None) -> None:
        self.lessons, self.reason = tuple(lessons), reason

    @property
    def parameters(self) -> list[str]:
        """The parameters that are spoken of."""
        return list(dict.fromkeys(r.parameter for one in self.lessons for r in one.routes))


def explain(script: Script) -> Explained:
    """Derive all gradients of a script and hold what it says against them."""
    subjects = examine(script.module)
    found = report(*subjects)
    told = placed(found, script)
    lessons = [_lesson(script, one, found, told) for one in subjects if one.judgement is not None]
    if not lessons:
        return _without_backward(script, told)
    reason = told.reason or ("no gradient is written by hand here" if not lessons else None)
    return Explained([one for one in lessons if one.steps], reason)


def _without_backward(script: Script, told: FileReport) -> Explained:
    """What the gradients would be, for a script that computes none itself."""
    try:
        aim = aim_at(script.module)
    except (Underivable, NoSuchParameter) as error:
        why = told.reason or f"no gradient is written by hand here, and {error}"
        return Explained([], Places(script).told(why))
    line = Lines(aim.goal.module, Places(script).span)
    derived = Derived(aim.goal, {}, line)
    lesson = _made(derived, told, aim.goal.trace)
    return Explained([replace(lesson, loss_line=line(aim.target.statement))], told.reason)


def _lesson(script: Script, subject: Subject, found: FileReport, told: FileReport) -> Lesson:
    assert subject.judgement is not None
    goal = goal_of(subject.case, subject.judgement)
    known = {node: place for place, node in goal.parameters.items()}
    names = forward_names(goal.trace, goal.behind, known)
    written = written_gradients(subject, goal, names)
    derived = _derived(script, goal, written, found)
    line = _output_line(derived) if derived.handed else _loss_line(derived, subject)
    return replace(_made(derived, told, subject.case.trace), loss_line=line)


def _derived(script: Script, goal: Goal, written: dict[int, Written], found: FileReport) -> Derived:
    serious = (f for f in found.findings if f.severity is not Severity.NOTE)
    blamed = frozenset(n for f in serious for n in range(f.span.line, f.span.end_line + 1))
    return Derived(goal, written, Lines(goal.module, Places(script).span), blamed)


def _made(derived: Derived, told: FileReport, moving: Trace) -> Lesson:
    return Lesson(
        told.path, derived.goal.loss, None, forward_tensors(derived, moving), derived.steps,
        routes(derived), tuple(answers(derived)), tuple(_problems(told)), told.reason,
    )  # fmt: skip


def _problems(told: FileReport) -> list[Problem]:
    return [
        Problem(
            Line(f.span, _line_of(told, f.span.line, told.text_of(f.span))),
            f.code,
            f.message,
            f.expected,
        )
        for f in told.findings
        if f.severity is not Severity.NOTE
    ]


def _line_of(told: FileReport, number: int, text: str) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def _output_line(derived: Derived) -> Line | None:
    """Where the forward pass ends that is handed the gradient of its output."""
    statement = derived.goal.trace.nodes[max(derived.handed)].statement
    return None if statement is None else derived.line(statement)


def _loss_line(derived: Derived, subject: Subject) -> Line | None:
    assert subject.judgement is not None
    spec = subject.judgement.spec
    if not spec.is_written:
        return None
    span = derived.line.span(spec.span)
    text = subject.module.line_at(spec.span).strip()
    return Line(span, text)


def narrowed(explained: Explained, parameters: Sequence[str]) -> Explained:
    """What is said of these parameters alone; of all if there are none."""
    if not parameters:
        return explained
    lessons = [_narrowed(lesson, set(parameters)) for lesson in explained.lessons]
    return Explained([one for one in lessons if one.routes], explained.reason)


def _narrowed(lesson: Lesson, parameters: set[str]) -> Lesson:
    routes = tuple(route for route in lesson.routes if route.parameter in parameters)
    numbers = {number for route in routes for number in route.steps}
    steps = tuple(step for step in lesson.steps if step.number in numbers)
    spoken = {name for step in steps for name, _ in step.parts} | {step.of for step in steps}
    tensors = tuple(tensor for tensor in lesson.tensors if tensor.name in spoken)
    return replace(lesson, routes=routes, steps=steps, tensors=tensors)
