"""GL202 to GL204: the regularisation term against the loss."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.judging.penalties import stated_decay
from gradlint.model import Finding, Span
from gradlint.rules.conventions import penalises
from gradlint.rules.naming import NAMES, severity_of
from gradlint.rules.scales import name_factor
from gradlint.rules.subject import Subject
from gradlint.tracing import Trace

_CLOSE = 1e-5


def findings(subject: Subject) -> list[Finding]:
    """What weight decay in the gradients says, of one beside a loss that nobody wrote its sign alone."""
    judgement = subject.judgement
    if judgement is None or penalises(subject) is not None:
        return []
    if not judgement.spec.is_written:
        return list(_growing(subject))[:1]
    mended = {i for r in subject.repairs for i in r.mended if not r.comparisons[i].is_penalised}
    left = (i for i in range(len(judgement.comparisons)) if i not in mended)
    found = [f for i in left for f in _claim(subject, i)]
    return found if any(f.code != "GL204" for f in found) else found[:1]


def _growing(subject: Subject) -> Iterator[Finding]:
    """A penalty of the wrong sign beside a gradient of the right one: no loss asks for large parameters."""
    assert subject.judgement is not None
    pairs = zip(subject.case.claims, subject.judgement.comparisons, strict=True)
    for i, (claim, found) in enumerate(pairs):
        strength = found.decay or found.shrink
        if found.scale is not None and found.scale > 0 > strength:
            message = (
                f"the penalty on {claim.place} has the wrong sign: each step makes {claim.place} larger "
                f"where weight decay makes it smaller."
            )
            line = subject.line(_place(subject, i))
            severity = severity_of("GL102", certain=False)
            yield Finding("GL102", NAMES["GL102"], severity, line, message, about=(claim.place,))


def _claim(subject: Subject, i: int) -> Iterator[Finding]:
    judgement, claim = subject.judgement, subject.case.claims[i]
    assert judgement is not None
    found = judgement.comparisons[i]
    if not found.is_penalised or found.scale is None:
        return
    if found.shrink:
        yield from _lasso(subject, i)
        return
    stated = stated_decay(subject.case, judgement, i)
    written = abs(found.scale) * stated + found.decay
    line = subject.line(_place(subject, i))
    if stated == 0:
        message = (
            f"the gradient of {claim.place} has a regularisation term ({written:.4g} * {claim.place}) "
            f"that {judgement.spec.name} does not have. The loss that is printed is not the one that is "
            f"descended."
        )
        advice = f"add {written / 2:.4g} * sum({claim.place} ** 2) to the loss, or drop the term"
        yield _finding(claim.place, "GL202", line, message, advice)
    elif abs(found.scale - 1) > _CLOSE and abs(written - stated) < _CLOSE * abs(stated):
        message = data_term_sentence(subject, found.scale)
        advice = "scale the data term of the gradient as the loss does"
        yield _finding(
            claim.place,
            "GL204",
            subject.first_backward_line(subject.line_of(i)),
            message,
            advice,
        )
    else:
        kind = "lacks the regularisation term" if abs(written) < _CLOSE * abs(stated) else (
            f"{'is' if found.apart else 'has'} {written / stated / found.scale:.3g} times "
            f"the regularisation term")  # fmt: skip
        what = "what the weight decay takes of" if found.apart else "the gradient of"
        message = f"{what} {claim.place} {kind} that {judgement.spec.name} asks for."
        term = f"{found.scale * stated:.4g} * {claim.place}"
        advice = f"with the rate taken out it should be {term}" if found.apart else (
            f"the term should be {term}")  # fmt: skip
        yield _finding(claim.place, "GL203", line, message, advice)


def _lasso(subject: Subject, i: int) -> Iterator[Finding]:
    """The slope of an absolute value that the loss does not have; where it has one, nothing is known."""
    judgement, place = subject.judgement, subject.case.claims[i].place
    assert judgement is not None
    found = judgement.comparisons[i]
    if stated_decay(subject.case, judgement, i):
        return
    terms = [f"{found.shrink:.4g} * sign({place})"]
    terms += [f"{found.decay:.4g} * {place}"] if found.decay else []
    message = (
        f"the gradient of {place} has a regularisation term ({' + '.join(terms)}) that "
        f"{judgement.spec.name} does not have. The loss that is printed is not the one that is descended."
    )
    advice = f"add {found.shrink:.4g} * sum(abs({place})) to the loss, or drop the term"
    line = subject.line(_place(subject, i))
    yield _finding(place, "GL202", line, message, advice)


def _finding(place: str, code: str, line: Span, message: str, advice: str) -> Finding:
    severity = severity_of(code, True)
    return Finding(code, NAMES[code], severity, line, message, help=advice, about=(place,))


def _place(subject: Subject, i: int) -> Span:
    """The place that adds the term: the last one that stores a gradient made from the parameter."""
    claim, trace = subject.case.claims[i], subject.case.trace
    if claim.shrunk:
        return trace.shrinks[claim.root][1].span
    ends = {n for update in claim.updates for _, n in update.change}
    above = set(trace.ancestors(ends, since=claim.root))
    for store in reversed(trace.stores):
        node = store.new
        made = node is not None and node in above and node > claim.root and node not in ends
        if made and node is not None and claim.root in _terms(trace, node):
            return store.statement.span
    return subject.line_of(i)


def _terms(trace: Trace, node: int, depth: int = 6) -> set[int]:
    entry = trace.nodes[node]
    if depth == 0 or entry.op not in ("add", "subtract", "multiply", "divide", "copy"):
        return {node}
    return {node} | {t for i in entry.inputs for t in _terms(trace, i, depth - 1)}


def data_term_sentence(subject: Subject, scale: float) -> str:
    """What to say of a data term that is `scale` times that of the loss beside a penalty that is not."""
    judgement = subject.judgement
    assert judgement is not None
    factor = name_factor(subject.module, subject.case.trace, subject.case.facts, scale)
    return (
        f"the data term of the gradient is {factor.told()} times that of {judgement.spec.name}, while "
        f"the regularisation term is not: together they have another minimum than the loss."
    )
