"""GL199: a gradient differs from the true one and no small edit mends it."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.claims import Claim
from gradlint.judging import Comparison
from gradlint.judging.groups import reference_group
from gradlint.model import Agreement, Finding, Severity
from gradlint.reading import syntax as s
from gradlint.repair.origin import origin
from gradlint.rules.conventions import gives_delta, takes_mean_late
from gradlint.rules.gradients import derivation_of, stands
from gradlint.rules.losses import is_training_loss
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.other_samples import of_other_samples
from gradlint.rules.scales import name_factor
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven

_COMPARE = "compare the line with the derived expression, factor by factor"
_DERIVES = "`gradlint explain` derives it from the forward pass, one step at a time"


def findings(subject: Subject) -> list[Finding]:
    """What stays wrong after all repairs: claims that differ, or whose constants differ."""
    judgement = subject.judgement
    if judgement is None or (subject.repairs and subject.repairs[-1].complete):
        return []
    if subject.case.trace.stopped is not None or takes_mean_late(subject):
        return []
    if gives_delta(subject) is not None:
        return []
    if not subject.wrong:
        return [] if subject.repairs else list(_uneven(subject))
    named = judgement.spec.is_written and judgement.spec.named
    if judgement.blocked or not (named or _is_shown(subject)):
        return []
    mended = {i for repair in subject.repairs for i in repair.mended}
    wrong = [i for i in subject.wrong if i not in mended and not _is_held(subject, i)]
    if judgement.right == 0 and of_other_samples(subject, judgement):
        return []
    if judgement.right == 0 and len(wrong) > 1:
        return [_common(subject, wrong, None)]
    began = origin(subject.case, judgement) if len(wrong) > 1 and not subject.repairs else None
    if began is not None:
        return [_common(subject, wrong, began)]
    return [_finding(subject, i) for i in wrong]


def _is_shown(subject: Subject) -> bool:
    """Whether the script computes the loss without a name, to print it, say, and several claims fit.

    They are its very gradients, with no constant to explain: a coincidence cannot be that.
    """
    judgement = subject.judgement
    assert judgement is not None
    right = [i for i, c in enumerate(judgement.comparisons) if c.is_right]
    written = (one for one in subject.judged if one.spec.is_written and not one.blocked)
    return len(right) > 1 and any(
        is_training_loss(subject, one) and all(_is_exact(one.comparisons[i]) for i in right)
        for one in written
    )


def _is_exact(found: Comparison) -> bool:
    return found.agreement is Agreement.EQUAL and not found.cancelled


def _is_held(subject: Subject, i: int) -> bool:
    """Whether a gradient is a zero that somebody wrote: the parameter is held where it is on purpose."""
    gradient = subject.case.claims[i].gradient
    if gradient is None:
        return False
    node = subject.case.trace.nodes[gradient]
    return node.is_leaf and node.shape == () and node.value == 0


def _uneven(subject: Subject) -> Iterator[Finding]:
    """Claims whose constant is another one than that of the most."""
    judgement = subject.judgement
    assert judgement is not None
    reference = reference_group(judgement.comparisons)
    usual = next((judgement.comparisons[i].scale or 1.0 for i in reference), 1.0)
    for i, found in enumerate(judgement.comparisons):
        if i in reference or found.scale is None or found.is_penalised:
            continue
        claim = subject.case.claims[i]
        factor = name_factor(
            subject.module, subject.case.trace, subject.case.facts, found.scale / usual
        )
        message = (
            f"the gradient of {claim.place} is {factor.told()} times as large as it should be beside the "
            f"others: together they do not descend {judgement.spec.name}."
        )
        yield Finding(
            "GL103", NAMES["GL103"], severity_of("GL103", judgement.spec.named), subject.line_of(i),
            message, help="scale it as the others are", about=(claim.place,),
        )  # fmt: skip


def _common(subject: Subject, wrong: list[int], began: s.Stmt | None) -> Finding:
    """One finding for several claims: where it `began`, else at the first line that is not the loss's own."""
    judgement = subject.judgement
    assert judgement is not None
    line = subject.first_backward_line(subject.line_of(wrong[0]), of=wrong)
    line = line if began is None else subject.line(began.span)
    names = ", ".join(dict.fromkeys(subject.case.claims[i].name for i in wrong))
    message = (
        f"{names} are not the gradients of {judgement.spec.name}; from this line on, nothing is the "
        f"gradient of a step of the forward pass."
    )
    return Finding(
        "GL199", NAMES["GL199"], severity_of("GL199", _is_certain(subject)), line, message,
        help="start from the loss: write down its derivative in the output first",
        about=tuple(subject.case.claims[i].place for i in wrong),
    )  # fmt: skip


def _is_certain(subject: Subject) -> bool:
    """Whether nothing between the parameters and the steps was left open."""
    judgement = subject.judgement
    assert judgement is not None
    if isinstance(subject.module, Driven):
        return judgement.right > 0 and not subject.case.trace.failures
    return not subject.case.trace.failures and is_training_loss(subject, judgement)


def _when(subject: Subject) -> str:
    """At what a function was tried that is right at the simplest values."""
    if not isinstance(subject.module, Driven):
        return ""
    forms = subject.module.supposed
    options = [f"{name} = {value}" for name, value in subject.module.options.items()]
    options += [f"{key} = {form.value}" for key, form in forms.items() if form.kind == "text"]
    axes = [f"{key} with {form.rank} axes" for key, form in forms.items() if form.kind == "array"]
    windows = [key for key, form in forms.items() if form.kind == "list"]
    told = options or [f"{key} of two different sizes" for key in windows] or axes
    return f" for {', '.join(told)}" if told else ""


def _finding(subject: Subject, i: int) -> Finding:
    judgement, claim = subject.judgement, subject.case.claims[i]
    assert judgement is not None
    found = judgement.comparisons[i]
    derived = derivation_of(subject, i)
    if derived is not None and stands(subject, i, derived.text):
        derived = None
    line = subject.first_backward_line(subject.line_of(i), of=[i])
    name = _name_of(claim)
    kind = "the opposite of" if found.agreement is Agreement.OPPOSITE else "not"
    if found.agreement is Agreement.SCALED and found.scale is not None:
        case = subject.case
        factor = name_factor(subject.module, case.trace, case.facts, found.scale)
        kind = f"{factor.told()} times"
    message = (
        f"{name} is {kind} the gradient of {judgement.spec.name} in {claim.place}{_when(subject)}."
    )
    if derived is not None:
        message += f" It should be {derived.text}."
    certain = judgement.right > 0 and judgement.spec.named and _is_certain(subject)
    severity = severity_of("GL199", certain)
    if found.is_close and found.error is not None:
        severity = Severity.NOTE
        message += (
            f" They differ by {found.error:.1g} of its size only, as where one is an approximation."
        )
    return Finding(
        "GL199", NAMES["GL199"], severity, line, message,
        expected=None if derived is None else derived.text,
        help=_DERIVES if derived is None else _COMPARE, about=(claim.place,),
    )  # fmt: skip


def _name_of(claim: Claim) -> str:
    """What a sentence calls a claim; what a function returns without a name is what comes back."""
    if claim.gradient is None:
        return f"the {claim.name}"
    return (
        f"what comes back for {claim.place}"
        if claim.name.startswith("the gradient of ")
        else claim.name
    )
