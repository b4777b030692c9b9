"""All findings of one script, in the order of their lines; each family of rules is a file."""

from __future__ import annotations

from gradlint.model import Finding
from gradlint.rules import (
    beginnings,
    broadcasting,
    contracts,
    conventions,
    divisions,
    forward,
    idle,
    inner,
    left_behind,
    left_out,
    lookalikes,
    losses,
    lost,
    mismatches,
    optimisers,
    outside,
    penalties,
    rates,
    repaired,
    uncovered,
    unmoved,
    wide_starts,
)
from gradlint.rules.fused import is_fused
from gradlint.rules.given_apart import given_apart
from gradlint.rules.odd_sizes import odd_sizes
from gradlint.rules.sampled import sampled_at
from gradlint.rules.subject import Subject
from gradlint.rules.unsummed import is_unsummed


def findings_for(subject: Subject) -> tuple[Finding, ...]:
    """What is to be said of a script."""
    if conventions.passes_on(subject) is not None or subject.denied:
        return ()
    if is_fused(subject) or is_unsummed(subject):
        return ()
    if conventions.is_half_read(subject) or given_apart(subject) or odd_sizes(subject):
        return ()
    if (
        conventions.alters_gradient(subject)
        or conventions.is_guided(subject)
        or sampled_at(subject) is not None
    ):
        return tuple(contracts.findings(subject))
    slipped = forward.findings(subject)
    short = left_out.findings(subject)
    found = [
        *repaired.findings(subject),
        *(slipped or mismatches.findings(subject)),
        *penalties.findings(subject),
        *(() if slipped or short else losses.findings(subject)),
        *lookalikes.findings(subject),
        *outside.findings(subject),
        *broadcasting.findings(subject),
        *inner.findings(subject),
        *lost.findings(subject),
        *divisions.findings(subject),
        *uncovered.findings(subject),
        *unmoved.findings(subject),
        *contracts.findings(subject),
        *idle.findings(subject),
        *left_behind.findings(subject),
        *short,
        *rates.findings(subject),
        *optimisers.findings(subject),
        *beginnings.findings(subject),
        *wide_starts.findings(subject),
    ]
    unique = {(f.code, f.span): f for f in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda f: (f.span, f.code)))
