"""What gradlint says of a mutant, held against what is known of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

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
    """One mutant: caught, on the line, in the class, with a verified fix, and whether that fix is right.

    `elsewhere`: the line is not the changed one, but a place where the mistake is as well mended.
    """

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
    elsewhere: bool = False


def score(name: str, right: str, mutant: Mutant, plan: Plan) -> Score:
    """Check a mutant that is known to be wrong."""
    report = check_text(mutant.text, f"{name}.py", _STATIC)
    problems = accusations(report)
    caught = report.verdict in _ACCUSED
    there = [f for f in problems if _touches(f, mutant)]
    fixed = apply_edits(mutant.text, verified_edits(report)) if caught else mutant.text
    holds = _holds(right, fixed, plan) if fixed != mutant.text else None
    elsewhere = bool(caught and holds and not there and _as_small(right, mutant.text, fixed))
    there = problems if elsewhere else there
    classed = [f for f in there if f.code in CODES[mutant.family]]
    return Score(
        name, mutant.family, mutant.operator, mutant.said, tuple(sorted(mutant.lines)),
        report.verdict.value, report.reason, tuple(f"{f.code}@{f.span.line}" for f in problems),
        caught, caught and bool(there), caught and bool(classed), holds is not None, holds, mutant.text,
        elsewhere,
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


def _as_small(right: str, mutant: str, fixed: str) -> bool:
    """Whether a fix changes no more words and signs than the mistake did."""
    return _words_changed(mutant, fixed) <= _words_changed(right, mutant)


def _words_changed(old: str, new: str) -> int:
    a, b = (re.findall(r"\w+|[^\w\s]", text) for text in (old, new))
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in codes if tag != "equal")


def _holds(right: str, fixed: str, plan: Plan) -> bool:
    """Whether the fixed script steps as the right one does, a learning rate apart.

    Where no loss is written, it may descend another one: the mutant does not say which was meant.
    """
    return decide(right, fixed, plan, in_step=True) in (Truth.EQUAL, Truth.RATE, Truth.OTHER)
