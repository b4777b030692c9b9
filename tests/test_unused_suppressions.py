"""GL008: what is said of suppressions in vain, and what is left when they are taken away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradlint.checking import check_file, check_text
from gradlint.config.patterns import Patterns
from gradlint.fixing import write_fixes
from gradlint.model import FileReport, Finding, Run, Severity, Span, Verdict
from gradlint.patching import apply_edits
from gradlint.selection import Selection
from gradlint.settings import CheckOptions
from gradlint.suppressions import find_suppressions, without
from gradlint.unused_suppressions import unused

E = Severity.ERROR


def found(
    comment: str,
    *,
    raised: str = "",
    verdict: Verdict = Verdict.CORRECT,
    selection: Selection | None = None,
    run: Run | None = None,
) -> list[Finding]:
    """What is said of a comment on line 2, where the code `raised` was found."""
    text = f"a = 1\nb = 2  {comment}\n"
    findings = (Finding(raised, "", E, Span(2, 1, 2, 2), ""),) if raised else ()
    report = FileReport("a.py", verdict, findings=findings, text=text, run=run or Run())
    return list(unused(report, find_suppressions(text), selection or Selection()))


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        pytest.param("# gradlint: ignore[GL101]", "no GL101 on its line", id="one code"),
        pytest.param("# gradlint: ignore[GL1]", "no GL1 on its line", id="a family"),
        pytest.param("# noqa: GL101", "no GL101 on its line", id="noqa"),
        pytest.param("# gradlint: ignore[GL101, GL202]", "no GL101 and no GL202", id="two codes"),
        pytest.param(
            "# gradlint: ignore[GL1010]", "no rule has the code 'GL1010'", id="no such code"
        ),
        pytest.param("# gradlint: ignore[E501]", None, id="a code of others is theirs"),
        pytest.param("# noqa: E501", None, id="noqa of others"),
    ],
)
def test_a_comment_in_vain_is_named(comment: str, words: str | None) -> None:
    said = found(comment)
    assert len(said) == (words is not None)
    for finding in said:
        assert words and words in finding.message
        assert (finding.span.line, finding.span.column) == (2, 8)
        assert finding.severity is Severity.NOTE


def test_a_comment_that_silences_is_of_use() -> None:
    for comment in ("# gradlint: ignore", "# gradlint: ignore[GL1]", "# noqa: GL101"):
        assert found(comment, raised="GL101", verdict=Verdict.WRONG) == []


def test_only_the_codes_in_vain_are_named() -> None:
    (said,) = found("# gradlint: ignore[GL101,GL202]", raised="GL101", verdict=Verdict.WRONG)
    assert "no GL202 on" in said.message and said.fix is not None
    (edit,) = said.fix.edits
    assert edit.content == "# gradlint: ignore[GL101]"


@pytest.mark.parametrize(
    ("verdict", "selection"),
    [
        pytest.param(Verdict.UNVERIFIED, None, id="what could not be judged"),
        pytest.param(Verdict.NOT_APPLICABLE, None, id="what holds no gradient"),
        pytest.param(Verdict.CORRECT, Selection(ignore=("GL101",)), id="what is ignored"),
        pytest.param(Verdict.CORRECT, Selection(select=("GL2",)), id="what is not selected"),
        pytest.param(
            Verdict.CORRECT,
            Selection(per_file=((Patterns("/", ("a.py",)), ("GL1",)),)),
            id="what the file never hears of",
        ),
    ],
)
def test_of_what_was_not_looked_for_nothing_is_said(
    verdict: Verdict, selection: Selection | None
) -> None:
    assert found("# gradlint: ignore[GL101]", verdict=verdict, selection=selection) == []


def test_a_comment_may_keep_itself() -> None:
    assert found("# gradlint: ignore[GL101, GL008]") == []


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        pytest.param("# gradlint: ignore[GL101]", "", id="all of it"),
        pytest.param("# noqa: GL101", "", id="all of a noqa"),
        pytest.param("# noqa: E501, GL101", "# noqa: E501", id="codes of others stay"),
        pytest.param("# the paper  # gradlint: ignore[GL101]", "# the paper", id="words before it"),
        pytest.param("# gradlint: ignore[GL101] by design", "# by design", id="words after it"),
        pytest.param(
            "# gradlint: ignore[gl101]  # noqa: E501", "# noqa: E501", id="another comment"
        ),
        pytest.param("# gradlint: ignore[ GL101, ]", "", id="a comma too many"),
        pytest.param("# gradlint: ignore[GL102]", "# gradlint: ignore[GL102]", id="another code"),
    ],
)
def test_what_is_left_of_a_comment(comment: str, left: str) -> None:
    assert without(comment, ["GL101"]) == left


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param("a = 1  # noqa: GL101\nb\n", "a = 1\nb\n", id="behind code"),
        pytest.param("a\n  # noqa: GL101\nb\n", "a\nb\n", id="a line of its own"),
        pytest.param("a\r\n# noqa: GL101 \r\nb", "a\r\nb", id="line ends of Windows"),
        pytest.param("a\n# noqa: GL101", "a\n", id="the last line"),
        pytest.param("é = '𝛻' # noqa: GL101\t\n", "é = '𝛻'\n", id="blanks and odd letters"),
    ],
)
def test_the_fix_takes_the_comment_and_nothing_else(text: str, after: str) -> None:
    report = FileReport("a.py", Verdict.CORRECT, text=text)
    (finding,) = unused(report, find_suppressions(text), Selection())
    assert finding.fix is not None and finding.fix.verified
    assert apply_edits(text, finding.fix.edits) == after


SCRIPT = """\
import numpy as np
np.random.seed(0)
x, y = np.random.randn(20, 3), np.random.randn(20, 1)
w = np.zeros((3, 1))
for step in range(50):
    y_pred = x @ w
    loss = np.mean((y_pred - y) ** 2)
    grad_w = 2 * x.T @ (y_pred - y) / 20  # gradlint: ignore[GL103]
    w -= 0.1 * grad_w
"""


def test_in_a_notebook_the_cell_is_mended(tmp_path: Path) -> None:
    lines = SCRIPT.splitlines(keepends=True)
    cells = [
        {"cell_type": "code", "source": part, "outputs": [], "metadata": {}}
        for part in (lines[:4], lines[4:])
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=1))
    before = path.read_text()
    options = CheckOptions(run=False)
    report = check_file(str(path), options)
    (finding,) = report.findings
    assert (finding.code, finding.span.cell, finding.span.line) == ("GL008", 2, 4)
    assert write_fixes(report, options).changes
    assert path.read_text() == before.replace("  # gradlint: ignore[GL103]", "")
    assert check_file(str(path), options).findings == ()


def test_markdown_says_nothing_of_columns_that_it_shifts() -> None:
    block = "".join(f"  {line}" for line in SCRIPT.splitlines(keepends=True))
    report = check_text(f"text\n\n  ```python\n{block}  ```\n", "a.md", CheckOptions(run=False))
    assert report.verdict is Verdict.CORRECT and report.findings == ()
