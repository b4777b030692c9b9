"""GL308: the step of a parameter stands behind the training loop that computes its gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradlint.judging.case import walk_case
from gradlint.judging.judge import judge
from gradlint.model import Edit, Finding, Fix, Span
from gradlint.reading import syntax as s
from gradlint.reading.walking import blocks
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Update

Loop = s.For | s.While


def findings(subject: Subject) -> list[Finding]:
    """A finding for each parameter that is stepped only once, after the loop that steps the others."""
    judgement = subject.judgement
    if judgement is None or isinstance(subject.module, Driven):
        return []
    trace = subject.case.trace
    found: dict[int, Finding] = {}
    for loop, start in trace.rounds:
        end = trace.ends.get(id(loop), len(trace.nodes))
        if isinstance(loop, s.For | s.While) and _steps_all(subject, start, end):
            for update in _behind(subject, loop, start, end):
                found[id(update.statement)] = _finding(subject, loop, update)
    return list(found.values())


def _steps_all(subject: Subject, start: int, end: int) -> bool:
    """Whether all the steps of a subject are made in one loop."""
    updates = [u for claim in subject.case.claims for u in claim.updates]
    return bool(updates) and all(start <= u.new < end for u in updates)


def _behind(subject: Subject, loop: Loop, start: int, end: int) -> Iterator[Update]:
    """The steps behind a loop, next to it, whose gradient was computed in it and that it never makes."""
    trace, judgement = subject.case.trace, subject.judgement
    assert judgement is not None
    frozen = subject.case.points[0].frozen
    above = {frozen.keys.get(n) for n in frozen.ancestors([judgement.truths[0].loss])}
    block = next((b for b in blocks(subject.module.body) if loop in b), ())
    later = {id(one) for one in block[block.index(loop) + 1 :]} if loop in block else set[int]()
    for update in trace.updates:
        known = trace.keys.get(update.old)
        if update.new < end or update.old >= start or known not in above:
            continue
        fresh = any(start <= n < end for _, c in update.change for n in trace.ancestors([c], start))
        plain = np.asarray(trace.value(update.old)).dtype.kind == "f"
        if id(update.statement) in later and fresh and plain:
            yield update


def _finding(subject: Subject, loop: Loop, update: Update) -> Finding:
    statement = update.statement
    message = (
        f"{update.place} is moved once, behind the loop that computes its gradient: this line belongs "
        f"into the loop of line {loop.span.line}."
    )
    fix = _indented(subject, loop, statement)
    certain = fix is not None and fix.verified
    return Finding(
        "GL308", NAMES["GL308"], severity_of("GL308", certain), statement.span, message, fix=fix,
        help="indent it like the lines above",
    )  # fmt: skip


def _indented(subject: Subject, loop: Loop, statement: s.Stmt) -> Fix | None:
    """The line with the indentation of the loop's last one, where it follows the loop at once."""
    at, last = statement.span, loop.body[-1].span
    between = subject.module.text.splitlines()[last.end_line : at.line - 1]
    if at.file or any(line.strip() for line in between) or at.line != at.end_line:
        return None
    indent = " " * (last.column - at.column)
    edit = Edit(Span(at.line, at.column, at.line, at.column), indent)
    return Fix("indent this line", (edit,), _verified(subject, loop, statement))


def _verified(subject: Subject, loop: Loop, statement: s.Stmt) -> bool:
    """Whether every step is right, this one too, where the loop makes it."""
    assert subject.judgement is not None
    last = loop.body[-1]
    overrides = {id(last): (last, replace(statement)), id(statement): ()}
    case = walk_case(subject.module, subject.case.facts, overrides=overrides)
    again = judge(case, subject.judgement.spec)
    return again is not None and again.consistent and len(case.claims) > len(subject.case.claims)
