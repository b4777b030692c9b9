"""The Python interface: what is promised by name, its examples, and what its import costs."""

from __future__ import annotations

import dataclasses
import doctest
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import gradlint
from gradlint import cli, interface, model, settings
from gradlint.gradcheck import front, result

EXAMPLE = """\
import numpy as np
x, y = np.random.randn(8, 3), np.random.randn(8)
w = np.zeros(3)
for step in range(100):
    h = x @ w
    error = h - y
    loss = (error**2).sum()
    grad_w = 2 * x.T @ h
    w -= 0.01 * grad_w
"""


def test_every_name_is_there() -> None:
    assert {name for name in gradlint.__all__ if not hasattr(gradlint, name)} == set()
    assert set(gradlint.__all__) <= set(dir(gradlint))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = gradlint.nothing


@pytest.mark.parametrize(
    "module", [interface, model, settings, front, result], ids=lambda m: m.__name__
)
def test_the_examples_run(module: object) -> None:
    globs = {**vars(module), "EXAMPLE": EXAMPLE}
    failures, tried = doctest.testmod(module, extraglobs=globs)  # type: ignore[arg-type]
    assert tried and not failures


def test_every_value_that_flows_out_is_frozen_and_has_an_example() -> None:
    kinds = [getattr(gradlint, name) for name in gradlint.__all__ if name[0].isupper()]
    values: list[Any] = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
    assert len(values) >= 9
    for kind in values:
        assert kind.__dataclass_params__.frozen, kind
        assert ">>>" in (kind.__doc__ or ""), kind


def test_importing_costs_nothing() -> None:
    code = "import sys; before = set(sys.modules); import gradlint; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"gradlint", "__future__"}


def test_the_command_line_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "script.py"
    path.write_text(EXAMPLE)
    report = gradlint.check_script(path)
    assert report.verdict is gradlint.Verdict.WRONG
    cli.run(["--no-run", "--output-format", "json", str(path)])
    assert json.loads(capsys.readouterr().out) == json.loads(gradlint.render(report, "json"))


def test_a_notebook_may_be_given_as_text() -> None:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": EXAMPLE,
    }
    book = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    report = gradlint.check_text(book, "lecture.ipynb")
    assert report.verdict == "wrong" and report.findings[0].span.cell == 1


def test_what_cannot_be_read_is_said_and_not_raised(tmp_path: Path) -> None:
    report = gradlint.check_script(tmp_path / "missing.py")
    assert report.verdict == "unreadable" and "no such file" in (report.reason or "")
