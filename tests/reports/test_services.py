"""The formats of GitHub, GitLab and JUnit, and JSON by lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import get_args
from xml.etree import ElementTree

import pytest

from gradlint.model import FileReport, Finding, Severity, Span
from gradlint.reports import Look, render
from gradlint.settings import OutputFormat

from . import samples


def text_of(output: OutputFormat, *reports: FileReport, look: Look | None = None) -> str:
    return "".join(render(output, reports, look or Look()))


@pytest.mark.parametrize(
    ("output", "name"),
    [
        pytest.param("github", "github_every_kind.txt", id="github"),
        pytest.param("gitlab", "gitlab_every_kind.json", id="gitlab"),
        pytest.param("junit", "junit_every_kind.xml", id="junit"),
    ],
)
def test_looks_as_it_should(
    output: OutputFormat, name: str, golden: Callable[[str, str], None]
) -> None:
    golden(name, text_of(output, *samples.EVERY_KIND))


@pytest.mark.parametrize("output", get_args(OutputFormat))
def test_an_ascii_stream_gets_ascii(output: OutputFormat) -> None:
    finding = replace(samples.WRONG_TENSOR, message="“h” é 𝛻")
    report = replace(samples.WRONG, findings=(finding,))
    text = text_of(output, report, look=Look(unicode=False))
    assert text.encode("ascii", "backslashreplace").decode() == text or output in (
        "full", "concise", "github",
    )  # fmt: skip


LINE_3 = Span(3, 1, 3, 5)


def _one(message: str, span: Span = LINE_3, path: str = "a.py") -> FileReport:
    finding = Finding("GL101", "wrong-tensor", Severity.ERROR, span, message, confirmed_by=())
    return FileReport(path, samples.WRONG.verdict, findings=(finding,), text="a\nb\ncccc\n")


def test_a_command_of_github_holds_what_would_end_it() -> None:
    report = _one("100% of\nit: wrong, all", path="odd,na:me%.py")
    line, *_ = text_of("github", report).splitlines()
    assert line == (
        "::error file=odd%2Cna%3Ame%25.py,line=3,endLine=3,col=1,endColumn=4,"
        "title=GL101 wrong-tensor::100%25 of it: wrong, all"
    )


def test_a_finding_over_several_lines_has_no_end_column_for_github() -> None:
    assert "endColumn" not in text_of("github", _one("x", Span(1, 1, 2, 2)))


def test_fingerprints_for_gitlab_are_pairwise_different_and_stay() -> None:
    issues = json.loads(text_of("gitlab", *samples.EVERY_KIND))
    prints = [issue["fingerprint"] for issue in issues]
    assert len(set(prints)) == len(prints) == 5
    assert issues == json.loads(text_of("gitlab", *samples.EVERY_KIND))


def test_junit_counts_what_it_holds() -> None:
    root = ElementTree.fromstring(text_of("junit", *samples.EVERY_KIND))
    for element in (root, *root.iter("testsuite")):
        cases = list(element.iter("testcase"))
        counted = {
            "tests": len(cases),
            "failures": sum(case.find("failure") is not None for case in cases),
            "errors": sum(case.find("error") is not None for case in cases),
            "skipped": sum(case.find("skipped") is not None for case in cases),
        }
        assert {name: int(element.get(name, "-1")) for name in counted} == counted
    assert root.get("failures") == "2" and root.get("errors") == "2"


def test_junit_holds_no_sign_that_xml_forbids() -> None:
    root = ElementTree.fromstring(text_of("junit", _one("a\x00b\x1bc\ufffe <&>")))
    failure = root.find(".//failure")
    assert failure is not None and failure.get("message") == "a?b?c? <&>"


def test_a_file_that_gradlint_failed_on_is_an_error_for_junit() -> None:
    report = replace(samples.UNVERIFIED, reason="internal error: ValueError")
    assert ElementTree.fromstring(text_of("junit", report)).get("errors") == "1"


def test_each_line_is_a_file_of_the_json_report() -> None:
    lines = text_of("json-lines", *samples.EVERY_KIND).splitlines()
    document = json.loads(text_of("json", *samples.EVERY_KIND))
    assert [json.loads(line) for line in lines] == document["files"]


def test_lines_of_json_come_as_the_files_come() -> None:
    asked = []

    def slowly() -> object:
        for report in (samples.CORRECT, samples.WRONG):
            asked.append(report.path)
            yield report

    assert "two_layer.py" in next(render("json-lines", slowly(), Look()))  # type: ignore[arg-type]
    assert asked == ["two_layer.py"]


@pytest.mark.parametrize("output", ["full", "concise", "github"])
def test_quiet_is_findings_and_nothing_else(output: OutputFormat) -> None:
    look = Look(quiet=True)
    assert text_of(output, samples.CORRECT, samples.UNVERIFIED, look=look) == ""
    text = text_of(output, samples.WRONG, look=look)
    assert "GL101" in text and "gradients of" not in text and "1 file" not in text
