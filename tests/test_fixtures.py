"""Every fixture through the static analysis: the verdict, the marked lines, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradlint.model import Verdict

from .analysing import errors, mended, problems, report_of, without_comments
from .test_fixture_marks import FIXTURES, MARK, arrows, each_fixture, verdicts

WRONG = [path for path in FIXTURES if arrows(path)]
SILENT = [path for path in FIXTURES if not arrows(path)]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _marks(text: str) -> list[tuple[int, set[str]]]:
    """The marked lines of a fixture, with the codes of which one is expected there."""
    lines = enumerate(text.splitlines(), 1)
    return [(n, set(m[1].split("|"))) for n, line in lines if (m := MARK.search(line))]


def _named(path: Path) -> str:
    return path.stem.replace("_", " ")


@each_fixture
def test_the_verdict_is_one_that_the_fixture_allows(path: Path) -> None:
    found = report_of(_text(path))
    assert found.verdict.value in verdicts(path), (found.reason, problems(found))


@each_fixture
def test_every_mark_is_found_and_nothing_else(path: Path) -> None:
    found, marks = problems(report_of(_text(path))), _marks(_text(path))
    missed = [(n, codes) for n, codes in marks if not any((c, n) in found for c in codes)]
    false = [(c, n) for c, n in found if not any(n == at and c in codes for at, codes in marks)]
    assert (missed, false) == ([], [])


@pytest.mark.parametrize("path", [pytest.param(p, id=_named(p)) for p in WRONG])
def test_the_verified_fixes_leave_no_error(path: Path) -> None:
    before = report_of(_text(path))
    after = mended(before)
    if after == before.text:
        pytest.skip("no fix of this script is verified")
    assert errors(report_of(after)) == []


@pytest.mark.parametrize("path", [pytest.param(p, id=_named(p)) for p in SILENT])
def test_comments_play_no_part_in_a_silent_script(path: Path) -> None:
    with_marks, bare = report_of(_text(path)), report_of(without_comments(_text(path)))
    assert (bare.verdict, problems(bare)) == (with_marks.verdict, problems(with_marks))


def test_most_errors_come_with_a_verified_fix() -> None:
    wrong = [report_of(_text(path)) for path in WRONG]
    wrong = [found for found in wrong if found.verdict is Verdict.WRONG]
    fixed = [found for found in wrong if mended(found) != found.text]
    assert len(fixed) > 0.8 * len(wrong)


def test_every_right_script_shows_what_was_checked() -> None:
    reports = [report_of(_text(path)) for path in SILENT]
    correct = [found for found in reports if found.verdict is Verdict.CORRECT]
    assert correct and all(found.gradients for found in correct)
