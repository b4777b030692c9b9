"""Comments that silence findings."""

from __future__ import annotations

import json

import pytest

from gradlint.checking import check_text
from gradlint.model import Finding, Severity, Span
from gradlint.settings import CheckOptions
from gradlint.suppressions import find_suppressions


def finding(line: int, end_line: int | None = None) -> Finding:
    span = Span(line, 1, end_line or line, 5)
    return Finding("GL101", "wrong-tensor", Severity.ERROR, span, "")


@pytest.mark.parametrize(
    "comment",
    [
        pytest.param("# gradlint: ignore", id="everything on the line"),
        pytest.param("# gradlint: ignore[GL101]", id="the code"),
        pytest.param("# gradlint:ignore [gl205, GL101]", id="a list in small letters"),
        pytest.param("# gradlint: ignore[GL1]", id="the family"),
        pytest.param("# see the paper  # gradlint: ignore", id="after another comment"),
        pytest.param("# noqa: GL101", id="noqa with the code"),
        pytest.param("# noqa:E501,GL101", id="noqa with the codes of others"),
    ],
)
def test_silences_its_line_only(comment: str) -> None:
    found = find_suppressions(f"a = 1\nb = 2  {comment}\nc = 3\n")
    assert [found.silence(finding(line)) for line in (1, 2, 3)] == [False, True, False]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("b = 2  # gradlint: ignore[GL104]", id="another code"),
        pytest.param("b = 2  # gradlint: ignore[]", id="an empty list"),
        pytest.param("b = 2  # gradlint: ignored", id="another word"),
        pytest.param("b = 2  # noqa", id="noqa without a code, which is about style"),
        pytest.param("b = 2  # noqa: E501", id="noqa of another tool"),
        pytest.param("b = '# gradlint: ignore'", id="a string"),
    ],
)
def test_silences_nothing(line: str) -> None:
    assert not find_suppressions(f"a = 1\n{line}\n").silence(finding(2))


def test_a_comment_on_any_line_of_the_finding_counts() -> None:
    found = find_suppressions("g = f(\n    x,\n    y)  # gradlint: ignore\n")
    assert found.silence(finding(1, 3))
    assert not found.silence(finding(1, 2))


def test_skip_file_is_found_on_its_line() -> None:
    assert find_suppressions("x = 1\n# gradlint: skip-file\n").skip == (None, 2)
    assert find_suppressions("x = '# gradlint: skip-file'\n").skip is None


def test_a_text_that_is_not_python_keeps_what_was_read_of_it() -> None:
    found = find_suppressions("a = 1  # gradlint: ignore\nb = (\n")
    assert found.silence(finding(1))


def test_skip_file_in_a_notebook_is_found_in_its_cell() -> None:
    cells = [
        {"cell_type": kind, "source": source, "outputs": [], "metadata": {}}
        for kind, source in (("markdown", "x"), ("code", "import numpy\n# gradlint: skip-file\n"))
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    report = check_text(text, "a.ipynb", CheckOptions(run=False))
    assert report.reason == "skipped as the comment on line 2 of cell 2 asks"
