"""The parent's side: starting the child early, giving it its job, waiting for what it says."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gradlint.harness.result import RunResult

if TYPE_CHECKING:
    from gradlint.claims import LossSpec
    from gradlint.judging import Case
    from gradlint.rules.subject import Subject
    from gradlint.settings import CheckOptions

GRACE = 30.0
"""Seconds beyond the script's own limit, for importing torch and for the witnesses."""
_START = (
    "import sys; sys.path[0] = sys.argv[1]; "
    "from gradlint.harness.child import main; main(sys.argv[2])"
)


class Child:
    """A process that has begun to import torch and waits for a job.

    It must be ended: by `result`, by `cancel` or by leaving its context.
    """

    def __init__(self, device: str, timeout: float) -> None:
        self.device = device
        self.timeout = timeout
        self._folder = tempfile.TemporaryDirectory(prefix="gradlint-", ignore_cleanup_errors=True)
        root = str(Path(__file__).resolve().parents[2])
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, root, self._folder.name],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self._folder.name, env={**_THREADS, **os.environ, **_SURROUNDINGS},
            start_new_session=True,
        )  # fmt: skip
        self._deadline = 0.0

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()

    def submit(self, case: Case, spec: LossSpec) -> None:
        """Give the child its job: run the module of `case`, confirm its claims against `spec`."""
        self._give([(case, spec, 0)])

    def submit_all(self, subjects: Iterable[Subject]) -> None:
        """Give the child all that is judged in one script, each against its loss."""
        judged = [(s.case, s.judgement.spec, s.first) for s in subjects if s.judgement is not None]
        self._give(judged)

    def _give(self, judged: Iterable[tuple[Case, LossSpec, int]]) -> None:
        from gradlint.harness.job import dumps, job_of

        more = {"device": self.device, "limit": self.timeout}
        jobs = [job_of(case, spec, first=first, **more) for case, spec, first in judged]
        (Path(self._folder.name) / "job").write_bytes(dumps(jobs))
        self._deadline = time.monotonic() + self.timeout + GRACE
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(b"go\n")
            self._process.stdin.close()

    def result(self) -> RunResult:
        """Wait for the result; a child that takes too long is killed with all that it started.

        Without a job there is nothing to wait for, and the result says so.
        """
        if not self._deadline:
            self.cancel()
            return RunResult("not-run", detail="nothing to confirm: the script was not run")
        try:
            self._process.wait(max(self._deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            return RunResult("timeout", detail=f"stopped after {self.timeout:g} s")
        finally:
            self._kill()
            found = self._left()
            self._folder.cleanup()
        return found

    def cancel(self) -> None:
        """End the child, job or no job, and leave nothing behind."""
        self._kill()
        self._folder.cleanup()

    def _left(self) -> RunResult:
        path = Path(self._folder.name) / "result.json"
        try:
            return RunResult.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return RunResult("failed", detail=f"the run {_ending(self._process.returncode)}")

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)


_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Three small steps gain nothing from threads, and lose a factor of 80 (measured: a product of 64 by
1000 and 1000 by 100) where the machine has fewer cores to spare than it says. Also, sums then do not
depend on how many cores there are. What the user has set is left."""
_SURROUNDINGS = {"MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}


def start(options: CheckOptions) -> Child:
    """Start a child for a file to be checked with `options` (their `device` and `timeout`)."""
    return Child(options.device, options.timeout)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"ended without a result (exit code {code})"
