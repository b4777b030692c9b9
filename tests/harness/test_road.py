"""The whole road of a run that goes wrong: the static verdict stands, and the exit code is that of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradlint import command, harness
from gradlint.cli import cli, run
from gradlint.model import FileReport, Run, Verdict
from gradlint.running import Outcome
from tests.harness.test_hostile import script

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="signals are POSIX")


def test_a_run_that_is_killed_leaves_the_verdict_and_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "script.py"
    kills = script(inside="os.kill(os.getpid(), 9)").replace("w -= ", "w += ")
    path.write_text(kills, encoding="utf-8")
    before = sorted(os.environ.items()), sorted(tmp_path.iterdir())
    assert run(["--output-format", "json", str(path)]) == 1
    (report,) = json.loads(capsys.readouterr().out)["files"]
    assert report["verdict"] == "wrong"
    assert report["gradients"][0]["static"] == "opposite"
    assert report["run"]["status"] == "failed"
    assert report["run"]["detail"].startswith("the run was killed (SIGKILL)")
    assert (sorted(os.environ.items()), sorted(tmp_path.iterdir())) == before


def test_without_a_run_no_child_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(options: object) -> None:
        raise AssertionError("a child was started")

    monkeypatch.setattr(harness, "start", refuse)
    (tmp_path / "script.py").write_text(script(), encoding="utf-8")
    found = CliRunner().invoke(cli, ["check", "--no-run", str(tmp_path / "script.py")])
    assert "internal error" not in found.output
    assert "correct" in found.output


def test_what_a_system_does_not_guard_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    ran = Run("ok", "cpu", unguarded=("memory is not limited",))
    reports = [FileReport(name, Verdict.CORRECT, run=ran) for name in ("a.py", "b.py")]
    outcomes = [Outcome(report, found=False) for report in reports]
    list(command._watched(outcomes, []))
    told = "gradlint: on this system, memory is not limited while a script runs\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("memory", ["0", "-1", "much"])
def test_memory_that_is_none_is_wrong_usage(
    memory: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--memory", memory, "script.py"]) == 2
    assert "--memory" in capsys.readouterr().err
