"""The examples of the catalogue, run: the wrong one raises its rule, the right one nothing."""

from __future__ import annotations

import pytest

from gradlint import catalogue
from gradlint.catalogue import Rule
from gradlint.checking import check_text
from gradlint.model import Severity, Verdict
from gradlint.reading import UnreadableSyntax
from gradlint.settings import CheckOptions

from .analysing import errors, mended, problems, report_of, without_comments

PAGES = [rule for rule in catalogue.load().values() if rule.wrong is not None]
each_page = pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=f"{rule.code} {rule.name}") for rule in PAGES]
)
SEEN_AT_RUN = "GL7"
"""The family whose wrong examples are right on paper: `tests/harness/health` runs them."""
each_judged_page = pytest.mark.parametrize(
    "rule",
    [pytest.param(r, id=f"{r.code} {r.name}") for r in PAGES if not r.code.startswith("GL0")],
)
each_analysed_page = pytest.mark.parametrize(
    "rule",
    [
        pytest.param(r, id=f"{r.code} {r.name}")
        for r in PAGES
        if not r.code.startswith(("GL0", SEEN_AT_RUN))
    ],
)


@each_analysed_page
def test_the_wrong_example_raises_its_rule_on_the_marked_line(rule: Rule) -> None:
    report = report_of(rule.wrong or "")
    found = {(f.code, f.span.line): f for f in report.findings}
    (line,) = rule.marked_lines()
    assert (rule.code, line) in found, [(f.code, f.span.line, f.message) for f in report.findings]
    is_note = found[rule.code, line].severity is Severity.NOTE
    assert is_note == (rule.severity is Severity.NOTE)
    assert found[rule.code, line].name == rule.name


@each_analysed_page
def test_the_wrong_example_raises_no_other_rule(rule: Rule) -> None:
    assert {code for code, _ in problems(report_of(rule.wrong or ""))} <= {rule.code}


@each_page
def test_the_right_example_raises_nothing_above_a_note(rule: Rule) -> None:
    assert problems(report_of(rule.right or "")) == []


@each_judged_page
def test_the_right_example_is_found_correct(rule: Rule) -> None:
    assert report_of(rule.right or "").verdict is Verdict.CORRECT


@each_analysed_page
def test_the_verified_fixes_of_an_example_leave_no_error(rule: Rule) -> None:
    before = report_of(rule.wrong or "")
    after = mended(before)
    if after == before.text:
        pytest.skip("this rule has no fix that is verified")
    assert errors(report_of(after)) == []


@each_analysed_page
def test_comments_play_no_part_in_an_example(rule: Rule) -> None:
    with_mark, bare = report_of(rule.wrong or ""), report_of(without_comments(rule.wrong or ""))
    assert (bare.verdict, problems(bare)) == (with_mark.verdict, problems(with_mark))


@pytest.mark.parametrize(
    "rule", [r for r in PAGES if "GL003" <= r.code < "GL1"], ids=lambda r: f"{r.code} {r.name}"
)
def test_what_is_said_of_the_text_itself_stands_on_the_marked_line(rule: Rule) -> None:
    report = check_text(rule.wrong or "", "script.py", CheckOptions(run=False))
    assert [(f.code, f.name, f.severity, (f.span.line,)) for f in report.findings] == [
        (rule.code, rule.name, rule.severity, rule.marked_lines())
    ]
    assert report_of(rule.right or "").verdict is Verdict.CORRECT


@pytest.mark.parametrize("rule", [r for r in PAGES if r.code == "GL001"], ids=lambda r: r.code)
def test_the_example_of_a_syntax_error_does_not_parse(rule: Rule) -> None:
    with pytest.raises(UnreadableSyntax) as refused:
        report_of(rule.wrong or "")
    assert (refused.value.span.line,) == rule.marked_lines()
