"""The plugin in a real pytest: what is collected, what is printed, and what stays as it is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gradlint.model import FileReport
from gradlint.settings import CheckOptions
from gradlint.testing import once

from .conftest import RIGHT, WRONG, Run


def test_each_gradient_is_a_test(run: Run) -> None:
    result = run("--gradlint", "-v")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        ["right.py::grad_w2 PASSED*", "right.py::grad_w1 PASSED*", "wrong.py::grad_w1 FAILED*"]
    )


def test_a_failure_is_the_finding_and_no_traceback(run: Run) -> None:
    result = run("--gradlint", "wrong.py")
    out = result.stdout.str()
    assert "wrong.py:9:" in out and "^^^^" in out
    assert "fix        replace 1 - h by 1 - h ** 2 (verified" in out
    assert "Traceback" not in out and "repr_failure" not in out and "raise " not in out
    assert re.search(r"^FAILED wrong.py::grad_w1 - GL\d+ ", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("args", "passed", "failed"),
    [
        pytest.param(["--gradlint", "-k", "grad_w2"], 2, 0, id="by name"),
        pytest.param(["--gradlint", "wrong.py::grad_w1"], 0, 1, id="by node id"),
        pytest.param(["--gradlint", "right.py"], 2, 0, id="by file"),
        pytest.param(["--gradlint", "-m", "gradlint", "wrong.py"], 1, 1, id="by marker"),
        pytest.param(["--gradlint", "-m", "not gradlint"], 0, 0, id="without the marker"),
        pytest.param(["--gradlint", "-o", "gradlint_files=wr*.py"], 1, 1, id="by glob"),
        pytest.param([], 0, 0, id="off"),
    ],
)
def test_what_is_collected_is_chosen_as_usual(
    run: Run, args: list[str], passed: int, failed: int
) -> None:
    run(*args).assert_outcomes(passed=passed, failed=failed, deselected=None)


def test_scripts_are_not_executed(run: Run, scripts: pytest.Pytester) -> None:
    for name in ("train.py", "test_train.py"):
        text = f"open({name!r} + '.ran', 'w').close()\n" + RIGHT
        (scripts.path / name).write_text(text)
    run("--gradlint", "train.py").assert_outcomes(passed=2)
    assert not (scripts.path / "train.py.ran").exists()


def test_a_test_file_stays_one_and_its_gradients_are_checked(
    run: Run, scripts: pytest.Pytester
) -> None:
    (scripts.path / "test_mine.py").write_text(WRONG + "\n\ndef test_nothing():\n    pass\n")
    run("--gradlint", "test_mine.py").assert_outcomes(passed=2, failed=1)
    run("test_mine.py").assert_outcomes(passed=1)


def test_a_notebook_is_collected_with_its_cell(run: Run, scripts: pytest.Pytester) -> None:
    cell: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    book = {
        "cells": [{**cell, "source": WRONG}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (scripts.path / "lecture.ipynb").write_text(json.dumps(book))
    result = run("--gradlint", "lecture.ipynb")
    result.assert_outcomes(passed=1, failed=1)
    assert "lecture.ipynb:cell 1:9" in result.stdout.str()


def test_what_cannot_be_read_fails_with_its_line(run: Run, scripts: pytest.Pytester) -> None:
    (scripts.path / "broken.py").write_text("import numpy as np\nx = (1\n")
    result = run("--gradlint", "broken.py")
    result.assert_outcomes(failed=1)
    assert "broken.py::GL001" in result.stdout.str()


def test_what_is_not_verified_skips_with_its_reason(run: Run, scripts: pytest.Pytester) -> None:
    text = RIGHT.replace("import numpy as np\n", "import numpy as np\nimport unknown_lib\n")
    text = text.replace("h = np.tanh(x @ w1)", "h = unknown_lib.layer(x @ w1)")
    (scripts.path / "unknown.py").write_text(text)
    result = run("--gradlint", "unknown.py", "-rs")
    outcomes = result.parseoutcomes()
    assert outcomes.get("skipped", 0) >= 1 and "failed" not in outcomes
    assert "SKIPPED [1] unknown.py" in result.stdout.str()


def test_a_file_is_analysed_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    before = once._checked

    def watched(path: str, options: CheckOptions) -> FileReport:
        seen.append(path)
        return before(path, options)

    monkeypatch.setattr(once, "_checked", watched)
    run("--gradlint").assert_outcomes(passed=3, failed=1)
    assert sorted(seen) == ["other.py", "right.py", "wrong.py"]


def test_junit_points_at_the_gradient(run: Run, scripts: pytest.Pytester) -> None:
    run("--gradlint", "wrong.py", "--junitxml", "junit.xml")
    found = ElementTree.parse(scripts.path / "junit.xml").getroot()
    failures = [case for case in found.iter("testcase") if case.find("failure") is not None]
    assert [(case.get("name"), case.get("line")) for case in failures] in (
        [("grad_w1", None)],
        [("grad_w1", "8")],
    )
    failure = failures[0].find("failure")
    assert failure is not None and "fix " in (failure.text or "")


def test_the_last_failures_come_again(scripts: pytest.Pytester) -> None:
    own = ("-p", "gradlint.pytest_plugin", "--gradlint")
    scripts.runpytest_inprocess(*own).assert_outcomes(passed=3, failed=1)
    scripts.runpytest_inprocess(*own, "--lf").assert_outcomes(failed=1)


def test_the_users_configuration_counts(run: Run, scripts: pytest.Pytester) -> None:
    (scripts.path / "pyproject.toml").write_text("[tool.gradlint]\nexclude = ['wrong.py']\n")
    run("--gradlint").assert_outcomes(passed=2)
    (scripts.path / "pyproject.toml").write_text("[tool.gradlint]\nignore = ['GL1']\n")
    run("--gradlint", "wrong.py").assert_outcomes(passed=1, skipped=1)
    (scripts.path / "pyproject.toml").write_text("[tool.gradlint]\nignroe = ['GL1']\n")
    result = run("--gradlint", "wrong.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR and "ignroe" in result.stderr.str()


def test_the_fixture_checks_scripts_and_gradients(run: Run, scripts: pytest.Pytester) -> None:
    (scripts.path / "test_own.py").write_text(
        """
import numpy as np

def test_right(gradlint):
    assert gradlint.check_script("right.py").verdict == "correct"

def test_wrong(gradlint):
    gradlint.check_script("wrong.py")

def test_gradients(gradlint):
    gradlint.check_gradients(np.tanh, lambda dout: dout, np.linspace(-1, 2, 6).reshape(2, 3))
"""
    )
    result = run("test_own.py")
    result.assert_outcomes(passed=1, failed=2)
    out = result.stdout.str()
    assert "wrong.py:9:" in out and "the gradient of" in out and "the slope of a tanh" in out
    assert "pytest.fail" not in out and "raise GradientMismatch" not in out


def test_workers_share_one_analysis_and_one_list(scripts: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    own = ("-p", "gradlint.pytest_plugin", "--gradlint", "-p", "xdist", "-v", "-n", "2")
    result = scripts.runpytest_subprocess(*own)
    result.assert_outcomes(passed=3, failed=1)
    out = result.stdout.str()
    assert "wrong.py::grad_w1" in out and "wrong.py:9:" in out
    assert re.search(r"FAILED wrong.py::grad_w1", out)


def test_of_two_that_ask_only_the_first_analyses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "right.py"
    script.write_text(RIGHT)
    options = CheckOptions(run=False)
    first = once.Once(tmp_path).report(str(script), options)
    monkeypatch.setattr(once, "_checked", lambda *_: pytest.fail("analysed twice"))
    assert once.Once(tmp_path).report(str(script), options) == first


def test_the_run_confirms_where_the_ini_file_asks(run: Run, scripts: pytest.Pytester) -> None:
    pytest.importorskip("torch")
    (scripts.path / "pytest.ini").write_text("[pytest]\ngradlint_run = true\n")
    result = run("--gradlint", "wrong.py", "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["wrong.py::run PASSED*", "*by static analysis, autograd*"])


def test_off_it_imports_nothing_of_the_analysis(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
    code = (
        "import sys, pytest; before = set(sys.modules)\n"
        "code = pytest.main(['-q', '-p', 'gradlint.pytest_plugin'])\n"
        "print(*sorted(n for n in sys.modules if n.partition('.')[0] in\n"
        "      ('gradlint', 'numpy', 'torch', 'libcst', 'click', 'rich', 'fissix', 'filelock')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines()[-1].split() == ["gradlint", "gradlint.pytest_plugin"]
