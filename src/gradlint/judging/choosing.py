"""Choosing the loss that a script descends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradlint.claims import LossSpec, candidates, in_scale, is_of_probabilities
from gradlint.judging.case import Case
from gradlint.judging.held_out import takes_other_rows
from gradlint.judging.judge import EVEN, Judgement, judge, located
from gradlint.judging.penalties import is_penalised_other
from gradlint.model import Agreement
from gradlint.tracing import Trace, TraceNode


def choose(case: Case) -> tuple[Judgement | None, list[Judgement]]:
    """The loss that the script descends, judged, and all that were considered.

    A written loss that all claims fit wins, then an inferred one that all fit. Else the named loss
    that most claims fit; without one, the inferred loss that most claims fit.
    """
    first = case.points[0]
    written, inferred = candidates(first.frozen, first.trace, first.known, case.claims)
    judged = [(spec, judge(case, spec)) for spec in (*written, *inferred)]
    found = [j for _, j in judged if j is not None and (_touches(j) or _is_moved(case, j))]
    live = [j for j in found if not _is_held_out(case, j)] or found
    chosen = _with_its_own_penalty(case, _chosen(live, first.frozen), live)
    guessed = chosen is not None and not chosen.spec.is_written and not chosen.explained
    if guessed and any(j is None and _is_saturated(case, spec) for spec, j in judged):
        return None, live  # it may well be the loss that is not finite here that is descended
    told = _with_decay(case, _in_its_scale(case, chosen))
    return told, [told if told is not None and one is chosen else one for one in live]


def _in_its_scale(case: Case, judgement: Judgement | None) -> Judgement | None:
    """Judged against the mean, where all gradients are those of the mean of a loss that nobody wrote."""
    if judgement is None or judgement.spec.is_written or not judgement.explained:
        return judgement
    scales = next((c.scales for c in judgement.comparisons if c.is_right and not c.cancelled), ())
    spec = in_scale(judgement.spec, [point.frozen for point in case.points], scales)
    again = None if spec is None or spec == judgement.spec else judge(case, spec)
    if again is None or not again.explained:
        return judgement
    even = all(c.agreement is not Agreement.SCALED for c in again.comparisons)
    return again if even else judgement


def _with_its_own_penalty(
    case: Case, chosen: Judgement | None, live: list[Judgement]
) -> Judgement | None:
    """The written loss that is the one inferred and a penalty, where the gradients have another penalty."""
    if chosen is None or chosen.spec.is_written:
        return chosen
    if not any(c.is_right and c.is_penalised for c in chosen.comparisons):
        return chosen
    written = (one for one in live if one.spec.is_written and one.spec.named)
    return next((one for one in written if is_penalised_other(case, one, chosen)), chosen)


def _with_decay(case: Case, judgement: Judgement | None) -> Judgement | None:
    """Told with the penalties that are meant to be in the gradients alone, or in the loss alone.

    Beside a loss that nobody wrote a gradient may have any; beside a written one it may lack one that a
    statement of its own takes.
    """
    if judgement is None:
        return None
    free = judgement.explained and not judgement.spec.is_written
    pairs = list(zip(case.claims, judgement.comparisons, strict=True))
    decays = tuple(c.place for c, found in pairs if (found.decay if free else found.apart))
    shrinks = tuple(c.place for c, found in pairs if found.shrink and free)
    if not decays and not shrinks:
        return judgement
    spec = replace(judgement.spec, decays=decays, shrinks=shrinks)
    if not spec.is_written:
        spec = replace(spec, name=f"{spec.name}, plus {'a penalty' if shrinks else 'weight decay'}")
    return replace(judgement, spec=spec)


def _is_held_out(case: Case, judgement: Judgement) -> bool:
    """Whether a written loss is one to look at, of samples that no step is made from."""
    point = case.points[0]
    return (
        judgement.spec.is_written
        and judgement.right == 0
        and case.trace.objective is None
        and takes_other_rows(point.trace, point.claims, point.frozen, judgement.truths[0].loss)
    )


def is_saturated(case: Case) -> bool:
    """Whether a cross-entropy may be meant that is not finite at the points tried."""
    first = case.points[0]
    _, inferred = candidates(first.frozen, first.trace, first.known, case.claims)
    return any(located(case, spec) is None and _is_saturated(case, spec) for spec in inferred)


def _is_saturated(case: Case, spec: LossSpec) -> bool:
    """Whether the outputs that `spec` is the loss of are probabilities at every point."""
    return all(is_of_probabilities(point.frozen, spec, point.known) for point in case.points)


def _chosen(live: list[Judgement], frozen: Trace) -> Judgement | None:
    named = [j for j in live if j.spec.is_written and j.spec.named]
    written = [j for j in live if j.spec.is_written]
    inferred = [j for j in live if not j.spec.is_written]
    orders = (
        (written, _exact), (written, _consistent), (named, _all_right),
        (inferred, _steady), (inferred, _consistent), (inferred, _explained), (written, _all_right),
    )  # fmt: skip
    for pool, good in orders:
        for judgement in pool:
            if good(judgement):
                return judgement
    best = max(named or inferred or live, key=_promise, default=None)
    if best is None or best.right:
        return best
    return _descended(best, inferred) or _whole(best, named, frozen)


def _whole(part: Judgement, named: list[Judgement], frozen: Trace) -> Judgement:
    """Where no claim fits, the sum that a loss is a part of: `loss = data_loss + reg_loss`."""
    inside = part.truths[0].loss
    return next((one for one in named if _adds(frozen.nodes[one.truths[0].loss], inside)), part)


def _adds(made: TraceNode, part: int) -> bool:
    return made.op == "add" and part in made.inputs


def _descended(named: Judgement, inferred: list[Judgement]) -> Judgement | None:
    """The inferred loss that claims descend none of which fits the named value.

    They climb it, a log-likelihood, or it is a value of all samples beside the steps of one, and most fit.
    """
    climbed = {i for i, c in enumerate(named.comparisons) if c.agreement is Agreement.OPPOSITE}
    fits = (one for one in inferred if _fits(one, climbed))
    return max(fits, key=_promise, default=None)


def _fits(inferred: Judgement, climbed: set[int]) -> bool:
    right = {i for i, c in enumerate(inferred.comparisons) if c.is_right}
    if len(climbed) > 1 and right >= climbed:
        return True
    return len(right) > 1 and 2 * len(right) > len(inferred.comparisons)


def _exact(judgement: Judgement) -> bool:
    """Each claim the gradient itself, with no constant to explain."""
    return judgement.consistent and all(
        c.agreement is Agreement.EQUAL for c in judgement.comparisons
    )


def _consistent(judgement: Judgement) -> bool:
    return judgement.consistent


def _steady(judgement: Judgement) -> bool:
    """Consistent, with one constant at all points: any loss of one sample has gradients along one line."""
    scales = [scale for c in judgement.comparisons if not c.cancelled for scale in c.scales]
    return judgement.consistent and (not scales or max(scales) <= min(scales) * (1 + EVEN))


def _explained(judgement: Judgement) -> bool:
    return judgement.explained


def _all_right(judgement: Judgement) -> bool:
    """Each claim right up to a constant of its own and weight decay."""
    return judgement.right == len(judgement.comparisons)


def _touches(judgement: Judgement) -> bool:
    """Whether the loss depends on some parameter at all: the true gradient is not zero.

    An inverted mask is at right angles to the truth, but neither of the two vanishes.
    """
    return any(
        c.agreement is not Agreement.UNKNOWN
        and not c.cancelled
        and (c.cosine != 0.0 or c.error != 1.0)
        for c in judgement.comparisons
    )


def _is_moved(case: Case, judgement: Judgement) -> bool:
    """Whether an objective that is certain depends on a parameter whose claim is zero wherever it is not."""
    if case.trace.objective is None or any(c.cosine is None for c in judgement.comparisons):
        return False
    pairs = list(zip(case.points, judgement.truths, strict=False))
    return all(
        any(np.any(true.gradient(point.frozen, root)) for point, true in pairs)
        for root in case.points[0].known
    )


def _promise(judgement: Judgement) -> tuple[int, int, int, float]:
    """How well a loss explains the claims: right ones, those without decay, opposite ones, the cosine."""
    plain = sum(c.is_right and not c.is_penalised for c in judgement.comparisons)
    opposite = sum(c.agreement is Agreement.OPPOSITE for c in judgement.comparisons)
    cosines = [c.cosine or 0.0 for c in judgement.comparisons]
    return judgement.right, plain, opposite, float(np.mean(np.abs(cosines))) if cosines else 0.0
