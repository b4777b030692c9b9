"""GL199: a gradient differs from the true one and no small edit mends it."""

from __future__ import annotations

from gradlint.model import Agreement, Finding
from gradlint.rules.gradients import derivation_of
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject


def findings(subject: Subject) -> list[Finding]:
    """One finding for each claim that stays wrong after all repairs."""
    judgement = subject.judgement
    if judgement is None or (subject.repairs and subject.repairs[-1].complete):
        return []
    if judgement.blocked or not judgement.spec.is_written or not judgement.spec.named:
        return []
    mended = {i for repair in subject.repairs for i in repair.mended}
    return [_finding(subject, i) for i in subject.wrong if i not in mended]


def _finding(subject: Subject, i: int) -> Finding:
    judgement, claim = subject.judgement, subject.case.claims[i]
    assert judgement is not None
    found = judgement.comparisons[i]
    derived = derivation_of(subject, i)
    name = claim.name if claim.gradient is not None else f"the {claim.name}"
    kind = "the opposite of" if found.agreement is Agreement.OPPOSITE else "not"
    message = f"{name} is {kind} the gradient of {judgement.spec.name} in {claim.place}."
    if derived is not None:
        message += f" It should be {derived.text}."
    certain = judgement.right > 0 and not subject.case.trace.failures
    return Finding(
        "GL199", NAMES["GL199"], severity_of("GL199", certain), subject.line(claim.line), message,
        expected=None if derived is None else derived.text,
        help="compare the line with the derived expression, factor by factor",
    )  # fmt: skip
