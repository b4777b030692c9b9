"""How far a run is, from the child to a person before a terminal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradlint.harness import progress
from gradlint.harness.progress import Meter, steps_begun
from gradlint.reports.progress import bar


def test_the_step_that_a_run_has_come_to_is_seen_while_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_BEAT", 0.0)
    assert steps_begun(tmp_path) == 0
    meter = Meter(tmp_path)
    for step in (1, 120, 7):
        meter(step)
        assert steps_begun(tmp_path) == step


def test_a_script_that_closes_all_files_does_not_stumble_over_the_meter(tmp_path: Path) -> None:
    meter = Meter(tmp_path)
    os.close(meter._file)
    meter(3)
    assert steps_begun(tmp_path) == 0


def test_steps_shorter_than_a_look_are_not_all_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter((100.0, 100.001, 101.0))
    monkeypatch.setattr("gradlint.harness.progress.time.monotonic", lambda: next(now))
    meter = Meter(tmp_path)
    seen = []
    for step in (1, 2, 3):
        meter(step)
        seen.append(steps_begun(tmp_path))
    assert seen == [1, 1, 3]


def test_the_bar_names_the_script_and_writes_to_standard_error_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with bar("net.py", 200) as told:
        told(120)
    shown = capsys.readouterr()
    assert shown.out == "" and "net.py" in shown.err and "120/200" in shown.err
