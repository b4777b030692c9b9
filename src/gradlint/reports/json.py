"""The report as JSON, `schema_version` 1; `schema.json` beside this file describes it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gradlint import __version__
from gradlint.model import Agreement, Edit, FileReport, Finding, Fix, Gradient, Severity, Verdict
from gradlint.reports.counts import Counts, count
from gradlint.reports.look import Look

SCHEMA_VERSION = 1


def render(reports: Iterable[FileReport], look: Look) -> Iterator[str]:
    """The whole document, once every file is there; `look` says whether it must be ASCII."""
    yield json.dumps(document(reports), indent=2, ensure_ascii=not look.unicode) + "\n"


def schema() -> str:
    """The JSON Schema (2020-12) of the document."""
    return (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")


def document(reports: Iterable[FileReport]) -> dict[str, Any]:
    """The document as plain dicts, lists, strings, finite numbers, booleans and None."""
    listed = list(reports)
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "gradlint", "version": __version__},
        "files": [of_file(report) for report in listed],
        "summary": _summary(count(listed)),
    }


def _summary(counts: Counts) -> dict[str, Any]:
    return {
        "files": counts.files,
        "verdicts": {verdict.value: counts.verdicts[verdict] for verdict in Verdict},
        "findings": {s.value: counts.findings[s] for s in reversed(Severity)},
    }


def of_file(report: FileReport) -> dict[str, Any]:
    """What the document says of one file."""
    run = report.run
    return {
        "path": report.path,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "gradients": [_gradient(gradient) for gradient in report.gradients],
        "findings": [_finding(finding) for finding in report.findings],
        "run": {
            "status": run.status, "device": run.device,
            "iterations": run.iterations, "called": run.called, "detail": run.detail,
            "own_calls": [
                {"name": call.name, "line": call.line, "cell": call.cell} for call in run.own
            ],
            "unguarded": list(run.unguarded),
            "health": [one.as_data() for one in run.health],
        },
    }  # fmt: skip


def _gradient(gradient: Gradient) -> dict[str, Any]:
    return {
        "name": gradient.name,
        "of": gradient.of,
        "loss": gradient.loss,
        **_other(gradient.file),
        "line": gradient.line,
        "cell": gradient.cell,
        "static": _static(gradient.static),
        "scale": _finite(gradient.scale),
        "static_relative_error": _finite(gradient.static_error),
        "autograd": _witness(gradient.autograd),
        "finite_difference": _witness(gradient.finite_difference),
        "max_relative_error": _finite(gradient.max_relative_error),
        "autograd_scale": _finite(gradient.autograd_scale),
        "cosine": _finite(gradient.cosine),
        "kinks": gradient.kinks,
        "expected": gradient.expected,
        "uses": list(gradient.uses),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    span = finding.span
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        **_other(finding.span.file),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "cell": span.cell,
        "message": finding.message,
        "expected": finding.expected,
        "help": finding.help,
        "confirmed_by": list(finding.confirmed_by),
        "fix": None if finding.fix is None else _fix(finding.fix),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [_edit(edit) for edit in fix.edits]
    return {"message": fix.message, "edits": edits, "verified": fix.verified}


def _edit(edit: Edit) -> dict[str, Any]:
    span = edit.span
    return {
        **_other(span.file),
        "line": span.line, "column": span.column,
        "end_line": span.end_line, "end_column": span.end_column,
        **({} if span.cell is None else {"cell": span.cell}),
        "content": edit.content,
    }  # fmt: skip


def _other(file: str) -> dict[str, str]:
    """The path of a place that is not in the file that was analysed."""
    return {"path": file} if file else {}


def _static(agreement: Agreement) -> str:
    """The contract knows no analysis that was not run: nothing is known then."""
    return str((Agreement.UNKNOWN if agreement is Agreement.NOT_RUN else agreement).value)


def _witness(agreement: Agreement) -> str:
    """The contract knows no witness that ran and knows nothing: there is no result of it then."""
    return str((Agreement.NOT_RUN if agreement is Agreement.UNKNOWN else agreement).value)


def _finite(number: float | None) -> float | None:
    """JSON has no NaN and no infinity."""
    return number if number is not None and math.isfinite(number) else None
