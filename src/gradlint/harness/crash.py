"""How a process ended that could not say it itself, and in which line of the script it was."""

from __future__ import annotations

import contextlib
import faulthandler
import re
import signal
from pathlib import Path

_NAME = "crash"
_SIGNALS = {
    "SIGKILL": "was killed (SIGKILL): by the script itself, or by the system for want of memory",
    "SIGSTOP": "stopped itself (SIGSTOP)",
    "SIGXCPU": "used up its processor time (SIGXCPU)",
}


def note_crashes(folder: Path, script: str) -> None:
    """Have the line of `script` that runs written into `folder` when this process crashes."""
    file = open(folder / _NAME, "w", encoding="utf-8")  # noqa: SIM115
    file.write(script + "\n")
    file.flush()
    faulthandler.enable(file, all_threads=True)


def place_of_crash(folder: Path) -> str:
    """` (line 7)`, where the crash was noted and a line of the script was running."""
    with contextlib.suppress(OSError, StopIteration):
        text = (folder / _NAME).read_text(encoding="utf-8", errors="replace")
        script, _, frames = text.partition("\n")
        found = re.finditer(r'^  File "(.*)", line (\d+) in ', frames, re.MULTILINE)
        return f" (line {next(m[2] for m in found if m[1] == script)})"
    return ""


def told_ending(code: int | None) -> str:
    """An exit code in words; one below zero stands for a signal, as in `subprocess`."""
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            return f"the run {_SIGNALS.get(name, f'was ended by {name}')}"
    return f"the run ended without a result (exit code {code})"
