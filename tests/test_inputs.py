"""Notebooks, Python 2 and pasted text through the whole road, and their fixes back into the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gradlint.checking import check_file
from gradlint.cli import run
from gradlint.model import FileReport, Severity
from gradlint.settings import CheckOptions

SETUP = """\
%matplotlib inline
import numpy as np
X = np.random.randn(20, 3)
y = X @ np.array([1.0, -2.0, 0.5])
w = np.zeros(3)"""
TRAINING = """\
for step in range(50):
    err = X @ w - y
    loss = np.mean(err ** 2)
    grad_w = 2 * X.T @ {error} / 20
    w -= 0.1 * grad_w"""
WRONG, RIGHT = TRAINING.format(error="(y - X @ w)"), TRAINING.format(error="err")
OPTIONS = CheckOptions(run=False)


def _notebook(*sources: str) -> str:
    """A notebook with a Markdown cell before each code cell, as Jupyter writes it."""
    cells: list[dict[str, Any]] = []
    for source in sources:
        cells.append({"cell_type": "markdown", "metadata": {}, "source": ["é\\n"]})
        cells.append({
            "cell_type": "code", "execution_count": 1, "metadata": {"tags": []},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["0.5\n"]}],
            "source": source.splitlines(keepends=True),
        })  # fmt: skip
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1
    )


def _checked(path: Path, text: str) -> FileReport:
    path.write_text(text, encoding="utf-8", newline="")
    return check_file(str(path), OPTIONS)


def _problems(report: FileReport) -> list[tuple[str, int | None, int]]:
    return [
        (f.code, f.span.cell, f.span.line)
        for f in report.findings if f.severity is not Severity.NOTE
    ]  # fmt: skip


def test_findings_in_a_notebook_count_in_cells(tmp_path: Path) -> None:
    report = _checked(tmp_path / "a.ipynb", _notebook(SETUP, WRONG))
    assert _problems(report) == [("GL102", 4, 4)]
    assert [(g.name, g.cell, g.line) for g in report.gradients] == [("grad_w", 4, 4)]


def test_a_right_notebook_is_correct(tmp_path: Path) -> None:
    report = _checked(tmp_path / "a.ipynb", _notebook(SETUP, RIGHT))
    assert (report.verdict.value, report.findings) == ("correct", ())


def test_a_fix_changes_one_line_of_one_cell(tmp_path: Path) -> None:
    path, text = tmp_path / "a.ipynb", _notebook(SETUP, WRONG, "loss")
    (fix,) = [f.fix for f in _checked(path, text).findings if f.code == "GL102"]
    assert fix is not None and {edit.span.cell for edit in fix.edits} == {4}
    run([str(path), "--no-run", "--fix"])
    before, after = text.split("\n"), path.read_text(encoding="utf-8").split("\n")
    assert [new for old, new in zip(before, after, strict=True) if old != new] == [
        line for line in after if "X @ w - y" in line and "grad_w" in line
    ]
    assert check_file(str(path), OPTIONS).verdict.value == "correct"


def test_a_diff_of_a_notebook_is_one_of_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    _checked(path, _notebook(SETUP, WRONG))
    run([str(path), "--no-run", "--diff"])
    changed = [line for line in capsys.readouterr().out.split("\n") if line[:2] in ("- ", "+ ")]
    assert len(changed) == 2 and all('"    grad_w' in line for line in changed)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        pytest.param("concise", "a.ipynb:cell 4:4:", id="concise"),
        pytest.param("full", "a.ipynb:cell 4:4:", id="full"),
        pytest.param("json", '"cell": 4', id="json"),
    ],
)
def test_every_report_names_the_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str, words: str
) -> None:
    path = tmp_path / "a.ipynb"
    _checked(path, _notebook(SETUP, WRONG))
    run([str(path), "--no-run", "--output-format", output])
    assert words in capsys.readouterr().out


def test_a_reason_names_the_cell_of_its_line(tmp_path: Path) -> None:
    unknown = TRAINING.format(error="mystery(err)")
    report = _checked(tmp_path / "a.ipynb", _notebook(SETUP, unknown))
    assert "(cell 4, line 4)" in (report.reason or "")


def test_a_comment_silences_a_line_of_its_own_cell(tmp_path: Path) -> None:
    silent = WRONG.replace("/ 20", "/ 20  # gradlint: ignore[GL102]")
    assert _problems(_checked(tmp_path / "a.ipynb", _notebook(SETUP, silent))) == []
    elsewhere = "a = 1\nb = 2\nc = 3\nd = 4  # gradlint: ignore[GL102]"
    report = _checked(tmp_path / "b.ipynb", _notebook(SETUP, elsewhere, WRONG))
    assert _problems(report) == [("GL102", 6, 4)]


def test_a_broken_cell_leaves_the_rest_to_be_analysed(tmp_path: Path) -> None:
    report = _checked(tmp_path / "a.ipynb", _notebook(SETUP, "plt.plot(", WRONG))
    assert _problems(report) == [("GL006", 4, 1), ("GL102", 6, 4)]


def test_what_was_left_out_is_not_called_correct(tmp_path: Path) -> None:
    report = _checked(tmp_path / "a.ipynb", _notebook(SETUP, "plt.plot(", RIGHT))
    assert report.verdict.value == "suspect"
    text = f"```python\n{SETUP}\n{RIGHT}\n```\n```python\nplt.plot(\n```\n"
    report = _checked(tmp_path / "a.md", text)
    assert report.verdict.value == "unverified" and "line 14" in (report.reason or "")


def test_notebooks_in_a_directory_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _checked(tmp_path / "a.ipynb", _notebook(SETUP, WRONG))
    assert run([str(tmp_path), "--output-format", "concise"]) == 1
    assert "a.ipynb:cell 4:4:" in capsys.readouterr().out


def test_a_notebook_without_arrays_is_not_read(tmp_path: Path) -> None:
    report = _checked(tmp_path / "a.ipynb", _notebook("print('numpy')"))
    assert report.verdict.value == "not-applicable"


def test_what_is_no_notebook_is_unreadable(tmp_path: Path) -> None:
    report = _checked(tmp_path / "a.ipynb", '{"cells": [,]}')
    (finding,) = report.findings
    assert (report.verdict.value, finding.code, finding.span.column) == ("unreadable", "GL001", 12)


PYTHON2 = """\
import numpy as np
X = np.random.randn(20, 3)
y = np.dot(X, np.array([1.0, -2.0, 0.5]))
w = np.zeros(3)
for step in xrange(50):
    err = np.dot(X, w) - y
    loss = np.mean(err ** 2)
    print "loss", loss; grad_w = 2 * np.dot(X.T, y - np.dot(X, w)) / 20
    w -= 0.1 * grad_w
"""


def test_a_finding_in_python_2_stands_on_the_published_line_and_column(tmp_path: Path) -> None:
    report = _checked(tmp_path / "a.py", PYTHON2)
    (finding,) = [f for f in report.findings if f.code == "GL102"]
    line = PYTHON2.splitlines()[finding.span.line - 1]
    assert line[finding.span.column - 1 : finding.span.end_column - 1] == "y - np.dot(X, w)"


def test_a_fix_in_python_2_leaves_it_python_2(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    _checked(path, PYTHON2)
    run([str(path), "--no-run", "--fix"])
    after = path.read_text()
    assert 'print "loss", loss; grad_w' in after and "np.dot(X, w) - y)" in after
    assert _problems(check_file(str(path), OPTIONS)) == []


PASTED = f"""\
{SETUP}
{RIGHT}
plt.plot(X, ‘r-‘, lw=5)
z = 3 – 1
"""  # noqa: RUF001


def test_pasted_characters_are_named_and_mended(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    report = _checked(path, PASTED)
    assert _problems(report) == [("GL003", None, 11), ("GL003", None, 12)]
    assert "quote" in report.findings[-2].message
    run([str(path), "--no-run", "--fix"])
    assert path.read_text().endswith("plt.plot(X, 'r-', lw=5)\nz = 3 - 1\n")


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        pytest.param("utf-8-sig", "é 学习率", id="UTF-8 with its mark"),
        pytest.param("utf-16", "é 学习率", id="UTF-16"),
        pytest.param("gb18030", "学习率 梯度下降", id="Chinese without saying so"),
        pytest.param("latin-1", "é à l'échelle", id="Western without saying so"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_fix_keeps_encoding_and_line_ends(
    tmp_path: Path, encoding: str, words: str, end: str
) -> None:
    path = tmp_path / "a.py"
    text = f"# {words}\n{SETUP}\n{WRONG}  # {words}\n".replace("%matplotlib inline\n", "")
    text = text.replace("\n", end)
    path.write_bytes(text.encode(encoding))
    run([str(path), "--no-run", "--fix"])
    after = path.read_bytes().decode(encoding)
    assert after != text and after.replace("(X @ w - y)", "(y - X @ w)") == text
