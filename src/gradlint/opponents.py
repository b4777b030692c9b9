"""Two losses in one training, each descended by parameters of its own: a generator and its critic.

Each half is judged with the steps of the other held back, as both see the other as it stands.
"""

from __future__ import annotations

from dataclasses import replace

from gradlint.claims import LossSpec, locate
from gradlint.judging import Case, Judgement, choose, walk_case
from gradlint.judging.case import Point
from gradlint.model import Agreement
from gradlint.rules.subject import Subject


def apart(subject: Subject) -> list[Subject] | None:
    """The two halves of a training; None where it has one loss.

    What is wrong under the loss that was chosen must be right, in part at least, under another one that
    somebody wrote, and no written loss may be made of both: parts of a sum are no losses of their own.
    """
    first = subject.judgement
    if first is None or not _is_named(first) or not first.right or not subject.wrong:
        return None
    right = [
        c.agreement not in (Agreement.DIFFERENT, Agreement.OPPOSITE) for c in first.comparisons
    ]
    others = _with_held(subject.case, right)
    if not others.claims:
        return None
    second, judged = choose(others)
    if second is None or not _is_named(second) or not second.right:
        return None
    if not _are_apart(others, first.spec, second, judged):
        return None
    own = _restricted(subject.case, right)
    seen = replace(subject.explored, facts=others.facts, trace=others.trace)
    return [
        replace(
            subject, case=own, judgement=_of(first, right), judged=[],
            elsewhere=subject.elsewhere | _steps(others),
        ),
        replace(
            subject, explored=seen, case=others, judgement=second, judged=judged,
            elsewhere=subject.elsewhere | _steps(own), opposed=True,
        ),
    ]  # fmt: skip


def _steps(case: Case) -> frozenset[int]:
    return frozenset(id(update.statement) for claim in case.claims for update in claim.updates)


def _is_named(judgement: Judgement) -> bool:
    return judgement.spec.is_written and judgement.spec.named


def _with_held(case: Case, right: list[bool]) -> Case:
    """The training with the steps of the claims that are right held back."""
    facts = case.facts.copy()
    held = facts.held | _steps(_restricted(case, right))
    return walk_case(case.module, replace(facts, held=held))


def _restricted(case: Case, kept: list[bool]) -> Case:
    """The case with the claims that are `kept` alone, at every point."""
    places = {c.place for c, keep in zip(case.claims, kept, strict=True) if keep}
    points = []
    for point in case.points:
        pairs = [
            (claim, root)
            for claim, root in zip(point.claims, point.roots, strict=True)
            if claim.place in places
        ]
        points.append(
            Point(point.trace, point.frozen, [c for c, _ in pairs], [root for _, root in pairs])
        )
    return Case(case.module, case.facts, points)


def _of(judgement: Judgement, kept: list[bool]) -> Judgement:
    comparisons = zip(judgement.comparisons, kept, strict=True)
    return replace(judgement, comparisons=tuple(c for c, keep in comparisons if keep))


def _are_apart(case: Case, first: LossSpec, second: Judgement, judged: list[Judgement]) -> bool:
    """Whether neither loss is made of the other, and no written one of both."""
    trace = case.points[0].frozen
    roots = [root for root in case.points[0].roots if root is not None]
    one, other = locate(trace, first, roots), second.truths[0].loss
    if one is None or one == other:
        return False
    sums = [set(trace.ancestors([j.truths[0].loss])) for j in judged if j.spec.is_written]
    mixed = any(one in above and other in above for above in sums)
    return not mixed and one not in trace.ancestors([other]) and other not in trace.ancestors([one])
