"""What gradlint says of a mutant, held against what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from gradlint.checking import check_text
from gradlint.model import FileReport, Finding, Severity, Verdict
from gradlint.patching import apply_edits, verified_edits
from gradlint.settings import CheckOptions
from mutation.expected import CODES
from mutation.mutant import Mutant
from mutation.truth import Plan, Truth, decide

_ACCUSED = (Verdict.WRONG, Verdict.SUSPECT)
_STATIC = CheckOptions(run=False)


@dataclass(frozen=True)
class Score:
    """One mutant: caught, on the line, in the class, with a verified fix, and whether that fix is right."""

    subject: str
    family: str
    operator: str
    said: str
    lines: tuple[int, ...]
    verdict: str
    reason: str | None
    found: tuple[str, ...]
    caught: bool
    on_line: bool
    in_class: bool
    fixed: bool
    fix_holds: bool | None
    text: str


def score(name: str, right: str, mutant: Mutant, plan: Plan) -> Score:
    """Check a mutant that is known to be wrong."""
    report = check_text(mutant.text, f"{name}.py", _STATIC)
    problems = accusations(report)
    caught = report.verdict in _ACCUSED
    there = [f for f in problems if _touches(f, mutant)]
    classed = [f for f in there if f.code in CODES[mutant.family]]
    fixed = apply_edits(mutant.text, verified_edits(report)) if caught else mutant.text
    holds = _holds(right, fixed, plan) if fixed != mutant.text else None
    return Score(
        name, mutant.family, mutant.operator, mutant.said, tuple(sorted(mutant.lines)),
        report.verdict.value, report.reason, tuple(f"{f.code}@{f.span.line}" for f in problems),
        caught, caught and bool(there), caught and bool(classed), holds is not None, holds, mutant.text,
    )  # fmt: skip


def accusations(report: FileReport) -> list[Finding]:
    """The errors and warnings of a report."""
    return [f for f in report.findings if f.severity is not Severity.NOTE]


def accused(text: str, name: str) -> list[str]:
    """The codes and lines that gradlint accuses."""
    report = check_text(text, f"{name}.py", _STATIC)
    return [f"{f.code}@{f.span.line}" for f in accusations(report)]


def verdict(text: str, name: str) -> str:
    """What gradlint says of a whole script."""
    return check_text(text, f"{name}.py", _STATIC).verdict.value


def _touches(finding: Finding, mutant: Mutant) -> bool:
    return any(line in mutant.lines for line in range(finding.span.line, finding.span.end_line + 1))


def _holds(right: str, fixed: str, plan: Plan) -> bool:
    """Whether the fixed script steps as the right one does, a learning rate apart.

    Where no loss is written, it may descend another one: the mutant does not say which was meant.
    """
    return decide(right, fixed, plan, in_step=True) in (Truth.EQUAL, Truth.RATE, Truth.OTHER)
