"""Writing fixes: what is written, what is left, and that every other byte stays."""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradlint import cli
from gradlint.checking import check_file
from gradlint.fixing import NotFixed, mended, write_fixes
from gradlint.model import FileReport, Finding, Fix, Severity, Span
from gradlint.settings import CheckOptions

from .conftest import Analysis, paper_analysis

OPTIONS = CheckOptions(run=False)
NUMPY = "import numpy as np\n"


def fixed(path: Path, data: bytes, unsafe: bool = False) -> bytes:
    """What `--fix` makes of `data`; doing it twice is doing it once."""
    path.write_bytes(data)
    for _ in range(2):
        write_fixes(check_file(str(path), OPTIONS), OPTIONS, unsafe)
        after = path.read_bytes()
        path.write_bytes(data := after)
    assert not write_fixes(check_file(str(path), OPTIONS), OPTIONS, unsafe).changes
    return after


BYTES = {
    "UTF-8": "é = WRONG\n".encode(),
    "a byte order mark": codecs.BOM_UTF8 + "é = WRONG\n".encode(),
    "UTF-16 with its mark": "é = WRONG\n".encode("utf-16"),
    "GBK without a coding line": "# 权重的梯度不对\nx = WRONG\n".encode("gbk"),
    "GBK with a coding line": "# coding: gbk\n# 权重\nx = WRONG\n".encode("gbk"),
    "latin-1 with a coding line": "# coding: latin-1\n# é\nx = WRONG\n".encode("latin-1"),
    "line ends of Windows": b"import numpy\r\nx = WRONG\r\n",
    "line ends of old Macs": b"import numpy\rx = WRONG\r",
    "mixed line ends": b"import numpy\r\nx = WRONG\ny = 1\r\n",
    "no line end at the end": b"import numpy\nx = WRONG",
    "blanks at the ends of lines": b"import numpy \t\n\n\nx = WRONG \t\n\x0c\n \n",
}


@pytest.mark.usefixtures("analysis")
@pytest.mark.parametrize("data", BYTES.values(), ids=BYTES.keys())
def test_all_bytes_but_those_of_the_fix_stay(tmp_path: Path, data: bytes) -> None:
    if b"numpy" not in data:
        data += _encoded_like(data, "import numpy\n")
    wrong, right = (_encoded_like(data, word) for word in ("WRONG", "RIGHT"))
    assert fixed(tmp_path / "a.py", data) == data.replace(wrong, right) != data


def _encoded_like(data: bytes, text: str) -> bytes:
    return text.encode("utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "ascii")


@pytest.mark.usefixtures("analysis")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["# é 权 𝛻", "x = '' + WRONG", "\ty = 1 ", "", '"""'])),
    st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=1),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_any_script_keeps_its_other_bytes(
    tmp_path: Path, lines: list[str], ends: list[str], encoding: str
) -> None:
    text = "import numpy\nx = WRONG\n" + "".join(
        line + ends[number % len(ends)] for number, line in enumerate(lines)
    )
    data = text.encode(encoding)
    after = fixed(tmp_path / "a.py", data).decode(encoding)
    assert after == text.replace("WRONG", "RIGHT") and len(after.encode(encoding)) == len(data)


def test_a_notebook_keeps_what_is_no_source(tmp_path: Path) -> None:
    source = [
        "import numpy as np\n", "x, y = np.random.randn(20, 3), np.random.randn(20, 1)\n",
        "w = np.zeros((3, 1))\n", "for t in range(50):\n", "    p = x @ w  # \u2207\n",
        "    loss = ((p - y) ** 2).sum()\n", "    grad_w = -2 * x.T @ (p - y)\n",
        "    w -= 0.01 * grad_w\n", "    print(loss)",
    ]  # fmt: skip
    notebook = {
        "nbformat_minor": 5, "nbformat": 4,
        "metadata": {"z": [1.50, 1e3], "a": {"é": "\u2028"}},
        "cells": [
            {"source": "# WRONG", "cell_type": "markdown", "metadata": {}},
            {"outputs": [{"text": ["-2 * x.T"], "output_type": "stream"}], "source": source,
             "cell_type": "code", "execution_count": 3, "metadata": {"tags": []}, "id": "x"},
        ],
    }  # fmt: skip
    for indent, ascii_only, end in ((1, False, "\n"), (4, True, ""), (None, True, "\r\n\n")):
        text = json.dumps(notebook, indent=indent, ensure_ascii=ascii_only).replace("1.5,", "1.50,")
        data = (text + end).encode()
        after = fixed(tmp_path / "a.ipynb", data)
        assert after == data.replace(b"(p - y)\\n", b"(y - p)\\n") != data


def test_what_shows_after_a_fix_is_fixed_too(
    tmp_path: Path, analysis: Callable[[Analysis], None]
) -> None:
    def two_at_a_time(text: str, path: str, options: CheckOptions) -> FileReport:
        report = paper_analysis(text, path, options)
        return replace(report, findings=report.findings[:2])

    analysis(two_at_a_time)
    text = NUMPY + "x = WRONG\ny = WRONG\nz = WRONG\n"
    path = tmp_path / "a.py"
    path.write_text(text)
    made = write_fixes(check_file(str(path), OPTIONS), OPTIONS)
    assert path.read_text() == text.replace("WRONG", "RIGHT")
    assert [finding.span.line for _, finding in made.done] == [2, 3, 4]


def _with_verified_warnings(text: str, path: str, options: CheckOptions) -> FileReport:
    report = paper_analysis(text, path, options)
    findings = (
        replace(f, fix=replace(f.fix, verified=True)) if f.fix else f for f in report.findings
    )
    return replace(report, findings=tuple(findings))


@pytest.mark.parametrize("unsafe", [False, True])
def test_the_fix_of_a_warning_is_only_written_on_demand(
    tmp_path: Path, analysis: Callable[[Analysis], None], unsafe: bool
) -> None:
    analysis(_with_verified_warnings)
    data = (NUMPY + "x = WRONG\ny = HMM\n").encode()
    after = data.replace(b"WRONG", b"RIGHT")
    if unsafe:
        after = after.replace(b"HMM", b"RIGHT")
    assert fixed(tmp_path / "a.py", data, unsafe) == after


def test_a_fix_is_no_better_for_what_only_a_run_sees(
    tmp_path: Path, analysis: Callable[[Analysis], None]
) -> None:
    def never_content(text: str, path: str, options: CheckOptions) -> FileReport:
        report = paper_analysis(text.replace("RIGHT", "WRONG"), path, options)
        seen = Finding("GL701", "exploding", Severity.WARNING, Span(1, 1, 1, 2), "")
        return replace(report, findings=(*report.findings, *([seen] if options.run else [])))

    analysis(never_content)
    path = tmp_path / "a.py"
    path.write_text(NUMPY + "x = WRONG\n")
    options = CheckOptions(run=True)
    assert not mended(check_file(str(path), options), options).changes


def _wrong_in_a_module(text: str, path: str, options: CheckOptions) -> FileReport:
    """Finds the mistake in the module that every script imports."""
    module = options.instead.get("layers.py") or Path("layers.py").read_text()
    report = paper_analysis(module, path, options)
    moved = (
        replace(f, span=replace(f.span, file="layers.py"), fix=f.fix and _in_module(f.fix))
        for f in report.findings
    )
    return replace(report, findings=tuple(moved), others={"layers.py": module})


def _in_module(fix: Fix) -> Fix:
    edits = (replace(e, span=replace(e.span, file="layers.py")) for e in fix.edits)
    return replace(fix, edits=tuple(edits))


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_scripts_that_share_a_wrong_module_mend_it_once(
    tmp_path: Path,
    analysis: Callable[[Analysis], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    analysis(_wrong_in_a_module)
    Path("layers.py").write_text("x = WRONG\n")
    for name in ("train.py", "test.py"):
        Path(name).write_text(NUMPY + "import layers\n")
    code = cli.run(["train.py", "test.py", "--no-run", "-j", "2", option])
    told = capsys.readouterr()
    if option == "--fix":
        assert (code, Path("layers.py").read_text()) == (0, "x = RIGHT\n"), told.err
    else:
        assert code == 1 and told.out.count("+x = RIGHT") == 1


@pytest.mark.usefixtures("analysis")
def test_what_would_not_come_back_byte_for_byte_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    data = b"# coding: utf-7\nimport numpy  # +AOk-+AOk-\nx = WRONG\n"
    path.write_bytes(data)
    report = check_file(str(path), OPTIONS)
    with pytest.raises(NotFixed, match="same bytes"):
        write_fixes(report, OPTIONS)
    assert path.read_bytes() == data


@pytest.mark.usefixtures("analysis")
def test_a_write_protected_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_text(NUMPY + "x = WRONG\n")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(NotFixed, match="write-protected"):
        write_fixes(check_file(str(path), OPTIONS), OPTIONS)
    assert "WRONG" in path.read_text()
