"""GL304 in a training that moves nothing: its only step is written with `=` where `-=` would move.

Then there is no claim to judge. Each assignment that reads like a step is tried as one, the whole script
walked anew with it, and is told of only where every gradient is right then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradlint.claims.names import gradient_of, last_part, says_rate
from gradlint.claims.phases import stretches
from gradlint.judging.judge import Judgement
from gradlint.model import Edit, Finding, Fix, Span
from gradlint.reading import read_module
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Exploration, explore, explore_again
from gradlint.trainings import trained

_MOST = 3
"""How many assignments are tried."""


def findings(subject: Subject) -> list[Finding]:
    """A finding for the first assignment that is every step of the script, written with `=`."""
    if subject.case.trace.stopped is not None or isinstance(subject.module, Driven):
        return []
    if subject.first:  # the first training of the script has answered for all of them
        return []
    for statement in list(_step_like(subject))[:_MOST]:
        for op in "-+":
            if _is_right(subject, statement, _moving(subject, statement, op)):
                return [_told(subject, statement, op)]
    return []


def _step_like(subject: Subject) -> Iterator[s.Assign]:
    """The assignments over a number or an array that mention a rate or a gradient, each once."""
    seen = _beside_steps(subject)
    trace = subject.case.trace
    moving = [
        (start, end) for start, end in stretches(trace)
        if any(start <= update.new <= end for update in trace.updates)
    ]  # fmt: skip
    for store in trace.stores:
        statement = store.statement
        if any(start <= store.time <= end for start, end in moving):
            continue  # in a function that a training calls which moves something
        if id(statement) in seen or store.old is None or not isinstance(statement, s.Assign):
            continue
        seen.add(id(statement))
        one_line = statement.span.line == statement.span.end_line and not statement.span.file
        if not one_line or len(statement.targets) != 1:
            continue
        if _mentions_step(statement) or _takes_step(subject, statement):
            yield statement


def _beside_steps(subject: Subject) -> set[int]:
    """The statements of the loops in which something is moved."""
    steps = {id(update.statement) for update in subject.case.trace.updates}
    loops = (n for n in descend(subject.module.body) if isinstance(n, s.For | s.While))
    inside = ({id(node) for node in descend(loop)} for loop in loops)
    return steps.union(*(nodes for nodes in inside if nodes & steps))


def _mentions_step(statement: s.Assign) -> bool:
    """Whether the value is a product with a rate or a gradient, and its target none that is carried on."""
    target = statement.targets[0]
    if isinstance(target, s.Name):
        read = {n.id for n in descend(statement.value) if isinstance(n, s.Name)}
        if gradient_of(target.id) or target.id in read:
            return False
    return _names_step(statement.value)


def _names_step(value: s.Expr) -> bool:
    """Whether a value is a product, and one of its names is that of a rate or of a gradient."""
    products = [n for n in descend(value) if isinstance(n, s.BinOp) and n.op in ("*", "/")]
    names = [n.id for n in descend(value) if isinstance(n, s.Name)]
    names += [n.attr for n in descend(value) if isinstance(n, s.Attribute)]
    return bool(products) and any(says_rate(name) or gradient_of(last_part(name)) for name in names)


def _takes_step(subject: Subject, statement: s.Assign) -> bool:
    """Whether the value is a name that was made of a rate or a gradient: `theta = velocity`."""
    if not isinstance(statement.value, s.Name):
        return False
    name, whole = statement.value.id, descend(subject.module.body)
    made = (n for n in whole if isinstance(n, s.Assign) and n.span < statement.span)
    return any(_names_step(n.value) for n in made if _binds(n, name))


def _binds(statement: s.Assign, name: str) -> bool:
    return any(isinstance(target, s.Name) and target.id == name for target in statement.targets)


def _moving(subject: Subject, statement: s.Assign, op: str) -> str:
    """The text of the script with the assignment as a step."""
    lines = subject.module.text.splitlines(keepends=True)
    number = statement.span.line - 1
    at = _sign_at(subject, statement)
    lines[number] = lines[number][:at] + op + lines[number][at:]
    return "".join(lines)


def _sign_at(subject: Subject, statement: s.Assign) -> int:
    """Where the `=` stands in its line, counted from 0."""
    line = subject.module.line_at(statement.span)
    return line.index("=", statement.targets[0].span.end_column - 1)


def _is_right(subject: Subject, statement: s.Assign, text: str) -> bool:
    """Whether all that the script steps along then is the gradient of a loss that it writes."""
    module = replace(
        read_module(text, _as_script(subject.module.path)), python2=subject.module.python2,
        others=subject.module.others, roots=subject.module.roots,
    )  # fmt: skip
    line = statement.span.line
    explored = explore_again(module, subject.explored)
    if not _steps_in(explored, line) and not subject.explored.facts.inputs.asked:
        explored = explore(module)  # with a step other sizes may be needed
    if not _steps_in(explored, line):
        return False
    judged = [one.judgement for one in trained(module, explored)]
    return all(one is not None and _is_pinned(one) for one in judged)


def _steps_in(explored: Exploration, line: int) -> bool:
    """Whether a parameter is moved in a line."""
    return any(update.statement.span.line == line for update in explored.trace.updates)


def _is_pinned(judgement: Judgement) -> bool:
    """Whether all is right for a loss that is written and called one, or that several gradients agree on."""
    spec = judgement.spec
    return judgement.consistent and spec.is_written and (spec.named or judgement.right > 1)


def _told(subject: Subject, statement: s.Assign, op: str) -> Finding:
    target = subject.module.excerpt(statement.targets[0].span)
    message = f"{target} is set to its own step: = throws the old value away, {op}= moves it."
    column = _sign_at(subject, statement) + 1
    line = statement.span.line
    edit = Edit(Span(line, column, line, column + 1), f"{op}=")
    expected = f"{target} {op}= {subject.module.excerpt(statement.value.span)}"
    return Finding(
        "GL304", NAMES["GL304"], severity_of("GL304", certain=True), statement.span, message,
        expected=expected, fix=Fix(f"write {op}= for =", (edit,), verified=True),
    )  # fmt: skip


def _as_script(path: str) -> str:
    """A path in the same folder under which a text is read as Python, what it came from being a notebook."""
    return path if path.endswith(".py") else f"{path}.py"
