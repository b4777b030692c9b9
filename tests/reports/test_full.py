"""The report for people: golden outputs, and what they cannot show."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from rich.cells import cell_len

from gradlint.model import Agreement, FileReport, Finding, Gradient, Severity, Span, Verdict
from gradlint.reports import Look, look_of, render

from . import samples

ONE_BY_ONE = {
    "wrong": [samples.WRONG],
    "correct": [samples.CORRECT],
    "suspect": [samples.SUSPECT],
    "unverified": [samples.UNVERIFIED],
    "not_applicable": [samples.NOT_APPLICABLE],
    "syntax_error": [samples.SYNTAX_ERROR],
    "missing": [samples.MISSING],
    "every_kind": list(samples.EVERY_KIND),
}


def full(reports: Sequence[FileReport], look: Look) -> str:
    return "".join(render("full", reports, look))


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_looks_as_it_should(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"full_{name}.txt", full(ONE_BY_ONE[name], Look(width=88)))


@pytest.mark.parametrize(
    ("name", "look"),
    [
        pytest.param("narrow", Look(width=72), id="narrow: columns are spared and text is folded"),
        pytest.param("colour", Look(width=88, colour=True), id="colour on a terminal"),
        pytest.param("ascii", Look(width=88, unicode=False), id="ASCII where there is no more"),
    ],
)
def test_suits_its_stream(name: str, look: Look, golden: Callable[[str, str], None]) -> None:
    golden(f"full_{name}.txt", full([samples.WRONG, samples.SUSPECT], look))


def test_ascii_is_ascii_and_no_colour_is_no_escape() -> None:
    assert full([samples.WRONG], Look(unicode=False)).isascii()
    assert "\x1b" not in full(list(samples.EVERY_KIND), Look())


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_but_the_users_own_lines_is_wider_than_the_page(width: int) -> None:
    text = full([replace(samples.WRONG, gradients=samples.WRONG.gradients[:1])], Look(width))
    allowed = max(width, 78)
    assert all(cell_len(line) <= allowed for line in text.splitlines())


def test_files_are_reported_as_they_come_in() -> None:
    asked = []

    def slowly() -> object:
        for report in (samples.CORRECT, samples.WRONG):
            asked.append(report.path)
            yield report

    pieces = render("full", slowly(), Look())  # type: ignore[arg-type]
    assert "two_layer.py: correct" in next(pieces)
    assert asked == ["two_layer.py"]


@pytest.mark.parametrize(
    ("line", "start", "end", "marked"),
    [
        pytest.param("g = w1", 5, 7, ["g = w1", "    ^^"], id="plain"),
        pytest.param("\tg = w1", 6, 8, ["    g = w1", "        ^^"], id="a tab before it"),
        pytest.param("名 = w1", 5, 7, ["名 = w1", "     ^^"], id="a wide character before it"),
        pytest.param("g = 名前", 5, 7, ["g = 名前", "    ^^^^"], id="wide characters in it"),
        pytest.param("g = w1", 7, 7, ["g = w1", "      ^"], id="an empty stretch at the end"),
        pytest.param(
            "g = \x1b[31mw1", 5, 6, ["g = ?[31mw1", "    ^"], id="an escape is not sent on"
        ),
    ],
)
def test_carets_stand_under_what_they_mean(
    line: str, start: int, end: int, marked: list[str]
) -> None:
    finding = Finding("GL101", "x", Severity.ERROR, Span(1, start, 1, end), "m", confirmed_by=())
    report = replace(samples.WRONG, text=line + "\n", findings=(finding,), gradients=())
    shown = [text.partition("│ ")[2] for text in full([report], Look()).splitlines() if "│" in text]
    assert shown == marked


def test_gradients_of_several_functions_stand_below_their_names() -> None:
    rows = tuple(
        Gradient(name, name[1:], loss, line, Agreement.EQUAL)
        for name, loss, line in (("dx", "affine", 4), ("dw", "affine", 5), ("dx", "relu", 9))
    )
    text = full([FileReport("layers.py", Verdict.CORRECT, gradients=rows)], Look())
    told = [line.split()[0] for line in text.splitlines() if line.strip()]
    assert told[3:8] == ["affine:", "dx", "dw", "relu:", "dx"]
    assert "layers.py: gradients\n" in text


def test_a_very_long_line_is_cut_around_the_mark() -> None:
    line = "g = " + " + ".join(f"t{n}" for n in range(200)) + " + w1 + " + "u" * 300
    at = line.index("w1") + 1
    finding = Finding("GL101", "x", Severity.ERROR, Span(1, at, 1, at + 2), "m", confirmed_by=())
    report = replace(samples.WRONG, text=line, findings=(finding,), gradients=())
    shown = [
        text.partition("│ ")[2] for text in full([report], Look(80)).splitlines() if "│" in text
    ]
    code, carets = shown
    assert code[carets.index("^") :][:2] == "w1" and carets.count("^") == 2
    assert code.startswith("...") and code.endswith("...") and cell_len(code) <= 80


def test_markup_in_the_users_code_is_left_alone() -> None:
    line = "g = a[bold] + ':smile:'"
    finding = Finding("GL101", "x", Severity.ERROR, Span(1, 5, 1, 6), f"[red]{line}", line)
    report = replace(samples.WRONG, text=line, findings=(finding,))
    assert full([report], Look()).count("a[bold] + ':smile:'") == 3


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colour"),
    [
        pytest.param({"TERM": "xterm"}, True, id="a terminal"),
        pytest.param({"TERM": "xterm", "NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param({"TERM": "dumb"}, False, id="a dumb terminal"),
    ],
)
def test_colour_only_where_it_is_welcome(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colour: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert look_of(_Terminal(io.BytesIO(), encoding="utf-8")).colour is colour
    assert not look_of(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")).colour


def test_a_stream_that_is_not_unicode_gets_ascii() -> None:
    assert not look_of(io.TextIOWrapper(io.BytesIO(), encoding="latin-1")).unicode
    assert look_of(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")).unicode


@pytest.mark.parametrize(
    ("columns", "width"),
    [
        pytest.param("", 100, id="no width known"),
        pytest.param("90", 90, id="the width that the user gives"),
        pytest.param("20", 60, id="not narrower than can be read"),
        pytest.param("400", 120, id="not wider than can be read"),
    ],
)
def test_width_of_a_pipe(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert look_of(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")).width == width
