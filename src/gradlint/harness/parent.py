"""The parent's side: starting the child early, giving it its job, waiting for what it says."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlint.harness.crash import told_ending
from gradlint.harness.limits import memory_or_default
from gradlint.harness.outlet import RESULT
from gradlint.harness.progress import steps_begun
from gradlint.harness.result import RunResult
from gradlint.threads import ONE_EACH

if TYPE_CHECKING:
    from gradlint.claims import LossSpec
    from gradlint.harness.job import Job
    from gradlint.judging import Case
    from gradlint.reading.syntax import Module
    from gradlint.rules.subject import Subject
    from gradlint.settings import CheckOptions

GRACE = 30.0
"""Seconds beyond the script's own limit, for importing torch and for the witnesses."""
PATIENCE = 5.0
"""Seconds that a child gets to end all that it started, before it is killed itself."""
_BEAT = 0.1
"""Seconds between two looks at how far the run is, where somebody watches."""
_START = (
    "import sys; sys.path[0] = sys.argv[1]; "
    "from gradlint.harness.child import main; main(*sys.argv[2:])"
)


class Child:
    """A process that has begun to import torch and waits for a job.

    It must be ended: by `result`, by `cancel` or by leaving its context.
    """

    def __init__(self, options: CheckOptions) -> None:
        self.options = options
        self.timeout = options.timeout
        self.memory = memory_or_default(options.memory)
        self._folder = tempfile.TemporaryDirectory(prefix="gradlint-", ignore_cleanup_errors=True)
        root = str(Path(__file__).resolve().parents[2])
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, root, self._folder.name, *self._bounds()],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self._folder.name, env=_environment(),
            start_new_session=True,
        )  # fmt: skip
        self._deadline = 0.0

    def _bounds(self) -> list[str]:
        return [str(self.timeout), str(GRACE), str(self.memory)]

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()

    def submit(self, case: Case, spec: LossSpec) -> None:
        """Give the child its job: run the module of `case`, confirm its claims against `spec`."""
        self._give([(case, spec, 0, False)])

    def submit_all(self, subjects: Sequence[Subject]) -> None:
        """Give the child all that is judged in one script, each against its loss."""
        judged = [(s, s.judgement) for s in subjects if s.judgement is not None]
        shown = [s.case for s in subjects if s.judgement is None and not s.case.claims]
        self._give(
            [(s.case, found.spec, s.first, s.opposed) for s, found in judged],
            [case for case in shown if not _is_driven(case)][:1],
        )

    def submit_training(self, module: Module) -> None:
        """Give the child a script to run only to see how what autograd trains in it fares."""
        from gradlint.harness.job import training_job

        self._send([training_job(module, **self._bound())])

    def _bound(self) -> dict[str, Any]:
        options = self.options
        return {
            "device": options.device, "limit": self.timeout, "memory": self.memory,
            "stub_data": options.stub_data, "health": options.health,
        }  # fmt: skip

    def _give(
        self, judged: Iterable[tuple[Case, LossSpec, int, bool]], shown: Iterable[Case] = ()
    ) -> None:
        from gradlint.harness.job import job_of, shown_job

        more = self._bound()
        self._send([
            *(job_of(case, spec, first=first, opposed=opposed, **more)
              for case, spec, first, opposed in judged),
            *(shown_job(case.module, case.facts, **more) for case in shown if case.facts.inputs.forms),
        ])  # fmt: skip

    def _send(self, jobs: list[Job]) -> None:
        from gradlint.harness.job import dumps

        (Path(self._folder.name) / "job").write_bytes(dumps(jobs))
        self._deadline = time.monotonic() + self.timeout + GRACE
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(b"go\n")
            self._process.stdin.close()

    def result(self, told: Callable[[int], None] | None = None) -> RunResult:
        """Wait for the result; a child that takes too long is killed with all that it started.

        Without a job there is nothing to wait for, and the result says so. `told` hears of the steps.
        """
        if not self._deadline:
            self.cancel()
            return RunResult("not-run", detail="nothing to confirm: the script was not run")
        try:
            self._wait(told)
        except subprocess.TimeoutExpired:
            return RunResult("timeout", detail=f"stopped after {self.timeout:g} s")
        finally:
            self._end()
            found = self._left()
            self._clean_up()
        return found

    def _wait(self, told: Callable[[int], None] | None) -> None:
        """Wait until the child ends; raises TimeoutExpired at the deadline."""
        while told is not None and time.monotonic() < self._deadline:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_BEAT)
                return
            told(steps_begun(Path(self._folder.name)))
        self._process.wait(max(self._deadline - time.monotonic(), 0.0))

    def cancel(self) -> None:
        """End the child, job or no job, and leave nothing behind."""
        self._end()
        self._clean_up()

    def _clean_up(self) -> None:
        with contextlib.suppress(OSError, RecursionError):
            self._folder.cleanup()

    def _left(self) -> RunResult:
        path = Path(self._folder.name) / RESULT
        try:
            return RunResult.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return RunResult("failed", detail=told_ending(self._process.returncode))

    def _end(self) -> None:
        """Ask the child to end all that it started, then make sure of it."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        self._kill()

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


def _is_driven(case: Case) -> bool:
    from gradlint.tracing import Driven

    return isinstance(case.module, Driven)


_SURROUNDINGS = {
    "MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1",
    "QT_QPA_PLATFORM": "offscreen", "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy",
}  # fmt: skip
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")


def _environment() -> dict[str, str]:
    """The user's environment, without a display."""
    own = {name: value for name, value in os.environ.items() if name not in _DISPLAYS}
    return {**ONE_EACH, **own, **_SURROUNDINGS}


def start(options: CheckOptions) -> Child:
    """Start a child for a file to be checked with `options`."""
    return Child(options)
