"""GL501 to GL504: what a `torch.autograd.Function` owes to the library that calls it."""

from __future__ import annotations

from gradlint.model import Finding
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.subject import Subject


def findings(subject: Subject) -> list[Finding]:
    """A finding for each contract that a call broke."""
    return [
        Finding(
            remark.code, NAMES[remark.code], severity_of(remark.code, True), remark.statement.span,
            f"{remark.text}.",
        )
        for remark in subject.case.trace.remarks
    ]  # fmt: skip
