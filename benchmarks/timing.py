"""Wall time and peak memory of commands, measured in turn so that a busy machine hits all alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

Command = Sequence[str]


@dataclass(frozen=True)
class Cost:
    """What one run took: `seconds` of wall time and `megabytes` of peak resident memory."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Pair:
    """Two commands side by side: the medians of each, and the median of the ratio of each turn."""

    first: Cost
    second: Cost
    time_ratio: float
    memory_ratio: float


def run_once(command: Command) -> Cost:
    """Run `command` to its end, its output thrown away; any exit code will do."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(seconds, usage.ru_maxrss / 1024)


def side_by_side(first: Command, second: Command, turns: int) -> Pair:
    """Run the two in turn, `turns` times each, after one unmeasured run of each."""
    run_once(first), run_once(second)
    pairs = [(run_once(first), run_once(second)) for _ in range(turns)]
    return Pair(
        _median([a for a, _ in pairs]),
        _median([b for _, b in pairs]),
        statistics.median(a.seconds / b.seconds for a, b in pairs),
        statistics.median(a.megabytes / b.megabytes for a, b in pairs),
    )


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.megabytes for cost in costs),
    )
