"""--select, --ignore, --extend-select, and the verdict that is left."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gradlint import catalogue
from gradlint.model import FileReport, Finding, Severity, Span, Verdict
from gradlint.selection import Selection, UnknownCode, keep_findings, make_selection


@dataclass(frozen=True)
class _Rule:
    code: str
    name: str


@pytest.fixture(autouse=True)
def three_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = {
        code: _Rule(code, name)
        for code, name in (("GL101", "wrong-tensor"), ("GL104", "x"), ("GL202", "y"))
    }
    monkeypatch.setattr(catalogue, "load", lambda: rules)


@pytest.mark.parametrize(
    ("select", "ignore", "extend", "wanted"),
    [
        pytest.param([], [], [], ["GL101", "GL104", "GL202"], id="everything by default"),
        pytest.param(["GL1"], [], [], ["GL101", "GL104"], id="a family"),
        pytest.param(["gl101,GL202"], [], [], ["GL101", "GL202"], id="a list with commas"),
        pytest.param(["GL101"], [], ["GL2"], ["GL101", "GL202"], id="a selection extended"),
        pytest.param([], ["GL1"], [], ["GL202"], id="all but a family"),
        pytest.param(["GL104"], ["GL1"], [], ["GL104"], id="the longer prefix wins"),
        pytest.param(["ALL"], ["GL202"], [], ["GL101", "GL104"], id="ALL by name"),
        pytest.param(["GL1"], ["GL1"], [], [], id="ignore wins between equals"),
        pytest.param([], ["ALL"], [], [], id="nothing at all"),
    ],
)
def test_which_codes_are_wanted(
    select: list[str], ignore: list[str], extend: list[str], wanted: list[str]
) -> None:
    selection = make_selection(select, ignore, extend)
    assert [code for code in catalogue.load() if selection.wants(code, "a.py")] == wanted


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        pytest.param("GL110", "GL101|GL104", id="a code that is near another"),
        pytest.param("wrong-tensr", "GL101", id="a name misspelt"),
        pytest.param("E501", "gradlint rule --all", id="a code of another tool"),
    ],
)
def test_an_unknown_code_is_refused_with_a_hint(code: str, hint: str) -> None:
    with pytest.raises(UnknownCode, match=hint):
        make_selection([], [code])


def _report(verdict: Verdict, *severities: Severity) -> FileReport:
    findings = tuple(
        Finding(f"GL{n}01", "", severity, Span(1, 1, 1, 2), "")
        for n, severity in enumerate(severities, 1)
    )
    return FileReport("a.py", verdict, findings=findings)


E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE


@pytest.mark.parametrize(
    ("report", "ignored", "verdict"),
    [
        pytest.param(_report(Verdict.WRONG, E, W), "GL1", Verdict.SUSPECT, id="a warning is left"),
        pytest.param(_report(Verdict.WRONG, E, E), "GL1", Verdict.WRONG, id="an error is left"),
        pytest.param(_report(Verdict.WRONG, E, N), "GL1", Verdict.UNVERIFIED, id="a note is left"),
        pytest.param(_report(Verdict.SUSPECT, W), "GL1", Verdict.UNVERIFIED, id="nothing is left"),
        pytest.param(_report(Verdict.CORRECT, N), "GL1", Verdict.CORRECT, id="only a note went"),
        pytest.param(_report(Verdict.UNREADABLE, E), "GL1", Verdict.UNREADABLE, id="unreadable"),
        pytest.param(_report(Verdict.WRONG, E), "GL2", Verdict.WRONG, id="nothing went"),
    ],
)
def test_the_verdict_after_findings_are_left_out(
    report: FileReport, ignored: str, verdict: Verdict
) -> None:
    selection = Selection(ignore=(ignored,))
    left = keep_findings(report, lambda finding: selection.wants(finding.code, "a.py"))
    assert left.verdict is verdict
    assert (left.reason is not None) == (verdict is Verdict.UNVERIFIED)
