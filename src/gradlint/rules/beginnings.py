"""GL801: weights that all start equal, so that the units of a hidden layer stay equal.

A network in which every parameter is one number throughout looks the same when two units of a layer change
places. So do its gradients, and so does the network after any step along them: the units never differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradlint.health.symptom import listed, number
from gradlint.judging.forward import Forward
from gradlint.model import Finding, Span
from gradlint.reading import syntax as s
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Trace, retrace


def findings(subject: Subject) -> Iterator[Finding]:
    """A warning on the first hidden layer whose units must stay alike."""
    judgement, point = subject.judgement, subject.case.points[0]
    roots = point.known
    if judgement is None or isinstance(subject.module, Driven) or len(roots) < 2:
        return
    starts = _starts(subject, point.frozen, roots)
    if starts is None or point.frozen.stopped is not None:
        return
    forward = Forward(point.frozen, roots, judgement.truths[0].loss)
    hidden = [root for root in forward.ordered_roots() if _feeds_units(forward, root)]
    if hidden and not _is_told_apart(forward, hidden[0]):
        yield _finding(subject, point.frozen, hidden, starts)


def _starts(subject: Subject, trace: Trace, roots: list[int]) -> dict[int, float] | None:
    """The one number that each parameter starts with; None where some has several, or is not known."""
    first = [trace.stores_of(root) for root in roots]
    if not all(first):
        return None
    facts = replace(subject.case.facts.copy(), parameters=set())
    own = retrace(subject.module, facts, frozen=True).trace
    found: dict[int, float] = {}
    for root in roots:
        node = own.at(trace.keys[root]) if root in trace.keys else None
        value = None if node is None else np.asarray(own.value(node))
        if value is None or value.shape != trace.nodes[root].shape or np.ptp(value) != 0:
            return None
        found[root] = float(value.flat[0])
    return found


def _feeds_units(forward: Forward, root: int) -> bool:
    axis = forward.unit_axis(root)
    return (
        axis is not None and forward.trace.nodes[root].shape[axis] > 1 and forward.is_hidden(root)
    )


def _is_told_apart(forward: Forward, root: int) -> bool:
    """Whether something else than parameters comes in between the layers: a mask, other weights."""
    below, trace = {root}, forward.trace
    first = True
    for node in forward.nodes:
        inputs = trace.nodes[node].inputs
        if not below & set(inputs):
            continue
        below.add(node)
        product = first and not forward.is_entrywise(node)
        first = first and not product
        others = [i for i in inputs if i not in forward.within and np.size(trace.value(i)) > 1]
        if others and not product and forward.is_hidden(node):
            return True
    return False


def _finding(
    subject: Subject, trace: Trace, hidden: list[int], starts: dict[int, float]
) -> Finding:
    names = [trace.stores_of(root)[0].place for root in hidden]
    everything = sorted(set(starts.values()))
    value = (
        f"start at {number(everything[0])}" if len(everything) == 1 else "start with equal entries"
    )
    message = (
        f"all parameters {value}, so all units that {listed(names)} feeds get the same gradient at every "
        f"step: the layer is symmetric and works like a single unit, however long it trains."
    )
    scale = "with a standard deviation of sqrt(1 / inputs)"
    advice = f"draw {names[0]} at random, {scale}; biases may start at 0"
    span = _start_of(subject, trace, hidden[0])
    return Finding(
        "GL801", NAMES["GL801"], severity_of("GL801", False), span, message, help=advice, about=tuple(names)
    )  # fmt: skip


def _start_of(subject: Subject, trace: Trace, root: int) -> Span:
    """The expression that the parameter starts with, or the line that names it."""
    expr = trace.nodes[root].expr
    at = expr.span if isinstance(expr, s.Call) else trace.stores_of(root)[0].statement.span
    return at if expr is not None else subject.line(at)
