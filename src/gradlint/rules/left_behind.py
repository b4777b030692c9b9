"""GL305: an item of a list or dictionary of parameters that no step moves although it moves the others.

So are `w1`, `w2`, `w3` items; of those one may stay where it is, unless its gradient is moved in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.claims.optimisers import began
from gradlint.judging.compare import compare
from gradlint.judging.truth import truth
from gradlint.model import Edit, Finding, Fix
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.reading.writing import write
from gradlint.rules.item_steps import steps_of_item
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.steps import adding, is_parameter, verifies
from gradlint.rules.subject import Subject
from gradlint.tracing import Store, Trace


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """A parameter at `place` that stays where it is; `step` moves the others, `gradient` is unused."""

    place: str
    step: s.Stmt
    gradient: Store | None


def findings(subject: Subject) -> list[Finding]:
    """A warning where the gradient of the first such parameter is there and nothing uses it."""
    left = next(left_behind(subject), None)
    if left is None or left.gradient is None:
        return []
    whole = _whole_range(subject, left.step)
    fix = whole or _own_step(subject, left)
    span = whole.edits[0].span if whole is not None else left.step.span
    message = (
        f"{left.place} never moves: its gradient {left.gradient.place} is computed, and the steps of the "
        f"other items do not reach it."
    )
    severity = severity_of("GL305", certain=False)
    return [Finding("GL305", NAMES["GL305"], severity, span, message, fix=fix)]


def left_behind(subject: Subject) -> Iterator[Left]:
    """The items beside those that are stepped that the loss is made from and that nothing changes."""
    judgement, point = subject.judgement, subject.case.points[0]
    if judgement is None or judgement.right < len(judgement.comparisons):
        return
    trace, frozen, loss = point.trace, point.frozen, judgement.truths[0].loss
    start, above = began(trace), set(frozen.ancestors([loss]))
    steps = {family: c.statement for c in point.claims if (family := _family(c.place))}
    moved = {update.old for update in trace.updates} | {update.new for update in trace.updates}
    moved |= {s_.old for s_ in trace.stores if s_.old is not None and (s_.new or 0) >= start}
    seen: set[str] = set()
    for store in trace.stores:
        new, step = store.new, steps.get(_family(store.place)) or _step_beside(store, steps)
        if new is None or step is None or new in moved or new >= start or store.place in seen:
            continue
        root = frozen.at(trace.keys[new]) if new in trace.keys else None
        if root not in above or root is None or np.asarray(trace.value(new)).dtype.kind != "f":
            continue
        seen.add(store.place)
        true = truth(frozen, loss, [root]).gradient(frozen, root)
        if np.any(true) and not _is_reached(subject, store.place):
            gradient = _gradient(subject, true, start)
            beside = _family(store.place) not in steps
            if beside and (gradient is None or _is_read(subject, gradient)):
                continue
            if _is_item(store) or _is_taken_for(trace, new, gradient):
                yield Left(store.place, step, gradient)


def _step_beside(store: Store, steps: dict[str, s.Stmt]) -> s.Stmt | None:
    """The first step of items, for an item of another list of parameters: `biases` beside `weights`."""
    holder, _, item = store.place.partition("[")
    return next(iter(steps.values()), None) if item and is_parameter(holder) else None


def _is_read(subject: Subject, gradient: Store) -> bool:
    """Whether the name or the list that a gradient is kept in stands anywhere but as a target."""
    holder, nodes = gradient.place.partition("[")[0], list(descend(subject.module.everything))
    targets = [t for n in nodes if isinstance(n, s.Assign) for t in n.targets]
    set_ = {id(inner) for target in targets for inner in descend(target)}
    names = (n for n in nodes if isinstance(n, s.Name) and id(n) not in set_)
    return not holder.isidentifier() or any(name.id == holder for name in names)


def _is_item(store: Store) -> bool:
    """Whether a parameter is one of several that one line made: an item, or `setattr(self, f"W{k}", ...)`."""
    return store.place.endswith("]") or isinstance(store.statement, s.ExprStmt)


def _is_taken_for(trace: Trace, parameter: int, gradient: Store | None) -> bool:
    """Whether a gradient is moved along its parameter: a parameter by itself may be frozen."""
    return gradient is not None and any(
        store.old == gradient.new
        and store.new is not None
        and trace.depends([store.new], parameter)
        for store in trace.stores
    )


def _is_reached(subject: Subject, place: str) -> bool:
    """Whether an item is stepped at another random point, where other samples are looked at."""
    return any(claim.place == place for point in subject.case.points for claim in point.claims)


def _family(place: str) -> str:
    """What holds an item, `weights` of `weights[2]`, or numbers a name: `w` of `w2`."""
    if place.endswith("]"):
        return place.rpartition("[")[0]
    stem = place.rstrip("0123456789")
    return f"{stem}0" if stem != place else ""


def _gradient(subject: Subject, true: Any, start: int) -> Store | None:
    """Where the gradient of such a parameter is stored and leads into no step."""
    point = subject.case.points[0]
    ends = [n for claim in point.claims for u in claim.updates for _, n in u.change]
    consumed = set(point.trace.ancestors(ends))
    for store in point.trace.stores:
        if store.new is None or store.new < start or store.new in consumed:
            continue
        value = np.asarray(point.trace.value(store.new))
        same = value.dtype.kind == "f" and value.size > 1 and value.shape == np.shape(true)
        if same and compare([(value, true)]).is_right:
            return store
    return None


def _own_step(subject: Subject, left: Left) -> Fix | None:
    """A step of its own beside that of another item, where every item is right with it."""
    assert left.gradient is not None
    for step in steps_of_item(subject, left.place, left.gradient.place):
        fix = adding(subject, step, more=1)
        if fix.verified:
            return fix
    return None


def _whole_range(subject: Subject, step: s.Stmt) -> Fix | None:
    """`range(len(weights))` for `range(len(weights) - 1)`, where every item is right with it."""
    for loop in descend(subject.module.everything):
        if not isinstance(loop, s.For) or step not in loop.body:
            continue
        for node in descend(loop.iter):
            short = isinstance(node, s.BinOp) and node.op == "-"
            if short and isinstance(node, s.BinOp) and verifies(subject, {id(node): node.left}):
                text = write(node.left, subject.module)
                told = f"replace {subject.module.excerpt(node.span)} by {text}"
                return Fix(told, (Edit(node.span, text),), verified=True)
    return None
