"""Why a line should read as the repair has it: what the tensor on its left is the gradient of."""

from __future__ import annotations

import numpy as np

from gradlint.reading import syntax as s
from gradlint.repair import Repair
from gradlint.rules.subject import Subject
from gradlint.tracing import Trace, retrace


def reason_for(subject: Subject, repair: Repair) -> str | None:
    """`grad_h_relu is the gradient of h_relu, which line 26 uses: k = h_relu.mm(w_mid)`, if so."""
    judgement = subject.judgement
    if judgement is None or repair.candidate.code not in (
        "GL101",
        "GL106",
        "GL110",
        "GL112",
        "GL109",
    ):
        return None
    point = subject.case.points[0]
    trace = retrace(subject.module, subject.case.facts, 0, repair.candidate.overrides).trace
    store = next((x for x in trace.stores if x.statement.span.line == repair.candidate.span.line
                  and x.statement.span.file == repair.candidate.span.file
                  and x.new is not None), None)  # fmt: skip
    if store is None or store.new is None:
        return None
    value = np.asarray(trace.value(store.new))
    for node, cotangent in judgement.truths[0].of.items():
        if (
            np.size(value) > 1
            and np.shape(cotangent) == value.shape
            and np.allclose(value, cotangent)
        ):
            return _told(subject, point.frozen, store.place, node)
    return None


def _told(subject: Subject, trace: Trace, place: str, node: int) -> str | None:
    names = [x.place for x in trace.stores if x.new == node]
    user = _use(subject, trace, node)
    if not names or user is None:
        return None
    line = subject.module.line_at(user.span).split("#")[0].strip()
    return f"{place} is the gradient of {names[0]}, which {user.span.told} uses: {line}"


def _use(subject: Subject, trace: Trace, node: int) -> s.Stmt | None:
    """The statement of the forward pass that used `node` first."""
    judgement = subject.judgement
    assert judgement is not None
    for entry in trace.nodes:
        if (
            node in entry.inputs
            and entry.id in judgement.truths[0].of
            and entry.statement is not None
        ):
            return entry.statement
    return None
