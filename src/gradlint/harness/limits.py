"""How much a run may take: numbers, and what the system itself can hold a process to."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass

MEBIBYTE = 2**20
FILES = 2048 * MEBIBYTE
"""Bytes that a run may write altogether, and into one file."""
PROCESSES = 100
"""Processes that a run may have at a time: loaders of data have a worker for each core."""
DEFAULT_MEMORY = 8192
"""MiB: what a script on a data set of a tutorial's size needs, ten times over."""
SHARE = 0.8
"""Of the memory that is free: a run never makes the machine swap unless it is asked to."""
_TASKS = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that the script may run, seconds that everything may take, and MiB of memory."""

    timeout: float
    grace: float
    memory: int


def memory_or_default(memory: int | None) -> int:
    """MiB that a run may use: `memory`, else the default or as much as is free, if that is less."""
    if memory is not None:
        return memory
    free = _free()
    return DEFAULT_MEMORY if free is None else max(min(DEFAULT_MEMORY, int(SHARE * free)), 1)


def _free() -> int | None:
    """MiB of memory that are free, None where that is not known."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open("/proc/meminfo", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        return int(lines["MemAvailable"].split()[0]) // 1024
    return None


def bound_this_process(limits: Limits, data: bool) -> None:
    """Hold this process to `limits`; with `data` also to the memory that it asks for.

    RLIMIT_DATA and not RLIMIT_AS: torch and CUDA reserve far more addresses than they ever use.
    """
    try:
        import resource
    except ImportError:
        return
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": FILES,
        "RLIMIT_CPU": int((limits.timeout + limits.grace) * (os.cpu_count() or 1)) + 1,
        "RLIMIT_NPROC": _TASKS,
    }
    if data:
        wanted["RLIMIT_DATA"] = limits.memory * MEBIBYTE
    for name, value in wanted.items():
        number = getattr(resource, name, None)
        if number is not None:
            soft, hard = resource.getrlimit(number)
            if soft == resource.RLIM_INFINITY or soft > value:
                with contextlib.suppress(OSError, ValueError):
                    resource.setrlimit(number, (value, hard))


def unbind_memory() -> None:
    """Give this process back the memory that the script was not given: what is ours comes now."""
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
