"""GL303 and GL305: a gradient that is computed and that no step uses."""

from __future__ import annotations

import re

from gradlint.claims.names import gradient_of, last_part
from gradlint.model import Finding, Fix
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.steps import adding, is_plain, is_sibling, replacing, step_like_others
from gradlint.rules.subject import Subject
from gradlint.rules.uncovered import findings as overwritten
from gradlint.rules.uncovered import meant, unused_gradient
from gradlint.tracing import Store


def findings(subject: Subject) -> list[Finding]:
    """What is to be said of the first gradient that nothing is moved along, if it is a parameter's."""
    idle = unused_gradient(subject)
    if idle is None or not is_plain(idle.place) or not subject.case.claims:
        return []
    place = _parameter(subject, idle)
    if place is None or overwritten(subject) or not is_sibling(place, subject.case.claims):
        return []
    found = _astray(subject, idle, place) or _forgotten(subject, idle, place)
    return [found] if found is not None else []


def _parameter(subject: Subject, idle: Store) -> str | None:
    """The parameter, as the script spells it, that the name of a gradient speaks of."""
    places = [store.place for store in subject.case.trace.stores if is_plain(store.place)]
    of = meant(gradient_of(idle.place) or "", {last_part(place).lower() for place in places})
    return next((place for place in places if last_part(place).lower() == of), None)


def _astray(subject: Subject, idle: Store, place: str) -> Finding | None:
    """A statement of the loop that was to be the step: it sets the parameter, or uses the gradient."""
    start = idle.new or 0
    for store in subject.case.trace.stores:
        statement, node = store.statement, store.new
        if node is None or isinstance(statement, s.For | s.FunctionDef):
            continue
        if node <= start and not (store.place == place and _is_itself(store)):
            continue
        uses = subject.case.trace.depends([node], start) and _reads(statement, place)
        if store.place != place and not uses:
            continue
        step = step_like_others(subject, place, idle.place)
        if step is None:
            return None
        if _is_itself(store):
            message = f"{place} is set to itself, so that it never moves: {step.text} moves it."
        elif store.place == place and uses:
            message = (
                f"this does not move {place} along its gradient {idle.place}: {step.text} does."
            )
        elif uses:
            message = f"the step of {place} is stored in {store.place}: {place} itself never moves."
        else:
            message = (
                f"{place} is changed here without its gradient {idle.place}, which no step uses."
            )
        fix = replacing(subject, statement, step.text)
        return _finding(subject, "GL303", statement, message, fix, step.text)
    return None


def _is_itself(store: Store) -> bool:
    """Whether a statement binds a name to what it had already: `w = w`."""
    statement = store.statement
    value = statement.value if isinstance(statement, s.Assign) else None
    return store.old == store.new and isinstance(value, s.Name) and value.id == store.place


def _forgotten(subject: Subject, idle: Store, place: str) -> Finding | None:
    """No statement at all steps the parameter, executed or not."""
    own = {id(node) for node in descend(idle.statement)}
    own |= _collecting(subject, idle.place)
    others = (n for n in descend(subject.module.body) if id(n) not in own)
    if any(_touches(node, place, idle.place) for node in others):
        return None
    message = f"{idle.place} is computed, but no step moves {place} with it: {place} never learns."
    step = step_like_others(subject, place, idle.place)
    fix = None if step is None else adding(subject, step)
    return _finding(subject, "GL305", idle.statement, message, fix, None)


def _collecting(subject: Subject, gradient: str) -> set[int]:
    """The nodes, by identity, of what only makes the gradient: `dW = zeros`, `dW += part`, `dW /= n`."""
    found = set[int]()
    for node in descend(subject.module.body):
        targets = node.targets if isinstance(node, s.Assign) else ()
        targets = (node.target,) if isinstance(node, s.AugAssign) else targets
        if any(_is_called(target, gradient) for target in targets):
            found |= {id(node), *(id(inner) for inner in descend(node))}
    return found


def _touches(node: s.Node, place: str, gradient: str) -> bool:
    """Whether a statement moves the parameter or hands its gradient on."""
    if isinstance(node, s.AugAssign):
        return _is_called(node.target, place) or _is_called(node.target, gradient)
    return _is_called(node, gradient) and bool(node.span.line)


def _is_called(node: s.Node, place: str) -> bool:
    """Whether a node is the variable, or an attribute of the name, of a place."""
    if isinstance(node, s.Attribute):
        return "." in place and node.attr == last_part(place)
    return isinstance(node, s.Name) and node.id == place


def _reads(statement: s.Stmt, place: str) -> bool:
    names = (n.id for n in descend(statement) if isinstance(n, s.Name))
    return place in names


def _finding(
    subject: Subject, code: str, statement: s.Stmt, message: str, fix: Fix | None, text: str | None
) -> Finding:
    span = statement.span
    if not re.match(r"\w", subject.module.excerpt(span)):
        span = subject.line(span)
    certain = subject.certain and fix is not None and fix.verified
    return Finding(
        code, NAMES[code], severity_of(code, certain), span, message, expected=text, fix=fix
    )
