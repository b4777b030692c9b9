"""Parameters that change in the training loop without a step that could be read.

GL304 where the new value is the gradient itself: `W = lr * dW` sets the parameter where `W -= lr * dW`
would move it. What else changes a parameter keeps the verdict from being *correct*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set

import numpy as np

from gradlint.claims.names import gradient_of, last_part, says_data, says_target
from gradlint.claims.optimisers import began
from gradlint.claims.phases import stretches
from gradlint.judging.case import walk_case
from gradlint.judging.judge import judge
from gradlint.judging.truth import truth
from gradlint.model import Edit, Finding, Fix
from gradlint.reading import syntax as s
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import Store, Trace

_PROPORTIONAL = 1e-6
_EXPECTED = ("autograd", "typed")


def findings(subject: Subject) -> list[Finding]:
    """A finding for each parameter that is set to its own step."""
    return [f for store in uncovered(subject) if (f := _overwritten(subject, store)) is not None]


def uncovered(subject: Subject) -> list[Store]:
    """The stores that change, in the loop, a value from before it that the loss was made from.

    What the steps were computed from is left out: a state that is carried on (a hidden state, a
    mini-batch under a name that existed before) belongs to the forward pass.
    """
    judgement = subject.judgement
    if judgement is None:
        return []
    found = _uncovered(subject, judgement.truths[0].loss)
    return [store for store in found if id(store.statement) not in subject.elsewhere]


def _uncovered(subject: Subject, loss: int) -> Iterator[Store]:
    point = subject.case.points[0]
    trace, frozen = point.trace, point.frozen
    start = began(trace)
    above = {frozen.keys.get(n) for n in frozen.ancestors([loss])}
    stepped = {claim.root for claim in point.claims}
    ends = [n for claim in point.claims for u in claim.updates for n in u.made_of]
    consumed = set(trace.ancestors(ends))
    used = {store.statement for store in trace.stores if store.new in consumed}
    seen: set[str] = set()
    for store in trace.stores:
        old, new = store.old, store.new
        if old is None or new is None or old >= start or new < start or store.place in seen:
            continue
        if store.statement in used or _is_lent(trace, store) or _starts_anew(trace, store):
            continue  # the forward pass once more, for what is printed
        if _is_computed_again(trace, store, stepped):
            continue
        key = trace.keys.get(old)
        kinds = [np.asarray(trace.value(node)).dtype.kind for node in (old, new)]
        is_number = kinds in (["f", "f"], ["i", "f"])  # a bias that starts at the integer 0
        if key is None or key not in above or old in stepped or new in consumed or not is_number:
            continue
        if not isinstance(store.statement, s.For):
            seen.add(store.place)
            yield store


def lost(subject: Subject) -> Iterator[Store]:
    """The stores that put, in a training, an unknown value where the loss was made from a parameter."""
    judgement = subject.judgement
    if judgement is None:
        return
    point = subject.case.points[0]
    trace, frozen, rounds = point.trace, point.frozen, stretches(point.trace)
    above = {frozen.keys.get(n) for n in frozen.ancestors([judgement.truths[0].loss])}
    for store in trace.stores:
        old = store.old
        if store.opaque is None or store.opaque.kind in _EXPECTED or old is None:
            continue
        inside = any(first <= store.time <= last for first, last in rounds)
        before = inside and old < began(trace) if rounds else not trace.nodes[old].inputs
        if before and trace.keys.get(old) in above and not says_data(store.place):
            yield store


def _starts_anew(trace: Trace, store: Store) -> bool:
    """Whether a name gets a fresh value outside of any training: another experiment begins."""
    assert store.new is not None
    inside = any(start <= store.time <= end for start, end in stretches(trace))
    return not inside and trace.nodes[store.new].is_leaf


def _is_computed_again(trace: Trace, store: Store, stepped: Set[int]) -> bool:
    """Whether the old value was made of a parameter, and the new one by the same operation.

    `y = sigmoid(x @ w)` before the loop and once more after each step of `w`.
    """
    assert store.old is not None and store.new is not None
    old, new = trace.nodes[store.old], trace.nodes[store.new]
    return not old.is_leaf and old.op == new.op and any(trace.depends([old.id], w) for w in stepped)


def _is_lent(trace: Trace, store: Store) -> bool:
    """Whether a name loses a value that lives elsewhere: the argument of a function, say."""
    assert store.old is not None
    places = {x.place for x in trace.stores_of(store.old) if not isinstance(x.statement, s.For)}
    return store.place.isidentifier() and bool(places) and store.place not in places


def unused_gradient(subject: Subject) -> Store | None:
    """The first gradient, by its name, of a parameter that the loss was made from and no step moves."""
    judgement = subject.judgement
    if judgement is None:
        return None
    point = subject.case.points[0]
    trace, frozen, start = point.trace, point.frozen, began(point.trace)
    above = {frozen.keys.get(n) for n in frozen.ancestors([judgement.truths[0].loss])}
    moved = {
        last_part(store.place) for update in trace.updates for store in trace.stores_of(update.old)
    }
    moved |= {last_part(update.place) for update in trace.updates}
    idle = {
        last_part(store.place).lower(): store.new
        for store in trace.stores
        if store.new is not None and store.new < start and trace.keys.get(store.new) in above
        and last_part(store.place) not in moved
    }  # fmt: skip
    ends = [n for claim in point.claims for u in claim.updates for n in u.made_of]
    consumed = set(trace.ancestors(ends))
    used = {_made_by(store) for store in trace.stores if store.new in consumed}
    for store in trace.stores:
        if _made_by(store) in used:
            continue  # a function of several layers, whose result only the first has no use for
        of = gradient_of(store.place) if store.new is not None and store.new >= start else None
        parameter = idle.get(meant(of, idle) or "") if of is not None else None
        if (
            parameter is not None
            and not says_target(of or "")
            and not says_data(of or "")
            and (_cosine(subject, store, parameter) or 0) > 0
        ):
            return store
    return None


def meant(of: str, names: Collection[str]) -> str | None:
    """The name, in small letters, that `of` stands for: itself, or the one that begins with this letter."""
    short = [name for name in names if len(of) == 1 and name.startswith(of.lower())]
    return of.lower() if of.lower() in names or len(short) != 1 else short[0]


def _made_by(store: Store) -> tuple[int, str]:
    """The statement of a store, by identity; where it writes several values side by side, with the place."""
    value = store.statement.value if isinstance(store.statement, s.Assign) else None
    return id(store.statement), store.place if isinstance(value, s.Sequence) else ""


def _overwritten(subject: Subject, store: Store) -> Finding | None:
    """GL304 where the new value is proportional to the gradient of the loss in the old one."""
    judgement, statement = subject.judgement, store.statement
    if judgement is None or not isinstance(statement, s.Assign) or len(statement.targets) != 1:
        return None
    sign = None if store.old is None else _cosine(subject, store, store.old)
    if sign is None:
        return None
    target, value = statement.targets[0], statement.value
    op = "-" if sign > 0 else "+"
    moved = s.AugAssign(target, op, value, span=statement.span)
    text = f"{subject.module.excerpt(target.span)} {op}= {subject.module.excerpt(value.span)}"
    message = f"{store.place} is set to its own step: = throws the old value away, {op}= moves it."
    fix = Fix(
        f"write {op}= for =", (Edit(statement.span, text),), _verified(subject, statement, moved)
    )
    return Finding(
        "GL304", NAMES["GL304"], severity_of("GL304", subject.certain), statement.span, message,
        expected=text, fix=fix,
    )  # fmt: skip


def _cosine(subject: Subject, store: Store, parameter: int) -> float | None:
    """1 or -1 where what is stored is proportional to the loss's gradient in a node, else None."""
    point, judgement = subject.case.points[0], subject.judgement
    assert judgement is not None and store.new is not None
    key = point.trace.keys.get(parameter)
    root = None if key is None else point.frozen.at(key)
    if root is None:
        return None
    true = np.asarray(
        truth(point.frozen, judgement.truths[0].loss, [root]).gradient(point.frozen, root)
    )
    value = np.asarray(point.trace.value(store.new), dtype=float)
    if value.size == true.size == 1:
        return _sign_of_number(subject, float(value.item()), float(true.item()))
    sizes = float(np.linalg.norm(true)) * float(np.linalg.norm(value))
    if value.shape != true.shape or value.size < 2 or not sizes or not np.isfinite(sizes):
        return None
    cosine = float(np.sum(true * value)) / sizes
    return cosine if abs(abs(cosine) - 1) < _PROPORTIONAL else None


def _sign_of_number(subject: Subject, value: float, true: float) -> float | None:
    """1 where a number has the constant to the true one that a right claim or its step has, else None."""
    assert subject.judgement is not None
    pairs = zip(subject.judgement.comparisons, subject.case.claims, strict=True)
    scales = [
        scale for c, claim in pairs if c.is_right and c.scale is not None
        for scale in (c.scale, c.scale * claim.rate)
    ]  # fmt: skip
    right = true and any(
        abs(value - scale * true) <= _PROPORTIONAL * abs(value) for scale in scales
    )
    return 1.0 if right else None


def _verified(subject: Subject, old: s.Stmt, new: s.Stmt) -> bool:
    """Whether every step, this one included, is right with the statement replaced."""
    assert subject.judgement is not None
    case = walk_case(subject.module, subject.case.facts, overrides={id(old): new})
    again = judge(case, subject.judgement.spec)
    return again is not None and again.consistent and len(case.claims) > len(subject.case.claims)
