"""A script that works out gradients and takes no step: an exercise, a check of one's own derivation.

What it calls `dW` is held against the loss as if `W` were stepped along it at the end of the script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from gradlint.claims.names import gradient_of
from gradlint.model import Agreement
from gradlint.reading import syntax as s
from gradlint.reading.snippets import expression
from gradlint.rules.subject import Subject
from gradlint.tracing import Exploration, Trace, defined, explore
from gradlint.tracing.values import Traced

Judge = Callable[[s.Module, Exploration], list[Subject]]

_NEAR = (Agreement.SCALED, Agreement.OPPOSITE)


def as_if_stepped(module: s.Module, trace: Trace, judge: Judge) -> list[Subject] | None:
    """What `judge` says of the script with the steps that it lacks; None where it names no gradients.

    A name alone accuses nobody: some gradient must be right, or be so but for a sign or a constant, or
    several must be computed from what the loss is computed from.
    """
    if trace.updates or trace.claimed or trace.stopped is not None:
        return None
    steps = tuple(_steps(module, trace))
    if not steps:
        return None
    stepped = replace(module, body=(*module.body, *steps))
    found = judge(stepped, explore(stepped))
    return found if any(_is_about_gradients(subject) for subject in found) else None


def _is_about_gradients(subject: Subject) -> bool:
    judgement = subject.judgement
    if judgement is None:
        return False
    near = any(c.is_right or c.agreement in _NEAR for c in judgement.comparisons)
    return near or (judgement.spec.is_written and judgement.spec.named and _go_back(subject))


def _go_back(subject: Subject) -> bool:
    """Whether several gradients were each computed from what the loss was computed from."""
    judgement, point = subject.judgement, subject.case.points[0]
    assert judgement is not None
    forward = set(judgement.truths[0].of) - set(point.roots)
    made = [claim.gradient for claim in subject.case.claims if claim.gradient is not None]
    return len(made) > 1 and all(forward & set(point.trace.ancestors([node])) for node in made)


def _steps(module: s.Module, trace: Trace) -> Iterator[s.Stmt]:
    """`W -= dW` for each parameter whose gradient has its name; it stands where the gradient is made."""
    pairs = list(_pairs(module, trace))
    places = {own for _, _, own, _ in pairs}
    for name, of, own, made in pairs:
        above = set(trace.ancestors([own])) - {own}
        if not above & places:  # the gradient of what is computed may have been changed in place
            last = [store for store in trace.stores_of(made) if store.place == name][-1]
            step = s.AugAssign(expression(of), "-", expression(name), span=last.statement.span)
            yield step


def _pairs(module: s.Module, trace: Trace) -> Iterator[tuple[str, str, int, int]]:
    """The names of each gradient at the top level and of what it is of, with the nodes of the two."""
    last = {store.place: store.new for store in trace.stores if store.new is not None}
    names = defined(module)
    arrays = {name for name in last if isinstance(names.get(name), Traced)}
    for name in sorted(arrays, key=list(last).index):
        of = _named(gradient_of(name), arrays)
        if of is not None and trace.nodes[last[of]].shape == trace.nodes[last[name]].shape:
            yield name, of, last[of], last[name]


def _named(of: str | None, names: set[str]) -> str | None:
    """The variable that is called so, or the only one that is but for capitals."""
    if of is None or of in names:
        return of
    alike = [name for name in names if name.lower() == of.lower()]
    return alike[0] if len(alike) == 1 else None
