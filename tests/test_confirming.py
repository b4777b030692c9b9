"""What a run adds to a report: where it disagrees with the analysis, both say their numbers."""

from __future__ import annotations

import json
from dataclasses import replace

from gradlint.confirming import confirmed
from gradlint.harness.result import RunResult, Witness
from gradlint.model import Agreement, FileReport, Finding, Gradient, Severity, Span, Verdict
from gradlint.reports.json import render
from gradlint.reports.look import Look


def _row(static: Agreement, error: float, scale: float | None = None) -> Gradient:
    return Gradient("dw", "w", "loss", 7, static, scale, number=0, static_error=error)


def _ran(seen: Agreement, error: float, scale: float | None = None) -> RunResult:
    return RunResult("ok", "cpu", 3, witnesses=(Witness("w", seen, seen, error, 1.0, scale),))


WRONG = FileReport(
    "a.py", Verdict.WRONG, gradients=(_row(Agreement.DIFFERENT, 1.5),),
    findings=(Finding("GL101", "wrong-tensor", Severity.ERROR, Span(7, 1, 7, 3), "No.", about=("w",)),),
)  # fmt: skip


def test_an_error_that_the_run_contradicts_is_a_warning_with_both_numbers() -> None:
    report = confirmed(WRONG, _ran(Agreement.EQUAL, 2e-7, 1.0))
    both = (
        "at the analysis's values it is different (relative error 1.5e+00), "
        "at those of the run autograd finds it equal (relative error 2.0e-07)"
    )
    assert report.verdict is Verdict.SUSPECT
    assert report.reason == f"the analysis and the run disagree on dw: {both}"
    assert report.findings[0].severity is Severity.WARNING
    assert report.findings[0].message == f"No. But the run disagrees: {both}."


def test_a_right_gradient_that_the_run_contradicts_leaves_the_file_unverified() -> None:
    right = FileReport("a.py", Verdict.CORRECT, gradients=(_row(Agreement.SCALED, 1e-12, 2.0),))
    report = confirmed(right, _ran(Agreement.DIFFERENT, 0.25))
    assert report.verdict is Verdict.UNVERIFIED
    assert report.reason == (
        "the analysis and the run disagree on dw: at the analysis's values it is scaled by 2, "
        "at those of the run autograd finds it different (relative error 2.5e-01)"
    )


def test_where_both_agree_nothing_is_added() -> None:
    report = confirmed(WRONG, _ran(Agreement.DIFFERENT, 1.4))
    assert (report.verdict, report.reason) == (Verdict.WRONG, None)
    assert report.findings[0].message == "No."
    assert report.findings[0].confirmed_by == ("static", "autograd", "finite-difference")


def test_a_wrong_gradient_confirms_nothing_of_the_weights_that_its_parameter_starts_with() -> None:
    wide = Finding("GL802", "wide-start", Severity.NOTE, Span(2, 1, 2, 9), "Wide.", about=("w",))
    report = confirmed(replace(WRONG, findings=(wide,)), _ran(Agreement.DIFFERENT, 1.4))
    assert report.findings[0].confirmed_by == ("static",)


def test_gradients_that_autograd_was_not_asked_about_are_named_with_the_reason() -> None:
    rows = (_row(Agreement.EQUAL, 0.0), replace(_row(Agreement.EQUAL, 0.0), name="db", number=1))
    zero = "zero at all the steps that were observed"
    ran = RunResult(
        "ok", witnesses=(Witness("w", detail=zero), Witness("b", detail=zero, number=1))
    )
    report = confirmed(FileReport("a.py", Verdict.CORRECT, gradients=rows), ran)
    assert report.run.detail == f"dw, db not compared: {zero}"


def test_a_straight_through_gradient_is_held_against_no_witness_and_says_why() -> None:
    row = replace(_row(Agreement.EQUAL, 0.0), straight=True)
    report = confirmed(
        FileReport("a.py", Verdict.CORRECT, gradients=(row,)), _ran(Agreement.DIFFERENT, 1.0)
    )
    assert report.gradients[0].autograd is Agreement.NOT_RUN
    assert report.run.detail == "dw not compared: a step has no slope to hold this against"


def test_why_the_run_failed_is_told_once() -> None:
    ran = RunResult("failed", detail="no data", witnesses=(Witness("w", detail="no data"),))
    assert confirmed(WRONG, ran).run.detail == "no data"


def test_a_run_that_saw_nothing_changes_nothing() -> None:
    report = confirmed(WRONG, RunResult("failed", "cpu", detail="no data"))
    assert (report.verdict, report.findings) == (WRONG.verdict, WRONG.findings)


def test_the_numbers_of_both_are_in_the_json() -> None:
    report = confirmed(WRONG, _ran(Agreement.SCALED, 2e-7, 0.5))
    (row,) = json.loads("".join(render([report], Look())))["files"][0]["gradients"]
    assert (row["static_relative_error"], row["max_relative_error"]) == (1.5, 2e-7)
    assert (row["scale"], row["autograd_scale"]) == (None, 0.5)
