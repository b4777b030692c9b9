"""The child process: imports torch while the parent still reads, then runs the script and confirms.

Started as `child.main(folder, timeout, grace, memory)`: the parent writes `job` into the folder and one line
to standard input; the result is left as `result.json`. What runs the script is a fork of this process, which
a supervisor watches; it ends without any clean-up of the script's.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from gradlint.harness.crash import place_of_crash, told_ending
from gradlint.harness.limits import Limits
from gradlint.harness.outlet import is_empty, leave, open_outlet, own_outlet, write
from gradlint.harness.result import RunResult
from gradlint.harness.supervisor import Ended, supervise

NO_TORCH = "torch is not installed: pip install 'gradlint[torch]'"
_exit = os._exit


def main(folder: str, timeout: str, grace: str, memory: str) -> None:
    """Do one job and end the process."""
    place = Path(folder)
    if not hasattr(os, "fork"):
        work(place)
    open_outlet(place)
    limits = Limits(float(timeout), float(grace), int(memory))
    tell_of_end(place, supervise(lambda: work(place), limits, place))
    _exit(0)


def work(folder: Path) -> None:
    """In the process that runs the script: do the job, leave its result and end."""
    process = os.getpid()
    own_outlet(folder)
    if not sys.platform.startswith("linux"):
        _watch_over(os.getppid())
    result = RunResult("failed", detail="the run ended without a result")
    try:
        result = _main(folder)
    except KeyboardInterrupt:
        pass
    except BaseException as error:
        result = RunResult(
            "failed", detail=f"internal error in the run: {type(error).__name__}: {error}"
        )
    if os.getpid() == process:
        leave(folder, result)
    _exit(1)


def tell_of_end(folder: Path, ended: Ended) -> None:
    """Leave what the supervisor says of a run that left no result itself."""
    if not ended.status and not is_empty(folder):
        return
    code = 128 - ended.code if ended.code > 128 else ended.code
    detail = (ended.why or told_ending(code)) + place_of_crash(folder)
    write(folder, RunResult(ended.status or "failed", detail=detail))


def _main(folder: Path) -> RunResult:
    torch = _torch()
    from gradlint.harness.conduct import conduct
    from gradlint.harness.job import loads

    if sys.stdin.readline().strip() != "go":
        _exit(1)
    if torch is None:
        return RunResult("not-run", detail=NO_TORCH)
    return conduct(torch, loads((folder / "job").read_bytes()), folder, leave)


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        return None
    return torch


def _watch_over(parent: int) -> None:
    """End this process when the parent is gone, where no system does that."""

    def watch() -> None:
        never = threading.Event()
        while os.getppid() == parent:
            never.wait(1.0)
        _exit(1)

    threading.Thread(target=watch, daemon=True).start()
