"""The child process: imports torch while the parent still reads, then runs the script and confirms.

Started as `child.main(folder)`: the parent writes `job` into the folder and one line to standard
input; the result is left as `result.json`. The process ends without any clean-up of the script's.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from gradlint.harness.result import RunResult

NO_TORCH = "torch is not installed: pip install 'gradlint[torch]'"
_exit = os._exit


def main(folder: str) -> None:
    """Do one job and end the process."""
    process = os.getpid()
    result = RunResult("failed", detail="the run ended without a result")
    _watch_over(os.getppid())
    try:
        result = _main(Path(folder))
    except KeyboardInterrupt:
        pass
    except BaseException as error:
        result = RunResult(
            "failed", detail=f"internal error in the run: {type(error).__name__}: {error}"
        )
    if os.getpid() == process:
        leave(Path(folder), result)
    _exit(1)


def leave(folder: Path, result: RunResult) -> None:
    """Leave `result` for the parent and end."""
    part = folder / "result.part"
    part.write_text(result.to_json(), encoding="utf-8")
    part.replace(folder / "result.json")
    _exit(0)


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
    """End this process when the parent is gone, so that nothing is left running."""

    def watch() -> None:
        never = threading.Event()
        while os.getppid() == parent:
            never.wait(1.0)
        _exit(1)

    threading.Thread(target=watch, daemon=True).start()
