"""Functions that step along gradients which somebody else hands them: an optimiser by itself."""

from __future__ import annotations

from gradlint import ops
from gradlint.claims import Claim
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Trace

_KEEPING = frozenset({"copy", "getitem", "setitem", "reshape", "detach"})


def only_steps(subject: Subject) -> bool:
    """Whether all that a function called by itself steps along is made, entry by entry, from its arguments.

    The parameter is no part of it: whether that is the gradient, is for whoever calls it.
    """
    if subject.judgement is not None or not isinstance(subject.module, Driven):
        return False
    trace, claims = subject.case.trace, subject.case.claims
    return subject.module.drive.optional and all(_is_handed_in(trace, claim) for claim in claims)


def _is_handed_in(trace: Trace, claim: Claim) -> bool:
    if claim.gradient is None:
        return False
    above = set(trace.ancestors([claim.gradient]))
    made = [trace.nodes[node] for node in above if trace.nodes[node].inputs]
    by_entry = all(ops.OPS[node.op].elementwise or node.op in _KEEPING for node in made)
    return by_entry and claim.root not in above
