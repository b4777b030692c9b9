"""GL202 to GL204: the regularisation term against the loss."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.judging.truth import truth
from gradlint.model import Finding, Span
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.scales import name_factor
from gradlint.rules.subject import Subject
from gradlint.tracing import Trace

_CLOSE = 1e-5


def findings(subject: Subject) -> list[Finding]:
    """What weight decay in the gradients says, where the loss is written."""
    judgement = subject.judgement
    if judgement is None or not judgement.spec.is_written:
        return []
    mended = {i for r in subject.repairs for i in r.mended if not r.comparisons[i].decay}
    left = (i for i in range(len(judgement.comparisons)) if i not in mended)
    found = [f for i in left for f in _claim(subject, i)]
    return found if any(f.code != "GL204" for f in found) else found[:1]


def _claim(subject: Subject, i: int) -> Iterator[Finding]:
    judgement, claim = subject.judgement, subject.case.claims[i]
    assert judgement is not None
    found = judgement.comparisons[i]
    if not found.decay or found.scale is None:
        return
    stated = _stated(subject, i)
    written = abs(found.scale) * stated + found.decay
    line = subject.line(_place(subject, i))
    if stated == 0:
        message = (
            f"the gradient of {claim.place} has a regularisation term ({written:.4g} * {claim.place}) "
            f"that {judgement.spec.name} does not have. The loss that is printed is not the one that is "
            f"descended."
        )
        advice = f"add {written / 2:.4g} * sum({claim.place} ** 2) to the loss, or drop the term"
        yield _finding(claim.place, "GL202", line, message, advice)
    elif abs(found.scale - 1) > _CLOSE and abs(written - stated) < _CLOSE * abs(stated):
        factor = name_factor(subject.module, subject.case.trace, subject.case.facts, found.scale)
        message = (
            f"the data term of the gradient is {factor.told()} times that of {judgement.spec.name}, while "
            f"the regularisation term is not: together they have another minimum than the loss."
        )
        advice = "scale the data term of the gradient as the loss does"
        yield _finding(
            claim.place,
            "GL204",
            subject.first_backward_line(subject.line_of(i)),
            message,
            advice,
        )
    else:
        kind = "lacks the regularisation term" if abs(written) < _CLOSE * abs(stated) else (
            f"has {written / stated / found.scale:.3g} times the regularisation term")  # fmt: skip
        message = f"the gradient of {claim.place} {kind} that {judgement.spec.name} asks for."
        term = f"{found.scale * stated:.4g} * {claim.place}"
        yield _finding(claim.place, "GL203", line, message, f"the term should be {term}")


def _finding(place: str, code: str, line: Span, message: str, advice: str) -> Finding:
    severity = severity_of(code, True)
    return Finding(code, NAMES[code], severity, line, message, help=advice, about=(place,))


def _place(subject: Subject, i: int) -> Span:
    """The place that adds the term: the last one that stores a gradient made from the parameter."""
    claim, trace = subject.case.claims[i], subject.case.trace
    ends = {n for update in claim.updates for _, n in update.change}
    above = set(trace.ancestors(ends, since=claim.root))
    for store in reversed(trace.stores):
        node = store.new
        made = node is not None and node in above and node > claim.root and node not in ends
        if made and node is not None and claim.root in _terms(trace, node):
            return store.statement.span
    return subject.line_of(i)


def _terms(trace: Trace, node: int, depth: int = 6) -> set[int]:
    entry = trace.nodes[node]
    if depth == 0 or entry.op not in ("add", "subtract", "multiply", "divide", "copy"):
        return {node}
    return {node} | {t for i in entry.inputs for t in _terms(trace, i, depth - 1)}


def _stated(subject: Subject, i: int) -> float:
    """The factor `c` of the loss's own term with the gradient `c * P`, 0 where it has none."""
    judgement, point = subject.judgement, subject.case.points[0]
    assert judgement is not None
    trace, root = point.frozen, point.roots[i]
    if root is None:
        return 0.0
    total = 0.0
    value = np.asarray(trace.value(root), dtype=float)
    for sign, term in _addends(trace, judgement.truths[0].loss, 1.0):
        if not _is_penalty(trace, term, root, subject):
            continue
        gradient = sign * np.asarray(truth(trace, term, [root]).gradient(trace, root))
        total += float(np.sum(gradient * value) / np.sum(value**2))
    return total


def _addends(trace: Trace, node: int, factor: float) -> Iterator[tuple[float, int]]:
    """The terms of a loss with their factors; a number times a sum is distributed."""
    entry = trace.nodes[node]
    if entry.op == "copy":
        yield from _addends(trace, entry.inputs[0], factor)
    elif entry.op in ("add", "subtract"):
        yield from _addends(trace, entry.inputs[0], factor)
        yield from _addends(trace, entry.inputs[1], factor if entry.op == "add" else -factor)
    elif (scaled := _scaled(trace, node)) is not None:
        yield from _addends(trace, scaled[1], factor * scaled[0])
    else:
        yield factor, node


def _scaled(trace: Trace, node: int) -> tuple[float, int] | None:
    """A number and what it multiplies, where a node is that."""
    entry = trace.nodes[node]
    if entry.op not in ("multiply", "divide"):
        return None
    left, right = entry.inputs
    if _is_plain_number(trace, right):
        value = float(np.asarray(trace.value(right)).item())
        return (value if entry.op == "multiply" else 1.0 / value if value else 0.0), left
    if entry.op == "multiply" and _is_plain_number(trace, left):
        return float(np.asarray(trace.value(left)).item()), right
    return None


def _is_plain_number(trace: Trace, node: int) -> bool:
    return all(np.size(trace.value(n)) == 1 for n in trace.ancestors([node]))


def _is_penalty(trace: Trace, term: int, root: int, subject: Subject) -> bool:
    """Whether a term of the loss is made of parameters and numbers alone."""
    parameters = set(subject.case.points[0].roots)
    behind = {n for p in parameters if p is not None for n in trace.ancestors([p])}
    for node in trace.ancestors([term]):
        entry = trace.nodes[node]
        if entry.is_leaf and np.size(entry.value) > 1 and node not in behind:
            return False
    return trace.depends([term], root)
