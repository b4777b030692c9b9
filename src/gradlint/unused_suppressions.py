"""GL008: comments that silence what nothing reports, and how to take them away."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gradlint import catalogue
from gradlint.model import Edit, FileReport, Finding, Fix, Severity, Span, Verdict
from gradlint.rules.naming import NAMES
from gradlint.selection import Selection, unknown_code
from gradlint.suppressions import EVERYTHING, Suppressions, without
from gradlint.textlines import source_line, split_lines

CODE = "GL008"
_HEALTH = "GL7"
"""The family that only a run can raise."""

_JUDGED = (Verdict.WRONG, Verdict.SUSPECT, Verdict.CORRECT)
_GROUNDS = "nothing is reported there without it"


def unused(
    report: FileReport, suppressions: Suppressions, selection: Selection
) -> Iterator[Finding]:
    """What each comment names in vain; `report` has all findings, those that are silenced too.

    Of a code that was not looked for (not selected, in need of a run, or in a file that could not be
    judged) nothing is said.
    """
    own = [finding for finding in report.findings if not finding.span.file]
    used = {found for finding in own for found in suppressions.silencers(finding)}
    for place, said in suppressions.said.items():
        if said.span is None or any(p and CODE.startswith(p) for p in said.prefixes):
            continue
        ours = [p for p in said.prefixes if p == EVERYTHING or p.startswith("GL")]
        strange = [p for p in ours if not any(map(_starts(p), catalogue.load()))]
        yield from (_strange(said.span, prefix) for prefix in strange)
        idle = [p for p in ours if p not in strange and (place, p) not in used]
        idle = [p for p in idle if _was_looked_for(p, report, selection)]
        if idle:
            yield _idle(report, said.comment, said.span, idle)


def _starts(prefix: str) -> Callable[[str], bool]:
    return lambda code: code.startswith(prefix)


def _was_looked_for(prefix: str, report: FileReport, selection: Selection) -> bool:
    """Whether every code with this prefix would have been reported."""
    codes = filter(_starts(prefix), catalogue.load())
    is_run = report.run.status == "ok"
    return report.verdict in _JUDGED and all(
        selection.wants(code, report.path) and (is_run or not code.startswith(_HEALTH))
        for code in codes
    )


def _strange(span: Span, prefix: str) -> Finding:
    message = f"this comment silences nothing: {unknown_code(prefix)}"
    return Finding(CODE, NAMES[CODE], Severity.NOTE, span, message, confirmed_by=())


def _idle(report: FileReport, comment: str, span: Span, prefixes: list[str]) -> Finding:
    names = " and no ".join(p for p in prefixes if p) or "finding"
    message = f"this comment silences nothing: there is no {names} on its line."
    edit = _removal(report.text_of(span), span, without(comment, prefixes))
    fix = Fix("take it away", (edit,), True, _GROUNDS)
    return Finding(CODE, NAMES[CODE], Severity.NOTE, span, message, fix=fix, confirmed_by=())


def _removal(text: str, span: Span, left: str) -> Edit:
    """The edit that leaves `left` of the comment; without any, the blanks before it go too."""
    if left:
        return Edit(span, left)
    lines = split_lines(text)
    line = source_line(lines, span.line)
    before = len(line[: span.column - 1].rstrip())
    if before == 0 and span.line < len(lines):
        return Edit(Span(span.line, 1, span.line + 1, 1, cell=span.cell), "")
    return Edit(Span(span.line, before + 1, span.line, len(line) + 1, cell=span.cell), "")
