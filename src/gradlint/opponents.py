"""Two losses in one training, each descended by parameters of its own: a generator and its critic.

Each half is judged with the steps of the other held back, as both see the other as it stands.
"""

from __future__ import annotations

from dataclasses import replace

from gradlint.claims import locate
from gradlint.judging import Case, Judgement, choose, walk_case
from gradlint.judging.case import restricted
from gradlint.model import Agreement
from gradlint.rules.subject import Subject
from gradlint.tracing import Trace


def apart(subject: Subject) -> list[Subject] | None:
    """The two halves of a training; None where it has one loss.

    What is wrong under the loss that was chosen must be right, in part at least, under another one that
    somebody wrote, and no written loss may be made of both: parts of a sum are no losses of their own.
    Where it was made on the way to another loss and cannot be told apart, nothing is judged.
    """
    first = subject.judgement
    if first is None or not _is_named(first) or not first.right or not subject.wrong:
        return None
    halves = _halves(subject, first)
    if halves is None and _aims_elsewhere(subject, first):
        return [replace(subject, judgement=None, judged=[])]
    return halves


def _halves(subject: Subject, first: Judgement) -> list[Subject] | None:
    right = [
        c.agreement not in (Agreement.DIFFERENT, Agreement.OPPOSITE) for c in first.comparisons
    ]
    places = {c.place for c, fits in zip(subject.case.claims, right, strict=True) if fits}
    own = restricted(subject.case, lambda _, claim: claim.place in places)
    if len(own.claims) != sum(right):
        return None  # what has one name is right in part
    others = _with_held(subject.case, own)
    if not others.claims:
        return None
    second, judged = choose(others)
    if second is None or not _is_named(second) or not second.right:
        return None
    one = locate(others.points[0].frozen, first.spec, others.points[0].known)
    if one is None or not _are_apart(others.points[0].frozen, one, second.truths[0].loss, judged):
        return None
    seen = replace(subject.explored, facts=others.facts, trace=others.trace)
    return [
        replace(
            subject, case=own, judgement=_of(first, right), judged=[],
            elsewhere=subject.elsewhere | others.steps, opposed=True, derived={},
        ),
        replace(
            subject, explored=seen, case=others, judgement=second, judged=judged,
            elsewhere=subject.elsewhere | own.steps, opposed=True, derived={},
        ),
    ]  # fmt: skip


def _aims_elsewhere(subject: Subject, first: Judgement) -> bool:
    """Whether all that is wrong was made from what only another loss was made from."""
    point = subject.case.points[0]
    wrong = [subject.case.claims[i].gradient for i in subject.wrong]
    made = [set(point.trace.ancestors([node])) for node in wrong if node is not None]
    one = locate(point.trace, first.spec, point.known)
    if one is None or len(made) < len(wrong):
        return False
    for judgement in subject.judged:
        other = locate(point.trace, judgement.spec, point.known) if _is_named(judgement) else None
        loss = judgement.truths[0].loss
        if other is None or not _are_apart(
            point.frozen, first.truths[0].loss, loss, subject.judged
        ):
            continue
        own = set(point.trace.ancestors([other])) - set(point.trace.ancestors([one]))
        if all(own & above for above in made):
            return True
    return False


def _is_named(judgement: Judgement) -> bool:
    return judgement.spec.is_written and judgement.spec.named


def _with_held(case: Case, own: Case) -> Case:
    """The training with the steps of `own` held back."""
    facts = case.facts.copy()
    return walk_case(case.module, replace(facts, held=facts.held | own.steps))


def _of(judgement: Judgement, kept: list[bool]) -> Judgement:
    comparisons = zip(judgement.comparisons, kept, strict=True)
    return replace(judgement, comparisons=tuple(c for c, keep in comparisons if keep))


def _are_apart(trace: Trace, one: int, other: int, judged: list[Judgement]) -> bool:
    """Whether neither loss is made of the other, and no written one of both."""
    if one == other:
        return False
    sums = [set(trace.ancestors([j.truths[0].loss])) for j in judged if j.spec.is_written]
    mixed = any(one in above and other in above for above in sums)
    return not mixed and one not in trace.ancestors([other]) and other not in trace.ancestors([one])
