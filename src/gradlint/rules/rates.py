"""GL306: one step without the learning rate that scales all the others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from gradlint.claims import Claim
from gradlint.claims.names import says_rate
from gradlint.claims.rates import inner_rates, names_of, strip
from gradlint.model import Edit, Finding, Fix
from gradlint.reading import syntax as s
from gradlint.reading.snippets import expression
from gradlint.reading.walking import descend
from gradlint.reading.writing import write
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.steps import replacing, step_like_others, verifies
from gradlint.rules.subject import Subject


def findings(subject: Subject) -> list[Finding]:
    """A warning for each plain step whose size is not that of the others, by a slip."""
    steps = [c for c in subject.case.claims if not c.handed]
    plain = [c for c in steps if not c.through_optimiser and len(c.updates) == 1]
    judgement = subject.judgement
    if judgement is None or judgement.rated or len(plain) < 2 or len(plain) < len(steps):
        return []
    usual, count = Counter(round(c.rate, 12) for c in plain).most_common(1)[0]
    if count < len(plain) - 1 or math.isclose(usual, 1.0) or (count == 1 and len(plain) > 1):
        usual = next((c.rate for c in plain if not _is_bare(subject, c)), 1.0)
    odd = [c for c in plain if not math.isclose(c.rate, usual, rel_tol=1e-9)]
    if len(odd) != 1 or math.isclose(usual, 1.0) or _has_no_gradient(subject, odd[0]):
        return []
    return list(_told(subject, odd[0], usual))


def _has_no_gradient(subject: Subject, claim: Claim) -> bool:
    """Whether what a step goes along was not found, and is wrong: then its rate was not found either."""
    wrong = [subject.case.claims[i] for i in subject.wrong]
    return claim.gradient is None and any(one is claim for one in wrong)


def _is_bare(subject: Subject, claim: Claim) -> bool:
    """Whether a step has no number at all beside its gradient."""
    if not math.isclose(claim.rate, 1.0):
        return False
    moved = _moved_by(claim.updates[0].statement)
    words = descend(moved) if moved is not None else ()
    if any(isinstance(word, s.Name) and says_rate(word.id) for word in words):
        return False
    if len(claim.updates[0].change) != 1:
        return isinstance(_moved_by(claim.updates[0].statement), s.Name)
    trace = subject.case.trace
    inner = strip(trace, claim.updates[0].change[0][1])
    return not inner.atoms and not inner_rates(trace, inner.node)


def _moved_by(statement: s.Stmt) -> s.Expr | None:
    """What is added to or taken from the parameter."""
    match statement:
        case s.AugAssign():
            return statement.value
        case s.Assign(value=s.BinOp(op="+" | "-", right=right)):
            return right
    return None


def _scaled(subject: Subject, claim: Claim) -> Fix | None:
    """The fix that multiplies the movement by the rate that another step names."""
    trace, value = subject.case.trace, _moved_by(claim.updates[0].statement)
    for other in subject.case.claims:
        for _, node in other.updates[0].change:
            atoms = strip(trace, node).atoms
            names = [n for atom, _ in atoms for n in names_of(trace, atom) if n.isidentifier()]
            if names and value is not None and other is not claim:
                text = write(s.BinOp("*", s.Name(names[0]), value), subject.module)
                verified = verifies(subject, {id(value): expression(text)})
                told = f"replace {subject.module.excerpt(value.span)} by {text}"
                return Fix(told, (Edit(value.span, text),), verified)
    return None


def _told(subject: Subject, claim: Claim, usual: float) -> Iterator[Finding]:
    if _is_bare(subject, claim):
        kind = f"{claim.place} moves by its whole gradient, without the learning rate of the others"
    elif math.isclose(claim.rate, usual**2, rel_tol=1e-9):
        kind = f"{claim.place} moves by the square of the learning rate that the others have"
    else:
        return
    statement = claim.updates[0].statement
    named = claim.name.isidentifier()
    step = step_like_others(subject, claim.place, claim.name) if named else None
    fix = _scaled(subject, claim) if step is None else replacing(subject, statement, step.text)
    yield Finding(
        "GL306", NAMES["GL306"], severity_of("GL306", False), statement.span, f"{kind}.",
        expected=None if step is None else step.text, fix=fix, about=(claim.place,),
    )  # fmt: skip
