"""A walk over small arrays loses time to threads, most of it where others work on the machine too."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gradlint.threads import ONE_EACH, use_one


def test_what_is_not_set_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ONE_EACH:
        monkeypatch.setenv(name, "")  # so that it is put back as it was
        monkeypatch.delenv(name)
    use_one()
    assert [os.environ[name] for name in ONE_EACH] == ["1"] * len(ONE_EACH)


def test_what_the_user_has_set_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ONE_EACH:
        monkeypatch.setenv(name, "3")
    use_one()
    assert [os.environ[name] for name in ONE_EACH] == ["3"] * len(ONE_EACH)


def test_the_command_line_is_there_before_numpy_which_reads_it_when_imported() -> None:
    code = "import sys, gradlint.cli; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0
