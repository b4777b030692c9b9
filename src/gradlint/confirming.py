"""What the run adds to a report: witnesses for each gradient, confirmations, disagreements."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradlint.model import Agreement, FileReport, Finding, Gradient, Run, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradlint.harness import RunResult, Witness

_RIGHT = (Agreement.EQUAL, Agreement.SCALED)
_WRONG = (Agreement.DIFFERENT, Agreement.OPPOSITE)
_NO_GRADIENTS = ("GL7", "GL8")
"""Health and starting weights: a gradient that is wrong as well confirms nothing of these."""

_STANDS_IN = "a step has no slope to hold this against"


def confirmed(report: FileReport, result: RunResult) -> FileReport:
    """The report with what the run saw; the static verdict stands where the run saw nothing."""
    witnesses = {witness.number: witness for witness in result.witnesses}
    gradients = tuple(
        _witnessed(g, witnesses.get(-1 if g.number is None else g.number)) for g in report.gradients
    )
    findings = tuple(_supported(f, gradients) for f in report.findings)
    run = result.run
    said = (run.detail, _left_out(gradients), *_uncompared(gradients, witnesses, run.detail or ""))
    noted = replace(run, detail="; ".join(part for part in said if part) or None)
    return _with_disagreement(replace(report, gradients=gradients, findings=findings, run=noted))


def _left_out(gradients: tuple[Gradient, ...]) -> str | None:
    left_out = sum(gradient.kinks for gradient in gradients)
    if not left_out:
        return None
    items = "1 item" if left_out == 1 else f"{left_out} items"
    return f"{items} of gradients left out: clipped, or on a kink, where two slopes are right"


def _uncompared(
    gradients: tuple[Gradient, ...], witnesses: dict[int, Witness], known: str
) -> Iterator[str]:
    """The gradients that autograd could not be asked about, with the reason, each reason once."""
    by: dict[str, list[str]] = {}
    for gradient in gradients:
        witness = witnesses.get(-1 if gradient.number is None else gradient.number)
        reason = None if witness is None else _STANDS_IN if gradient.straight else witness.detail
        if reason and reason not in known:
            by.setdefault(reason, []).append(gradient.name)
    for reason, names in by.items():
        yield f"{', '.join(dict.fromkeys(names))} not compared: {reason}"


def _witnessed(gradient: Gradient, witness: Witness | None) -> Gradient:
    if witness is None:
        return gradient
    if gradient.straight:
        return gradient
    if gradient.by_slopes:
        return replace(gradient, finite_difference=witness.finite_difference, kinks=witness.kinks)
    return replace(
        gradient,
        autograd=witness.autograd,
        finite_difference=witness.finite_difference,
        max_relative_error=witness.max_relative_error,
        cosine=witness.cosine,
        kinks=witness.kinks,
        autograd_scale=witness.scale,
    )


def _supported(finding: Finding, gradients: tuple[Gradient, ...]) -> Finding:
    """The finding with its witnesses; an error that the run contradicts becomes a warning."""
    about = [g for g in gradients if g.of in finding.about]
    if not about or finding.code.startswith(_NO_GRADIENTS):
        return finding
    by = list(finding.confirmed_by)
    if any(_seen_wrong(g, g.autograd) for g in about):
        by.append("autograd")
    if any(_seen_wrong(g, g.finite_difference) for g in about):
        by.append("finite-difference")
    contradicted = all(g.autograd is Agreement.EQUAL and g.static in _WRONG for g in about)
    if contradicted and finding.severity is Severity.ERROR:
        message = f"{finding.message} But the run disagrees: {_both(about[0])}."
        return replace(finding, severity=Severity.WARNING, message=message)
    return replace(finding, confirmed_by=tuple(by))


def _both(gradient: Gradient) -> str:
    """What both say of one gradient, with their numbers: relative errors in the norm, or a factor."""
    static = _told(gradient.static, gradient.scale, gradient.static_error)
    seen = _told(gradient.autograd, gradient.autograd_scale, gradient.max_relative_error)
    return f"at the analysis's values it is {static}, at those of the run autograd finds it {seen}"


def _told(found: Agreement, scale: float | None, error: float | None) -> str:
    if found is Agreement.SCALED and scale is not None:
        return f"scaled by {scale:.4g}"
    return found.value if error is None else f"{found.value} (relative error {error:.1e})"


def _seen_wrong(gradient: Gradient, seen: Agreement) -> bool:
    """Whether the run saw what the analysis said: wrong, or off by the same kind of constant."""
    return seen in _WRONG or (seen is Agreement.SCALED and gradient.static is Agreement.SCALED)


def _denied(gradient: Gradient) -> bool:
    """Whether the witness that knows says that a gradient is wrong."""
    seen = gradient.finite_difference if gradient.by_slopes else gradient.autograd
    return seen in _WRONG


def _with_disagreement(report: FileReport) -> FileReport:
    """A gradient that is right by the analysis and wrong in the run leaves the file unverified."""
    torn = [g for g in report.gradients if g.static in _RIGHT and _denied(g)]
    if torn and report.verdict is Verdict.CORRECT:
        reason = f"the analysis and the run disagree on {torn[0].name}"
        reason += "" if torn[0].by_slopes else f": {_both(torn[0])}"
        return replace(report, verdict=Verdict.UNVERIFIED, reason=reason)
    errors = any(f.severity is Severity.ERROR for f in report.findings)
    if report.verdict is Verdict.WRONG and not errors:
        reason = "the analysis and the run disagree"
        seen = [g for g in report.gradients if g.static in _WRONG and g.autograd in _RIGHT]
        reason += f" on {seen[0].name}: {_both(seen[0])}" if seen else ""
        return replace(report, verdict=Verdict.SUSPECT, reason=reason)
    return report


def unconfirmed(report: FileReport) -> FileReport:
    """The report of a script that was not run because it claims no gradient of a known loss."""
    return replace(report, run=Run(detail="nothing to confirm: the script was not run"))
