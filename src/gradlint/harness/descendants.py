"""The processes that a process has started (Linux), what they use, and their end."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

_LEAVING = 5.0
"""Seconds in which processes that were killed can give back their memory and be gone."""
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def descendants(process: int) -> list[int]:
    """All that `process` started and that these started, the oldest first; zombies left out."""
    found: list[int] = []
    waiting = [process]
    while waiting:
        children = [child for parent in waiting for child in _children(parent)]
        found += children
        waiting = children
    return [child for child in found if not _is_zombie(child)]


def _children(process: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{process}/task"):
            with contextlib.suppress(OSError):
                text = Path(f"/proc/{process}/task/{task}/children").read_text(encoding="ascii")
                yield from map(int, text.split())


def _is_zombie(process: int) -> bool:
    with contextlib.suppress(OSError, IndexError):
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
        return text.rpartition(")")[2].split()[0] in "ZX"
    return True


def memory(processes: list[int], bound: int) -> int:
    """Bytes of memory that `processes` have in use, exactly where the sum may be above `bound`.

    Pages that several share are then counted once: forked workers share most of torch.
    """
    simple = sum(map(_resident, processes))
    return simple if simple <= bound else sum(map(_proportional, processes))


def _resident(process: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        text = Path(f"/proc/{process}/statm").read_text(encoding="ascii")
        return int(text.split()[1]) * _PAGE
    return 0


def _proportional(process: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        return next(
            int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")
        )
    return _resident(process)


def end_all(process: int) -> None:
    """End all that `process` started: first stop them, so that none starts another, then kill."""
    for what in (signal.SIGSTOP, signal.SIGKILL):
        seen: set[int] = set()
        for _ in range(200):
            fresh = [child for child in descendants(process) if child not in seen]
            if not fresh:
                break
            for child in fresh:
                with contextlib.suppress(OSError):
                    os.kill(child, what)
            seen.update(fresh)
            _reap()
    until = time.monotonic() + _LEAVING
    while descendants(process) and time.monotonic() < until:
        time.sleep(0.01)
        _reap()


def _reap() -> None:
    with contextlib.suppress(OSError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
