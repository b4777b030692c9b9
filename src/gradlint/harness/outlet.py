"""Where the result of a run goes: a file that is open before the script could delete or lock anything."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import NoReturn

from gradlint.harness.result import RunResult

RESULT = "result.json"
_exit = os._exit
_outlets: dict[Path, tuple[io.TextIOWrapper, int]] = {}


def open_outlet(folder: Path) -> io.TextIOWrapper:
    """The file for the result of the run in `folder`; it belongs to the first process that asks."""
    if folder not in _outlets:
        _outlets[folder] = open(folder / RESULT, "w", encoding="utf-8"), os.getpid()  # noqa: SIM115
    return _outlets[folder][0]


def write(folder: Path, result: RunResult) -> None:
    """Put `result` in the place of what was written before."""
    outlet = open_outlet(folder)
    outlet.seek(0)
    outlet.truncate()
    outlet.write(result.to_json())
    outlet.flush()


def leave(folder: Path, result: RunResult) -> NoReturn:
    """Leave `result` for the parent and end; a process that the script forked only ends."""
    if folder not in _outlets or _outlets[folder][1] == os.getpid():
        write(folder, result)
    _exit(0)


def own_outlet(folder: Path) -> None:
    """Make the outlet this process's own: what it forks from now on leaves no result."""
    _outlets[folder] = open_outlet(folder), os.getpid()


def is_empty(folder: Path) -> bool:
    """Whether no result was left yet."""
    return not (folder / RESULT).stat().st_size
