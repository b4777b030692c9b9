"""The report in the user's positions: the one place where the maps back are applied."""

from __future__ import annotations

import re
from dataclasses import replace

from gradlint.model import (
    Edit,
    FileReport,
    Finding,
    Fix,
    Gradient,
    OwnCall,
    Run,
    Severity,
    Span,
    Verdict,
)
from gradlint.reading.script import Script
from gradlint.reading.sourcemap import SourceMap

_LINE = re.compile(r"\bline (\d+)\b(?: of (\S+\.py\b))?")
_NOT_WRONG = (Verdict.CORRECT, Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE)


def placed(report: FileReport, script: Script) -> FileReport:
    """`report`, which speaks of the analysed text, as one of the user's file, with what was noticed."""
    to = Places(script)
    health = tuple(one.placed(to.span) for one in report.run.health)
    findings = [*map(to.finding, report.findings), *script.notices]
    made = replace(
        report,
        reason=to.told(report.reason),
        findings=tuple(sorted(findings, key=order)),
        gradients=tuple(map(to.gradient, report.gradients)),
        run=to.run(replace(report.run, health=health)),
        others={file: to.text(file, text) for file, text in report.others.items()},
        cells={n: text for n, text in to.origin("").sources.items() if n is not None},
    )
    return _weighed(made, script.notices)


def order(finding: Finding) -> tuple[object, ...]:
    """What findings are sorted by."""
    return finding.span.file, finding.span.cell or 0, finding.span, finding.code


class Places:
    """The way back for what is said of a script and of the modules that it imports."""

    def __init__(self, script: Script) -> None:
        self.module = script.module

    def origin(self, file: str) -> SourceMap:
        found = self.module.others.get(file) if file else self.module
        return SourceMap() if found is None else found.origin

    def text(self, file: str, analysed: str) -> str:
        """The user's text of another file."""
        return self.origin(file).sources.get(None, analysed)

    def span(self, span: Span) -> Span:
        """The user's span of an analysed one."""
        return replace(self.origin(span.file).span(span), file=span.file)

    def finding(self, finding: Finding) -> Finding:
        return replace(
            finding,
            span=self.span(finding.span),
            message=self.told(finding.message) or "",
            help=self.told(finding.help),
            fix=None if finding.fix is None else self._fix(finding.fix),
        )

    def _fix(self, fix: Fix) -> Fix | None:
        """The fix in the user's text; none where it would cut through what only reads differently."""
        edits = [self._edit(edit) for edit in fix.edits]
        kept = tuple(edit for edit in edits if edit is not None)
        if len(kept) < len(edits):
            return None
        return replace(fix, message=self.told(fix.message) or "", edits=kept)

    def _edit(self, edit: Edit) -> Edit | None:
        made = self.origin(edit.span.file).edit(edit)
        return None if made is None else replace(made, span=self.span(edit.span))

    def gradient(self, gradient: Gradient) -> Gradient:
        cell, line = self.origin(gradient.file).line(gradient.line)
        return replace(gradient, cell=cell, line=line)

    def run(self, run: Run) -> Run:
        """A run, with the lines that it names in the user's count."""
        return replace(run, detail=self.told(run.detail), own=tuple(map(self._own_call, run.own)))

    def _own_call(self, call: OwnCall) -> OwnCall:
        if call.line is None:
            return call
        cell, line = self.origin("").line(call.line)
        return replace(call, cell=cell, line=line)

    def told(self, text: str | None) -> str | None:
        """`text` with the lines that it names in the user's count."""
        return None if text is None else _LINE.sub(self._line, text)

    def _line(self, match: re.Match[str]) -> str:
        file = match.group(2) or ""
        cell, line = self.origin(file).line(int(match.group(1)))
        rest = f" of {file}" if file else ""
        return (f"line {line}" if cell is None else f"cell {cell}, line {line}") + rest


def _weighed(report: FileReport, notices: tuple[Finding, ...]) -> FileReport:
    """A warning about the text itself makes a file suspect; what was left out cannot be correct."""
    if report.verdict not in _NOT_WRONG:
        return report
    if any(notice.severity is Severity.WARNING for notice in notices):
        return replace(report, verdict=Verdict.SUSPECT)
    left_out = next((n for n in notices if n.code == "GL006"), None)
    if left_out is not None and report.verdict is Verdict.CORRECT:
        reason = f"a block could not be read (line {left_out.span.line})"
        return replace(report, verdict=Verdict.UNVERIFIED, reason=reason)
    return report
