"""How far a run is: a number in a file, written by the child and read by the parent while it waits."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

_NAME = "progress"
_BEAT = 0.05
"""Seconds between two notes: nobody reads more often, and a step may be shorter than the writing."""


class Meter:
    """Notes steps in `folder`; opened before the script runs, which cannot open it any more."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / _NAME, os.O_WRONLY | os.O_CREAT, 0o600)
        self._noted = 0.0

    def __call__(self, step: int) -> None:
        """`step` begins. A script that closed the file is not disturbed."""
        now = time.monotonic()
        if now - self._noted < _BEAT:
            return
        self._noted = now
        with contextlib.suppress(OSError):
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, b"%9d" % step)


def steps_begun(folder: Path) -> int:
    """The step that the run in `folder` has come to, 0 where nothing is known yet."""
    try:
        return int((folder / _NAME).read_bytes())
    except (OSError, ValueError):
        return 0
