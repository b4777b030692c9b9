"""The verdict of a script, and the reason where it could not be checked."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from gradlint.claims.names import gradient_of, last_part, says_loss
from gradlint.claims.phases import later_steps
from gradlint.driving.passes import refuses
from gradlint.driving.variants import left_at_nothing
from gradlint.model import Agreement, Finding, Severity, Verdict
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules import conventions
from gradlint.rules.autograd_only import leaves_to_autograd
from gradlint.rules.fused import is_fused
from gradlint.rules.given_apart import given_apart
from gradlint.rules.handed_in import only_steps
from gradlint.rules.left_behind import left_behind
from gradlint.rules.odd_sizes import odd_sizes
from gradlint.rules.repeated import repeats
from gradlint.rules.sampled import is_of_another, sampled_at
from gradlint.rules.subject import Subject
from gradlint.rules.unaccounted import unaccounted
from gradlint.rules.uncovered import lost, uncovered, unused_gradient
from gradlint.rules.unjudged import derivatives, unjudged
from gradlint.rules.unsummed import is_unsummed
from gradlint.tracing import Driven, Opaque, Store

_DESCENT = re.compile(
    r"grad|backprop|backward|delta|deriv|learning|\blr\b|loss|\bcost\b|\berr(or)?s?\b|train|weight"
    r"|descent|epoch",
    re.IGNORECASE,
)


_FUSED = (
    "what comes from upstream is taken for the gradient in what the last activation is given, right only"
    " where it is that"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    reason: str | None = None


def outcome(
    subject: Subject, findings: tuple[Finding, ...], covered: Container[str] = ()
) -> Outcome:
    """The verdict that the findings and the claims add up to; `covered` functions are judged elsewhere."""
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Outcome(Verdict.WRONG)
    if Severity.WARNING in severities:
        return Outcome(Verdict.SUSPECT)
    return _without_findings(subject, covered)


_ORDER = (
    Verdict.WRONG, Verdict.SUSPECT, Verdict.UNVERIFIED, Verdict.CORRECT, Verdict.NOT_APPLICABLE,
)  # fmt: skip


def worst(outcomes: list[Outcome]) -> Outcome:
    """The outcome of a script with several training loops: the worst of theirs."""
    return min(outcomes, key=lambda one: _ORDER.index(one.verdict))


def _descends(subject: Subject) -> bool:
    """Whether the names of the script speak of gradients, losses or training at all."""
    words = (
        getattr(node, field, None)
        for node in descend(subject.module.everything)
        for field in ("id", "attr", "name")
    )
    return any(isinstance(word, str) and _DESCENT.search(word) for word in words)


def _without_findings(subject: Subject, covered: Container[str]) -> Outcome:
    stopped = _stopped(subject)
    if isinstance(subject.module, Driven) and not subject.case.claims:
        return Outcome(Verdict.UNVERIFIED, _undriven(subject))
    if not subject.case.claims:
        return _of_no_claims(subject, covered, stopped)
    if subject.case.trace.unread:
        return Outcome(Verdict.UNVERIFIED, _undriven(subject))
    return _of_a_convention(subject) or _of_a_caveat(subject) or _of_explained(subject, stopped)


def _of_no_claims(subject: Subject, covered: Container[str], stopped: str | None) -> Outcome:
    blamed = stopped if _descends(subject) and not covered else _unclaimed(subject)
    blamed = blamed or (_unread_step(subject, covered) if covered else None)
    reason = blamed or next(_trained_again(subject), None) or _uncalled(subject, covered)
    reason = reason or _unstepped(subject, covered)
    if leaves_to_autograd(subject.module):
        return Outcome(Verdict.NOT_APPLICABLE)
    return Outcome(Verdict.UNVERIFIED if reason else Verdict.NOT_APPLICABLE, reason)


def _of_a_convention(subject: Subject) -> Outcome | None:
    """What is said of gradients that are meant to differ from those of the loss."""
    if (penalised := conventions.penalises(subject)) is not None:
        reason = (
            f"the gradient of {penalised} has a penalty in it: right only where the loss has it too"
        )
        return Outcome(Verdict.UNVERIFIED, reason)
    if conventions.takes_mean_late(subject):
        return Outcome(Verdict.CORRECT)
    if conventions.alters_gradient(subject) and subject.wrong:
        reason = "forward hands on what it is given, so that backward changes the gradient is meant"
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({subject.line_of(0).told})")
    if conventions.is_guided(subject):
        reason = "backward hands on nothing where what comes in is negative, as guided backpropagation does"
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({subject.line_of(0).told})")
    if (given := conventions.gives_delta(subject)) is not None:
        reason = f"the gradient is that in what goes into the softmax or sigmoid that makes {given}"
        where = subject.line_of(0).told
        return Outcome(
            Verdict.UNVERIFIED, f"{reason}, right only where it is taken for that ({where})"
        )
    return None


def _of_a_caveat(subject: Subject) -> Outcome | None:
    """What is said of gradients that are right only under a condition which nothing here decides."""
    if (denied := subject.denied) is not None:
        reason = f"no inputs were found at which {subject.module.excerpt(denied.span)} holds"
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({denied.span.told})")
    if isinstance(subject.module, Driven) and (options := left_at_nothing(subject.module)):
        called, named = subject.module.drive.name, ", ".join(options)
        reason = f"{called}() is right without {named}; with it, it could not be compared"
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({subject.line_of(0).told})")
    if (drawn := sampled_at(subject)) is not None:
        reason = f"the loss is made from a random draw, which has no slope ({drawn.told})"
        other = is_of_another(subject)
        return Outcome(Verdict.NOT_APPLICABLE if other else Verdict.UNVERIFIED, reason)
    if isinstance(subject.module, Driven) and subject.module.square:
        reason = "the gradients are right for images that are as high as they are wide, and for no others"
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({subject.line_of(0).told})")
    if is_unsummed(subject):
        reason = "the gradients are those of each sample, right only where somebody sums them"
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({subject.line_of(0).told})")
    if is_fused(subject):
        return Outcome(Verdict.UNVERIFIED, f"{_FUSED} ({subject.line_of(0).told})")
    if (odd := odd_sizes(subject)) is not None:
        return Outcome(
            Verdict.UNVERIFIED, f"no sizes were found at which {odd[0]} and {odd[1]} fit"
        )
    if (apart := given_apart(subject)) is not None:
        reason = f"the gradients are made of {apart}, of which the forward pass says nothing"
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({subject.line_of(0).told})")
    if conventions.passes_on(subject) is not None and isinstance(subject.module, Driven):
        called = subject.module.drive.name
        reason = f"{called}() hands on what it is given: right only where the loss has the derivative in it"
        return Outcome(Verdict.UNVERIFIED, reason)
    return None


_LEARNING_RATE = re.compile(r"learn(ing)?_?rate|^lr$|^l_rate$", re.IGNORECASE)


def _unstepped(subject: Subject, covered: Container[str]) -> str | None:
    """The first gradient that a script computes again and again, at some rate, with no step to be read."""
    trace, nodes = subject.explored.trace, list(descend(subject.module.everything))
    names = (node.id for node in nodes if isinstance(node, s.Name))
    if not any(_LEARNING_RATE.search(name) for name in names):
        return None
    judged = _statements_of(subject, covered)
    for store in trace.stores:
        if store.new is None or store.old is None or id(store.statement) in judged:
            continue
        if store.statement.span.file or _shows(store, covered):
            continue
        made = trace.nodes[store.new]
        if _is_gradient(store) and made.shape and not made.is_leaf:
            where = store.statement.span.told
            return f"{store.place} is computed, but no step along it could be read ({where})"
    return None


def _shows(store: Store, covered: Container[str]) -> bool:
    """Whether a gradient is what a function returns that is judged by itself: the script only shows it."""
    value = getattr(store.statement, "value", None)
    called = value.func if isinstance(value, s.Call) else None
    return isinstance(called, s.Name) and called.id in covered


def _statements_of(subject: Subject, covered: Container[str]) -> set[int]:
    """The identities of all that stands in the functions that are judged elsewhere."""
    nodes = descend(subject.module.everything)
    functions = (n for n in nodes if isinstance(n, s.FunctionDef) and n.name in covered)
    return {id(inner) for function in functions for inner in descend(function.body)}


def _unread_step(subject: Subject, covered: Container[str]) -> str | None:
    """The first array that the script itself steps by something at some rate that could not be followed."""
    trace, judged = subject.explored.trace, _statements_of(subject, covered)
    for store in trace.stores:
        if id(store.statement) in judged:
            continue
        value = getattr(store.statement, "value", None)
        unread = store.opaque is not None and store.opaque.kind != "autograd"
        if not unread or store.old is None or not trace.nodes[store.old].shape:
            continue
        scaled = any(isinstance(n, s.BinOp) and n.op == "*" for n in descend((value,)))
        if scaled and _is_step(subject, store) and _descends(subject):
            where = store.statement.span.told
            return f"the step of {store.place} could not be followed ({where})"
    return None


def _unclaimed(subject: Subject) -> str | None:
    """The first array that the script itself moves although nothing could be claimed of its step."""
    trace = subject.explored.trace
    for update in trace.updates:
        if trace.nodes[update.old].shape and _descends(subject):
            where = update.statement.span.told
            return f"{update.place} changes, but not by a step that could be read ({where})"
    return None


def _of_explained(subject: Subject, stopped: str | None) -> Outcome:
    """The verdict of claims that nothing was said against."""
    judgement = subject.judgement
    if judgement is not None and any(c.is_close for c in judgement.comparisons):
        i = next(i for i, c in enumerate(judgement.comparisons) if c.is_close)
        reason = f"{subject.case.claims[i].name} is only nearly that of {judgement.spec.name}"
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({subject.line_of(i).told})")
    if judgement is None or not judgement.explained:
        return _undecided(subject)
    untold = [i for i, c in enumerate(judgement.comparisons) if c.agreement is Agreement.UNKNOWN]
    if untold:
        claim, found = subject.case.claims[untold[0]], judgement.comparisons[untold[0]]
        how = "vanishes or is not finite at every point that was tried"
        if found.error is not None:
            how = (
                "is another multiple of the gradient of its one entry at each point that was tried"
            )
        reason = f"{claim.name} {how}"
        return Outcome(Verdict.UNVERIFIED, stopped or f"{reason} (line {claim.line})")
    if not judgement.spec.is_written and not _descends(subject):
        return Outcome(Verdict.NOT_APPLICABLE)
    doubt = stopped or next(_doubts(subject), None)
    return Outcome(Verdict.CORRECT if doubt is None else Verdict.UNVERIFIED, doubt)


def _doubts(subject: Subject) -> Iterator[str]:
    """What keeps a script whose claims are right from being called correct."""
    yield from _trained_again(subject)
    yield from unaccounted(subject)
    idle = unused_gradient(subject)
    if idle is not None:
        where, name = idle.statement.span.told, gradient_of(idle.place)
        yield f"{idle.place} is computed, but no step moves {name} with it ({where})"
    for left in left_behind(subject):
        yield f"{left.place} never moves, although the other items do ({left.step.span.told})"
    for step in lost(subject):
        reason = step.opaque.reason if step.opaque is not None else ""
        yield f"the step of {step.place} could not be followed: {reason} ({step.statement.span.told})"
    for changed in uncovered(subject):
        where = changed.statement.span.told
        yield f"{changed.place} changes, but not by a step that could be read ({where})"


def _trained_again(subject: Subject) -> Iterator[str]:
    for later in later_steps(subject.case.trace):
        if id(later.statement) in subject.elsewhere or repeats(subject.case, later):
            continue
        where = later.statement.span.told
        yield f"{later.place} is moved again by later steps, which are not judged ({where})"


def _undecided(subject: Subject) -> Outcome:
    first, where = subject.case.claims[0], subject.line_of(0).told
    if not _descends(subject) or only_steps(subject):
        return Outcome(Verdict.NOT_APPLICABLE)
    stopped = _stopped(subject)
    if stopped is not None:
        return Outcome(Verdict.UNVERIFIED, stopped)
    judgement = subject.judgement
    if judgement is not None and judgement.blocked:
        reason = "a step without a derivative lies between the parameters and the loss"
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({where})")
    if isinstance(subject.module, Driven) and subject.case.trace.objective is not None:
        reason = (
            f"a step function has no slope: what {subject.module.drive.name}() hands on for {first.place}"
            " in its place is a choice, which nothing can be held against"
        )
        return Outcome(Verdict.UNVERIFIED, f"{reason} ({where})")
    return Outcome(
        Verdict.UNVERIFIED,
        f"no loss was found whose gradient the step of {first.place} is ({where})",
    )


_BACKWARD = re.compile(
    r"^(?!print|plot|zero|clip|check|log|show|test)(\w*_)?(backward|back_?prop\w*|bprop)$"
)


def _undriven(subject: Subject) -> str:
    """Why a function that nothing calls could not be judged with made inputs."""
    trace, name = (
        subject.case.trace,
        subject.module.drive.name if isinstance(subject.module, Driven) else "",
    )
    blamed = [
        *trace.unread,
        *trace.failures[:1],
        *(x.opaque for x in trace.stores if x.opaque is not None and x.opaque.kind != "typed"),
    ]
    misfits = subject.explored.misfits if not subject.case.claims else ()
    unknown = f"it was not found what it takes{_where_defined(subject, name)}"
    told = next(iter(misfits), None) or trace.stopped or next(iter(blamed), None)
    why = unknown if told is None else _told(told)
    return f"{name}() could not be judged by itself: {why}"


def _where_defined(subject: Subject, name: str) -> str:
    bare = name.rpartition(".")[2]
    nodes = descend(subject.module.everything)
    spans = (n.span for n in nodes if isinstance(n, s.FunctionDef) and n.name == bare)
    return next((f" ({span.told})" for span in spans), "")


def _uncalled(subject: Subject, covered: Container[str]) -> str | None:
    """The first function that is a backward pass by its name: nothing here claims what it returns."""
    for node in descend(subject.module.body):
        if (
            isinstance(node, s.FunctionDef)
            and _BACKWARD.match(node.name)
            and node.name not in covered
            and not refuses(node.body)
        ):
            where = f"(line {node.span.line})"
            return f"{node.name}() steps no parameter here; functions are not judged by themselves {where}"
    reason = next(unjudged(subject.module, covered), None)
    return reason or next(derivatives(subject.module, covered), None)


def _stopped(subject: Subject) -> str | None:
    """What stopped the analysis before a step or a gradient, with its line."""
    trace = subject.case.trace
    if trace.stopped is not None:
        return _told(trace.stopped)
    claimed = {claim.place for claim in subject.case.claims}
    for store in trace.stores:
        if store.opaque is None or store.opaque.kind == "autograd" or store.place in claimed:
            continue
        if _is_step(subject, store) or (not claimed and _is_gradient(store)):
            return _told(store.opaque)
    return None


def _is_step(subject: Subject, store: Store) -> bool:
    """Whether an opaque value took the place of a parameter: a step that could not be followed."""
    if store.old is None or says_loss(store.place):
        return False
    if any(update.statement is store.statement for update in subject.case.trace.updates):
        return True  # it moves other parameters: the layers of a loop
    line = subject.module.line_at(store.statement.span)
    name = re.escape(store.place)
    return bool(re.search(rf"{name}\s*[-+]=|{name}\s*=\s*{name}\s*[-+]", line))


def _is_gradient(store: Store) -> bool:
    return bool(re.search(r"grad|delta|(^|_)d[WwbBzZaAhH]\d*\b", last_part(store.place)))


def _told(opaque: Opaque) -> str:
    return f"{opaque.reason} ({opaque.span.told})"
