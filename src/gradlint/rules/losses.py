"""GL201 and GL205: the loss that is written against the one that is descended."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradlint.judging import Judgement
from gradlint.judging.penalties import are_along
from gradlint.model import Agreement, Finding
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.other_samples import of_other_samples
from gradlint.rules.scales import name_factor
from gradlint.rules.subject import Subject


def findings(subject: Subject) -> list[Finding]:
    """What is to be said of the loss of a script whose gradients fit some loss."""
    judgement = subject.judgement
    if judgement is None or not judgement.consistent:
        return []
    found = list(_disagreeing(subject, judgement))
    return found or list(_scaled(subject, judgement))


def _disagreeing(subject: Subject, judgement: Judgement) -> Iterator[Finding]:
    """The gradients fit an inferred loss, and a loss of another kind is written."""
    if judgement.spec.is_written:
        return
    for other in subject.judged:
        written = other.spec.is_written and other.spec.named
        same = _is_comparable(other) or _is_of_same_output(subject, judgement, other)
        if not written or not same or is_maximised(other) or not is_training_loss(subject, other):
            continue
        if _is_added_up(subject, judgement, other):
            return
        if not of_other_samples(subject, other) or not _is_akin(subject, judgement, other):
            message = (
                f"these are the gradients of {judgement.spec.name}, but {other.spec.name} "
                f"({other.spec.span.told}) is another loss: what is printed is not what is descended."
            )
            advice = f"write {judgement.spec.name} as the loss, or derive the gradient of {other.spec.name}"
            yield Finding("GL201", NAMES["GL201"], severity_of("GL201", True),
                          subject.line(judgement.spec.span), message, help=advice)  # fmt: skip
            return


def _is_added_up(subject: Subject, inferred: Judgement, other: Judgement) -> bool:
    """Whether the gradients are those of all values that a loss had in a round: of several small batches."""
    point, spec = subject.case.points[0], other.spec
    rounds = [one for one in subject.judged if one.spec.is_written and one.spec.name == spec.name]
    pairs = [
        (
            sum(np.ravel(one.truths[0].gradient(point.frozen, root)) for one in rounds),
            np.ravel(inferred.truths[0].gradient(point.frozen, root)),
        )
        for root in point.known
    ]
    return len(rounds) > 1 and all(are_along(total, true) for total, true in pairs)


def _is_akin(subject: Subject, inferred: Judgement, other: Judgement) -> bool:
    """Whether a written loss is of the inferred kind: both of squares, or both of logarithms."""
    trace = subject.case.points[0].frozen
    near = {trace.nodes[n].op for n in _near(subject, other)}
    return bool(near & _LOGARITHMIC) != (inferred.spec.family == "squared")


def is_maximised(judgement: Judgement) -> bool:
    """Whether the claims climb a written value: a log-likelihood."""
    scales = [c.scale or 0.0 for c in judgement.comparisons]
    opposite = all(c.agreement is Agreement.OPPOSITE for c in judgement.comparisons)
    return bool(scales) and opposite and np.ptp(scales) <= 1e-5 * abs(scales[0])


def is_training_loss(subject: Subject, judgement: Judgement) -> bool:
    """Whether a written loss is one that people descend: made with a square or a logarithm.

    A mean absolute error or an accuracy beside another loss is a metric to look at.
    """
    trace = subject.case.points[0].frozen
    near = {trace.nodes[n].op for n in _near(subject, judgement)}
    return bool(near & _SMOOTH) and ("abs" not in near or bool(near & {"power", "square", "log"}))


_LOGARITHMIC = {
    "log", "log1p", "logaddexp", "log_softmax", "softplus", "cross_entropy", "binary_cross_entropy",
}  # fmt: skip
_SMOOTH = {"power", "square", "mse_loss", "multiply"} | _LOGARITHMIC


def _is_comparable(judgement: Judgement) -> bool:
    """Whether the claims go the way of a written loss at all; if not, it is of other data, say."""
    agreements = {c.agreement for c in judgement.comparisons}
    cosines = [c.cosine for c in judgement.comparisons if c.cosine is not None]
    return Agreement.UNKNOWN not in agreements and bool(cosines) and min(cosines) > 0


def _is_of_same_output(subject: Subject, inferred: Judgement, other: Judgement) -> bool:
    """Whether a written loss was made from the very output whose error is carried back, or from its equal."""
    trace, spec = subject.case.points[0].frozen, inferred.spec
    node = trace.at(spec.sites[0])
    if node is None:
        return False
    above = set(trace.ancestors([other.truths[0].loss]))
    outputs = [i for i in trace.nodes[node].inputs if i in inferred.truths[0].of]
    alike = [i for i in other.truths[0].of if i in above and trace.nodes[i].shape]
    return any(i in above for i in outputs) or any(
        np.array_equal(trace.value(i), trace.value(one)) for i in outputs for one in alike
    )


def _near(subject: Subject, judgement: Judgement) -> Iterator[int]:
    trace = subject.case.points[0].frozen
    level = [judgement.truths[0].loss]
    for _ in range(7):
        yield from level
        level = [i for n in level for i in trace.nodes[n].inputs]


def _scaled(subject: Subject, judgement: Judgement) -> Iterator[Finding]:
    """All gradients are the true ones times one positive constant: a matter of the step size."""
    clear = all(claim.is_named for claim in subject.case.claims)
    if not judgement.spec.is_written or not judgement.spec.named or not clear:
        return
    scales = [c.scale for c in judgement.comparisons if c.scale is not None]
    steady = all(
        np.ptp(c.scales) <= 1e-5 * abs(c.scales[0]) for c in judgement.comparisons if c.scales
    )
    if not scales or not steady or abs(scales[0] - 1) < 1e-5:
        return
    factor = name_factor(subject.module, subject.case.trace, subject.case.facts, scales[0])
    message = (
        f"all gradients are {factor.told()} times those of {judgement.spec.name}. The direction is right "
        f"and the constant acts like a learning rate {factor.value:.4g} times as large."
    )
    yield Finding("GL205", NAMES["GL205"], severity_of("GL205", True),
                  subject.first_backward_line(subject.line(judgement.spec.span)), message)  # fmt: skip
