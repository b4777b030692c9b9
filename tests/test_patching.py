"""Edits, diffs and writing: nothing of the user's file is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradlint.model import Edit, FileReport, Finding, Fix, Severity, Span, Verdict
from gradlint.patching import apply_edits, changed_lines, unified_diff, verified_edits
from gradlint.patching import write_atomically as write
from gradlint.textlines import split_lines


def edit(line: int, start: int, end: int, content: str, end_line: int | None = None) -> Edit:
    return Edit(Span(line, start, end_line or line, end), content)


@pytest.mark.parametrize(
    ("text", "edits", "after"),
    [
        pytest.param("ab\ncd\n", [edit(2, 1, 2, "X")], "ab\nXd\n", id="one replacement"),
        pytest.param(
            "w1 + w1\n",
            [edit(1, 1, 3, "long"), edit(1, 6, 8, "x")],
            "long + x\n",
            id="two on a line",
        ),
        pytest.param("a\nb\nc", [edit(1, 2, 2, "!", 2)], "a!\nc", id="across lines"),
        pytest.param("ab", [edit(1, 3, 3, "c")], "abc", id="an insertion at the very end"),
        pytest.param("a\n", [edit(2, 1, 1, "b\n")], "a\nb\n", id="a new last line"),
        pytest.param(
            "a\r\nb\r\n", [edit(2, 1, 2, "x\ny")], "a\r\nx\r\ny\r\n", id="line ends of the file"
        ),
        pytest.param(
            "a\x0cb\nc\n", [edit(2, 1, 2, "d")], "a\x0cb\nd\n", id="a form feed is no end"
        ),
        pytest.param(
            "ab\n", [edit(1, 1, 2, "X"), edit(1, 1, 2, "X")], "Xb\n", id="the same edit twice"
        ),
    ],
)
def test_edits_are_applied_from_the_bottom_up(text: str, edits: list[Edit], after: str) -> None:
    assert apply_edits(text, edits) == after


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([edit(1, 1, 3, "x"), edit(1, 2, 4, "y")], id="they overlap"),
        pytest.param([edit(9, 1, 2, "x")], id="no such line"),
        pytest.param([edit(1, 3, 1, "x")], id="it ends before it starts"),
    ],
)
def test_impossible_edits_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        apply_edits("abcd\n", edits)


@given(st.text(st.sampled_from("a\r\n\x0b\x0c\x1c\x85\u2028"), max_size=12))
def test_lines_are_those_of_the_file(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    universal = text.replace("\r\n", "\n").replace("\r", "\n")
    assert len(lines) == len(universal.removesuffix("\n").split("\n")) - (text == "")


def test_changed_lines_leave_out_what_stays() -> None:
    text = "a\nb = w1\nc\nd = w1\n"
    edits = [edit(2, 5, 7, "w2"), edit(4, 5, 7, "w3")]
    assert changed_lines(text, edits) == ["-b = w1", "+b = w2", "-d = w1", "+d = w3"]


def test_a_moved_line_is_shown_with_those_that_it_passes() -> None:
    text = "w -= dw\nb -= db\nz = w\n"
    moved = [Edit(Span(1, 1, 2, 1), ""), edit(4, 1, 1, "w -= dw\n")]
    assert changed_lines(text, moved) == ["-w -= dw", " b -= db", " z = w", "+w -= dw"]


def test_of_many_lines_passed_the_middle_is_left_out() -> None:
    text = "".join(f"{name} = 1\n" for name in "abcdefghijkl")
    moved = [Edit(Span(1, 1, 2, 1), ""), edit(13, 1, 1, "a = 1\n")]
    passed = [" b = 1", " c = 1", " d = 1", " ...", " j = 1", " k = 1", " l = 1"]
    assert changed_lines(text, moved) == ["-a = 1", *passed, "+a = 1"]


def test_a_diff_marks_a_missing_last_newline() -> None:
    assert unified_diff("a", "b\n", "f.py").splitlines()[3:] == [
        "-a",
        "\\ No newline at end of file",
        "+b",
    ]


def _finding(*edits: Edit, verified: bool = True) -> Finding:
    fix = Fix("", edits, verified)
    return Finding("GL101", "", Severity.ERROR, Span(1, 1, 1, 2), "", fix=fix)


def test_only_verified_fixes_are_taken_and_the_first_of_two_that_overlap() -> None:
    first, overlapping, unverified = edit(1, 1, 3, "x"), edit(1, 2, 4, "y"), edit(2, 1, 2, "z")
    findings = (
        _finding(first),
        _finding(overlapping),
        _finding(unverified, verified=False),
        _finding(first),
    )
    report = FileReport("a.py", Verdict.WRONG, findings=findings, text="abcd\nefgh\n")
    assert verified_edits(report) == (first,)


def test_writing_keeps_permissions_and_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.py", tmp_path / "link.py"
    real.write_text("old")
    real.chmod(0o755)
    link.symlink_to(real)
    write(link, b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o755
    assert sorted(os.listdir(tmp_path)) == ["link.py", "real.py"]


def test_a_failed_write_leaves_the_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write(path, b"new")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.py"]
