"""SARIF 2.1.0 (OASIS), as code scanning services read it: results, their rules, fixes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from gradlint import __version__, catalogue
from gradlint.model import FileReport, Finding, Span, Verdict
from gradlint.reports.fingerprints import fingerprinted
from gradlint.reports.locations import location_of, shown_path, text_on_disk, utf16
from gradlint.reports.look import Look
from gradlint.reports.plain import told
from gradlint.reports.sarif_fixes import BASE, Object, artifact, fix_of, region

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def render(reports: Iterable[FileReport], look: Look) -> Iterator[str]:
    """The whole log, once every file is there."""
    yield json.dumps(log(list(reports)), indent=2, ensure_ascii=not look.unicode) + "\n"


def log(reports: Sequence[FileReport]) -> Object:
    """The log as plain dicts and lists: one run; no times, and no absolute path that is not needed."""
    codes = sorted({finding.code for report in reports for finding in report.findings})
    numbers = {code: number for number, code in enumerate(codes)}
    results = [
        _result(report, finding, fingerprint, numbers[finding.code])
        for report in reports
        for finding, fingerprint in fingerprinted(report)
    ]
    run = {
        "tool": {"driver": _driver(codes)},
        "invocations": [_invocation(reports)],
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {BASE: {"description": {"text": "Where gradlint was called."}}},
        "artifacts": [_artifact(report) for report in reports],
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _driver(codes: Sequence[str]) -> Object:
    rules = [_rule(code) for code in codes]
    return {
        "name": "gradlint",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": rules,
    }


def _rule(code: str) -> Object:
    rule = catalogue.find(code)
    if rule is None:
        return {"id": code}
    described = " ".join(catalogue.sections(rule.page).get("What it does", rule.summary).split())
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": described},
        "help": {"text": rule.page.strip(), "markdown": rule.page.strip()},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _invocation(reports: Iterable[FileReport]) -> Object:
    silent = [
        report for report in reports if report.verdict is Verdict.UNVERIFIED and report.reason
    ]
    broken = any(report.verdict is Verdict.UNREADABLE or report.failed for report in reports)
    return {
        "executionSuccessful": not broken,
        "toolExecutionNotifications": [_notification(report) for report in silent],
    }


def _notification(report: FileReport) -> Object:
    place = {"physicalLocation": {"artifactLocation": artifact(shown_path(report.path))}}
    return {
        "level": "error" if report.failed else "note",
        "message": {"text": f"unverified: {report.reason}"},
        "locations": [place],
    }


def _artifact(report: FileReport) -> Object:
    return {
        "location": artifact(shown_path(report.path)),
        "roles": ["analysisTarget"],
        "properties": {"verdict": report.verdict.value},
    }


def _result(report: FileReport, finding: Finding, fingerprint: str, rule: int) -> Object:
    fix = None if finding.fix is None else fix_of(report, finding.fix)
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": told(finding)},
        "locations": [_location(report, finding.span)],
        "partialFingerprints": {"gradlint/v1": fingerprint},
        **({} if fix is None else {"fixes": [fix]}),
        "properties": {"confirmedBy": list(finding.confirmed_by)},
    }


def _location(report: FileReport, span: Span) -> Object:
    at = utf16(text_on_disk(report, span), location_of(report, span))
    place = {"physicalLocation": {"artifactLocation": artifact(at.path), "region": region(at)}}
    if span.cell is None:
        return place
    cell = {"fullyQualifiedName": f"cell {span.cell}, line {span.line}", "kind": "module"}
    return {**place, "logicalLocations": [cell]}
