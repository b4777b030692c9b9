"""Which tests a report makes: their names, what fails, what skips and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradlint.model import (
    INTERNAL_ERROR,
    Agreement,
    FileReport,
    Finding,
    Gradient,
    Run,
    Severity,
    Span,
    Verdict,
)
from gradlint.testing.cases import Case, after_run, cases

GOOD = Gradient("grad_w1", "w1", "loss", 7, Agreement.EQUAL)
BAD = Gradient("grad_w2", "w2", "loss", 9, Agreement.DIFFERENT)


def finding(code: str, line: int, *about: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, "some-name", severity, Span(line, 1, line, 5), "a message", about=about)


def made(report: FileReport, named: bool = False, run: bool = False) -> dict[str, Case]:
    found = cases(report, Severity.WARNING, named, run)
    by_name = {case.name: case for case in found}
    assert len(by_name) == len(found), "names differ"
    return by_name


def test_each_gradient_is_a_case_and_the_wrong_one_fails() -> None:
    wrong = FileReport("a.py", Verdict.WRONG, None, (GOOD, BAD), (finding("GL101", 9, "w2"),))
    found = made(wrong)
    assert {name: case.fails for name, case in found.items()} == {"grad_w1": False, "grad_w2": True}
    assert found["grad_w2"].line == 9


def test_one_name_at_two_lines_is_told_apart_and_the_finding_goes_to_the_nearest() -> None:
    rows = tuple(
        Gradient("the gradient of x", "x", None, line, Agreement.DIFFERENT) for line in (10, 20)
    )
    found = made(FileReport("a.py", Verdict.WRONG, None, rows, (finding("GL104", 18, "x"),)))
    assert {name: case.fails for name, case in found.items()} == {
        "gradient-of-x@10": False,
        "gradient-of-x@20": True,
    }


def test_two_objects_of_one_class_are_one_case() -> None:
    rows = (GOOD, replace(GOOD, static=Agreement.DIFFERENT))
    found = made(FileReport("a.py", Verdict.WRONG, None, rows, (finding("GL104", 7, "w1"),)))
    assert list(found) == ["grad_w1"] and found["grad_w1"].fails


def test_a_finding_about_no_gradient_is_a_case_by_its_code() -> None:
    said = (finding("GL303", 12), finding("GL303", 13), finding("GL601", 3))
    found = made(FileReport("a.py", Verdict.WRONG, None, (GOOD,), said))
    assert list(found) == ["grad_w1", "GL303", "GL601"] and len(found["GL303"].findings) == 2


def test_a_note_fails_nothing() -> None:
    note = finding("GL205", 7, "w1", severity=Severity.NOTE)
    assert not made(FileReport("a.py", Verdict.CORRECT, None, (GOOD,), (note,)))["grad_w1"].fails


def test_what_could_not_be_compared_skips_with_the_reason() -> None:
    unknown = replace(GOOD, static=Agreement.UNKNOWN)
    found = made(FileReport("a.py", Verdict.UNVERIFIED, "line 4 is too long", (unknown, BAD)))
    assert {name: case.reason for name, case in found.items()} == {
        "grad_w1": "line 4 is too long",
        "grad_w2": "line 4 is too long",
    }


@pytest.mark.parametrize(
    ("report", "named", "expected"),
    [
        (FileReport("a.py", Verdict.UNVERIFIED, "why"), False, {"gradients": "why"}),
        (
            FileReport("a.py", Verdict.UNVERIFIED, "why", (GOOD,)),
            False,
            {"grad_w1": None, "gradients": "why"},
        ),
        (FileReport("a.py", Verdict.NOT_APPLICABLE), False, {}),
        (
            FileReport("a.py", Verdict.NOT_APPLICABLE),
            True,
            {"gradients": "no gradient is written by hand here"},
        ),
        (FileReport("a.py", Verdict.CORRECT), False, {"gradients": None}),
        (
            FileReport("a.py", Verdict.UNREADABLE, "x", (), (finding("GL001", 3),)),
            False,
            {"GL001": None},
        ),
    ],
    ids=["unverified", "one right, one not seen", "nothing", "nothing but named", "correct", "unreadable"],
)  # fmt: skip
def test_a_file_says_what_none_of_its_gradients_says(
    report: FileReport, named: bool, expected: dict[str, str | None]
) -> None:
    assert {name: case.reason for name, case in made(report, named).items()} == expected


def test_an_internal_error_fails() -> None:
    report = FileReport("a.py", Verdict.UNVERIFIED, f"{INTERNAL_ERROR}no way; please report")
    assert made(report)["gradients"].fails


def test_what_only_the_run_shows_is_said_by_the_case_of_the_run() -> None:
    static = FileReport("a.py", Verdict.CORRECT, None, (GOOD,))
    planned = [case.name for case in cases(static, Severity.WARNING, False, True)]
    assert planned == ["grad_w1", "run"]
    health = finding("GL701", 5, severity=Severity.WARNING)
    ran = replace(static, findings=(health,), run=Run("ok", "cpu", 3))
    after = {name: after_run(Case(name, 1), planned, ran, Severity.WARNING) for name in planned}
    assert not after["grad_w1"].fails and after["run"].findings == (health,)


def test_a_finding_that_the_run_contradicts_no_longer_fails() -> None:
    weak = replace(finding("GL101", 9, "w2"), severity=Severity.NOTE)
    report = FileReport("a.py", Verdict.SUSPECT, "they disagree", (BAD,), (weak,), Run("ok"))
    case = after_run(Case("grad_w2", 9, (weak,)), ["grad_w2", "run"], report, Severity.WARNING)
    assert not case.fails and case.reason == "they disagree"


def test_a_run_that_fails_skips_with_its_detail() -> None:
    report = FileReport("a.py", Verdict.CORRECT, None, (GOOD,), (), Run("failed", detail="no data"))
    assert made(report, run=True)["run"].reason == "failed: no data"
