"""From the report of a file to its test cases: one for each gradient, and for each code about none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gradlint.model import (
    INTERNAL_ERROR,
    Agreement,
    FileReport,
    Finding,
    Gradient,
    Severity,
    Verdict,
)

_RIGHT = (Agreement.EQUAL, Agreement.SCALED)
_WRONG = (Agreement.DIFFERENT, Agreement.OPPOSITE)
REST = "gradients"
"""The case of a file that has no gradient of its own to stand for what is said of it."""
RUN = "run"
"""The case that stands for the run of a script, and for what only the run showed."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test: it fails with `findings`, skips for `reason`, or passes. `line` is 1-based in the file."""

    name: str
    line: int
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    broken: bool = False

    @property
    def fails(self) -> bool:
        return bool(self.findings) or self.broken


def cases(report: FileReport, fail_on: Severity, named: bool, run: bool) -> list[Case]:
    """The cases of a file, in the order of its lines; their names differ and do not depend on the run.

    `named`: the user named this very file, so that there is something to say even if it holds no gradient.
    """
    told = [finding for finding in report.findings if finding.severity.rank >= fail_on.rank]
    rows = _rows(report.gradients)
    given: set[Finding] = set()
    found: list[Case] = []
    for name, group in rows.items():
        about = [f for f in told if any(g in _meant(f, report.gradients) for g in group)]
        given.update(about)
        found.append(_of_gradient(name, group, about, report))
    found += _of_codes([finding for finding in told if finding not in given])
    found += _of_rest(report, found, named)
    if run and report.verdict not in (Verdict.NOT_APPLICABLE, Verdict.UNREADABLE):
        found.append(_of_run(report))
    return sorted(found, key=lambda case: case.name == RUN)


def _rows(gradients: Sequence[Gradient]) -> dict[str, list[Gradient]]:
    """The gradients by the name of their case; two objects of one class share their lines and their case."""
    places: dict[tuple[str, str, int | None, int], list[Gradient]] = {}
    for gradient in gradients:
        place = (_plain(gradient.name), gradient.file, gradient.cell, gradient.line)
        places.setdefault(place, []).append(gradient)
    times = Counter(name for name, *_ in places)
    found: dict[str, list[Gradient]] = {}
    for (name, *_), group in places.items():
        label = name if times[name] == 1 else f"{name}@{_place(group[0])}"
        found.setdefault(label, []).extend(group)
    return found


def _plain(name: str) -> str:
    """`gradient-of-x` for `the gradient of x`: a name for the command line needs no quotes."""
    return "-".join(name.removeprefix("the ").split()).replace("::", ":")


def _place(gradient: Gradient) -> str:
    cell = "" if gradient.cell is None else f"cell{gradient.cell}:"
    file = f"{gradient.file}:" if gradient.file else ""
    return f"{file}{cell}{gradient.line}"


def _meant(finding: Finding, gradients: Iterable[Gradient]) -> list[Gradient]:
    """The gradients that a finding speaks of: the wrong ones among several of one name, the nearest below."""
    meant: list[Gradient] = []
    for of in dict.fromkeys(finding.about):
        named = [g for g in gradients if g.of == of]
        chosen = [g for g in named if g.static not in (Agreement.EQUAL, Agreement.UNKNOWN)] or named
        line = finding.span.line
        below = [g for g in chosen if g.line >= line and g.cell == finding.span.cell] or chosen
        nearest = min((abs(g.line - line) for g in below), default=0)
        meant += [g for g in below if abs(g.line - line) == nearest]
    return meant


def _of_gradient(
    name: str, group: Sequence[Gradient], about: Sequence[Finding], report: FileReport
) -> Case:
    line = 1 if group[0].file else group[0].line
    if about:
        return Case(name, line, tuple(about))
    reasons = (_doubt(gradient, report) for gradient in group)
    return Case(name, line, (), next((r for r in reasons if r is not None), None))


def _doubt(gradient: Gradient, report: FileReport) -> str | None:
    """Why a gradient that no finding speaks of is not called right; None where it is."""
    if gradient.static in _RIGHT:
        if gradient.autograd in _WRONG:
            return "the analysis finds it right, but autograd found another value in the run"
        return None
    if gradient.static is Agreement.UNKNOWN:
        return report.reason or "it could not be compared"
    return report.reason or f"it is {gradient.static.value}, and what is said of it is not selected"


def _of_codes(findings: Sequence[Finding]) -> Iterator[Case]:
    """A case for each code among the findings that belong to no gradient."""
    for code in sorted({finding.code for finding in findings}):
        of_code = tuple(finding for finding in findings if finding.code == code)
        yield Case(code, 1 if of_code[0].span.file else of_code[0].span.line, of_code)


def _of_rest(report: FileReport, found: Sequence[Case], named: bool) -> Iterator[Case]:
    """What no other case says: why a file is unverified, or that there is nothing in it."""
    if (report.reason or "").startswith(INTERNAL_ERROR):
        yield Case(REST, 1, (), report.reason, broken=True)
    elif any(case.fails or case.reason for case in found):
        return
    elif report.verdict is Verdict.UNVERIFIED:
        yield Case(REST, 1, (), report.reason or "something could not be checked")
    elif report.verdict is Verdict.NOT_APPLICABLE and named and not found:
        yield Case(REST, 1, (), report.reason or "no gradient is written by hand here")
    elif not found and report.verdict is not Verdict.NOT_APPLICABLE:
        yield Case(REST, 1)


def _of_run(report: FileReport) -> Case:
    run = report.run
    if run.status in ("ok", "not-run") and not run.refused:
        return Case(RUN, 1)
    return Case(RUN, 1, (), f"{run.status}: {run.detail}", broken=run.refused)


def after_run(case: Case, planned: Iterable[str], report: FileReport, fail_on: Severity) -> Case:
    """What became of a case when the script was run; that of the run says what no other says."""
    now = {one.name: one for one in cases(report, fail_on, named=True, run=True)}
    known = set(planned)
    if case.name != RUN:
        return now.get(case.name, replace(case, findings=()))
    extra = [f for name, one in now.items() if name not in known for f in one.findings]
    return replace(now.get(RUN, case), findings=tuple(dict.fromkeys(extra)))
