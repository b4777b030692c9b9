"""GL602: a division of two integers in Python 2 that leaves nothing of a factor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from gradlint.judging.case import walk_case
from gradlint.model import Agreement, Edit, Finding, Fix, Gradient, Severity
from gradlint.reading import syntax as s
from gradlint.reading.writing import write
from gradlint.rules.naming import NAMES
from gradlint.rules.subject import Subject


def findings(subject: Subject) -> list[Finding]:
    """A finding for each division of which only 0, or -1, is left."""
    divisions = {id(node): node for node in subject.case.trace.dropped}
    return [_finding(subject, node) for node in divisions.values()]


def lost(row: Gradient, findings: Iterable[Finding]) -> Gradient:
    """The row of a gradient as Python 2 computes it; it was judged as it was meant."""
    if any(f.code == "GL602" and row.of in f.about for f in findings):
        return replace(row, static=Agreement.DIFFERENT, scale=None)
    return row


def _finding(subject: Subject, node: s.BinOp) -> Finding:
    assert isinstance(node.left, s.Constant) and isinstance(node.left.value, int)
    left = 0 if node.left.value > 0 else -1
    moved = _moved(subject, node, left)
    written = write(node, subject.module)
    what = "the gradient" + (f" of {moved[0]}" if moved else "")
    message = (
        f"{written} is {left} in Python 2, where / between two integers drops the remainder"
        + (f": {what} is multiplied by {left}." if moved else ".")
    )
    right = f"{node.left.value}.0"
    judgement = subject.judgement
    fix = Fix(
        f"write {right} for {write(node.left, subject.module)}",
        (Edit(node.left.span, right),),
        verified=judgement is not None and judgement.consistent,
    )
    severity = Severity.ERROR if moved else Severity.WARNING
    return Finding(
        "GL602", NAMES["GL602"], severity, node.span, message, fix=fix, about=tuple(moved)
    )


def _moved(subject: Subject, node: s.BinOp, left: int) -> list[str]:
    """The parameters whose steps are others with what Python 2 leaves of the division."""
    as_it_is = s.Constant(left, span=node.span)
    case = walk_case(subject.module, subject.case.facts, 1, {id(node): as_it_is})
    values = {claim.place: claim.value for claim in case.claims}
    return [
        claim.place
        for claim in subject.case.claims
        if claim.place not in values or not _same(claim.value, values[claim.place])
    ]


def _same(a: object, b: object) -> bool:
    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return first.shape == second.shape and bool(np.allclose(first, second))
