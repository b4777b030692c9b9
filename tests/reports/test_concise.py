"""One line for each finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gradlint.reports import Look, render

from . import samples


def test_looks_as_it_should(golden: Callable[[str, str], None]) -> None:
    golden("concise_every_kind.txt", "".join(render("concise", samples.EVERY_KIND, Look())))


def test_a_message_of_several_lines_stays_one_line() -> None:
    finding = replace(samples.WRONG_TENSOR, message="first\n  second")
    text = "".join(render("concise", [replace(samples.WRONG, findings=(finding,))], Look()))
    assert text.splitlines()[0] == "three_layer.py:17:26: GL101 first second"


def test_no_files_are_counted_too() -> None:
    assert "".join(render("concise", [], Look())) == "0 files: nothing; 0 errors, 0 warnings\n"
