"""Every fixture through the static analysis: the verdict, the marked lines, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradlint.model import Agreement, FileReport, Severity, Verdict
from gradlint.patching import verified_edits

from .analysing import errors, problems, report_after, report_of, without_comments
from .test_fixture_marks import FIXTURES, MARK, arrows, each_fixture, named, parts, verdicts

WRONG = [path for path in FIXTURES if arrows(path)]
SILENT = [path for path in FIXTURES if not arrows(path)]


def _report(path: Path) -> FileReport:
    return report_of(path.read_text(encoding="utf-8"), str(path))


def _marks(path: Path) -> list[tuple[str, int, set[str]]]:
    """The marked lines of a fixture, with the codes of which one is expected there."""
    return [
        (str(part), number, set(match[1].split("|")))
        for part in parts(path)
        for number, line in enumerate(part.read_text(encoding="utf-8").splitlines(), 1)
        if (match := MARK.search(line))
    ]


def _found(report: FileReport) -> list[tuple[str, int, str]]:
    """File, line and code of the errors and warnings."""
    told = [f for f in report.findings if f.severity is not Severity.NOTE]
    return [(report.path_of(f.span), f.span.line, f.code) for f in told]


@each_fixture
def test_the_verdict_is_one_that_the_fixture_allows(path: Path) -> None:
    found = _report(path)
    assert found.verdict.value in verdicts(path), (found.reason, problems(found))


@each_fixture
def test_every_mark_is_found_and_nothing_else(path: Path) -> None:
    found, marks = _found(_report(path)), _marks(path)
    missed = [mark for mark in marks if not any((*mark[:2], code) in found for code in mark[2])]
    false = [f for f in found if not any(f[:2] == m[:2] and f[2] in m[2] for m in marks)]
    assert (missed, false) == ([], [])


@pytest.mark.parametrize("path", [pytest.param(p, id=named(p)) for p in WRONG])
def test_the_verified_fixes_leave_no_error(path: Path) -> None:
    after = report_after(_report(path))
    if after is None:
        pytest.skip("no fix of this script is verified")
    assert errors(after) == []


@pytest.mark.parametrize("path", [pytest.param(p, id=named(p)) for p in SILENT])
def test_comments_play_no_part_in_a_silent_script(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    with_marks, bare = _report(path), report_of(without_comments(text), str(path))
    assert (bare.verdict, problems(bare)) == (with_marks.verdict, problems(with_marks))


def test_most_errors_come_with_a_verified_fix() -> None:
    wrong = [_report(path) for path in WRONG]
    wrong = [found for found in wrong if found.verdict is Verdict.WRONG]
    fixed = [found for found in wrong if verified_edits(found)]
    assert len(fixed) > 0.8 * len(wrong)


def test_every_right_script_shows_what_was_checked() -> None:
    reports = [_report(path) for path in SILENT]
    correct = [found for found in reports if found.verdict is Verdict.CORRECT]
    assert correct and all(found.gradients for found in correct)


def test_no_right_script_shows_a_gradient_that_differs() -> None:
    differing = (Agreement.DIFFERENT, Agreement.OPPOSITE)
    correct = (r for r in map(_report, SILENT) if r.verdict is Verdict.CORRECT)
    assert [(r.path, g.name) for r in correct for g in r.gradients if g.static in differing] == []
