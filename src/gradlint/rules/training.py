"""GL7: what the run of a script saw of its training, as findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradlint.health import Symptom, Thresholds, diagnose
from gradlint.model import FileReport, Finding, Severity, Verdict
from gradlint.rules.naming import NAMES


def with_training(report: FileReport, limits: Thresholds) -> FileReport:
    """The report with the symptoms of the trainings that its run watched.

    Right gradients with which nothing can be learnt leave a file suspect.
    """
    seen = [symptom for one in report.run.health for symptom in diagnose(one, limits)]
    report = replace(report, findings=tuple(_supported(f, seen) for f in report.findings))
    known = {name for f in report.findings if f.code == "GL801" for name in f.about}
    told = [_finding(x) for x in seen if x.code != "GL705" or not known & set(x.about)]
    if not told:
        return report
    findings = sorted({*report.findings, *told}, key=lambda f: (f.span, f.code))
    grave = any(finding.severity is Severity.WARNING for finding in told)
    verdict, reason = report.verdict, report.reason
    if grave and verdict is not Verdict.WRONG:
        verdict, reason = Verdict.SUSPECT, None
    return replace(report, verdict=verdict, reason=reason, findings=tuple(findings))


def _supported(finding: Finding, seen: Sequence[Symptom]) -> Finding:
    """What was known before the run, confirmed by it."""
    same = [x for x in seen if x.code == "GL705" and set(x.about) & set(finding.about)]
    if finding.code != "GL801" or not same:
        return finding
    return replace(finding, confirmed_by=(*finding.confirmed_by, "run"))


def _finding(symptom: Symptom) -> Finding:
    return Finding(
        symptom.code, NAMES[symptom.code], symptom.severity, symptom.span, symptom.message,
        help=symptom.help, confirmed_by=("run",), about=symptom.about,
    )  # fmt: skip
