"""The surroundings of the script: no display, no standard input, no folder of the user's.

What the script computes is left alone. Its working folder is an empty one that goes away after the
run; files that it names and that exist beside it, or where gradlint was called, are copied there, large
ones linked to.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gradlint.harness import guard
from gradlint.harness.crash import note_crashes
from gradlint.harness.cuda import only_cpu
from gradlint.harness.evidence import UNITS
from gradlint.harness.guard import Guards
from gradlint.harness.job import Job
from gradlint.harness.limits import Limits, unbind_memory
from gradlint.harness.made_data import MadeData
from gradlint.harness.missing import told_missing
from gradlint.harness.outlet import open_outlet
from gradlint.harness.precision import TF32, exact, uses_tf32
from gradlint.harness.props import put_named_files, working_folder
from gradlint.harness.silence import silence_windows
from gradlint.harness.stand_in import DATA, PLOTTING, stand_in_for
from gradlint.harness.supervisor import BEGINS, ENDS, tell
from gradlint.harness.timing import time_limit


class Stopped(BaseException):
    """The script did something that ends the run; the message says what."""


class Stage:
    """The process made ready for one script; `notes` are to be told to the user."""

    def __init__(self, torch: Any, device: str, folder: Path, guards: Guards = guard.ALL) -> None:
        self.torch = torch
        self.device = device
        self.folder = folder
        self.guards = guards
        self.notes: list[str] = []
        self.unguarded: tuple[str, ...] = ()
        self.data: MadeData | None = None
        self.ready = False
        self.text = ""

    def told(self, detail: str | None) -> str | None:
        """`detail` with the notes, as one line."""
        made = self.data.note() if self.data is not None else None
        lines = [line for line in (detail, made, *self.notes) if line]
        return "; ".join(dict.fromkeys(lines)) or None

    def missing(self, error: BaseException, line: int | None) -> str | None:
        """What the script wanted to read and did not find, if that is what `error` is about."""
        if self.data is None:
            return None
        return told_missing(error, line, self.data.reads, self.data.job.stub_data)

    @contextlib.contextmanager
    def set_for(self, job: Job) -> Iterator[None]:
        """Everything that the script may look at or call is in place while the context is open."""
        self._prepare(job)
        with only_cpu(self.torch, self.device, job.module.text, self.notes):
            tell(BEGINS)
            try:
                with time_limit(job.limit):
                    yield
            finally:
                unbind_memory()
                tell(ENDS)

    def _prepare(self, job: Job) -> None:
        """What is done once, however often something of the user's is run."""
        self._seed()
        self.text = job.module.text
        if self.ready:
            return
        self.ready = True
        work, temporary = working_folder(self.folder / "work"), self.folder / "tmp"
        temporary.mkdir()
        put_named_files(job.module.text, [Path(job.home), Path(job.path).parent], work)
        os.chdir(work)
        sys.argv = [job.path]
        sys.path[0] = str(Path(job.path).parent)
        sys.stdin = _NoInput()
        os._exit = _ended_by_exit(os.getpid(), os._exit)
        time.sleep = lambda seconds: None
        stand_in_for([*PLOTTING, *(DATA if job.stub_data else ())])
        silence_windows()
        self._confine(job, [self.folder / "work", temporary])

    def _confine(self, job: Job, folders: list[Path]) -> None:
        note_crashes(self.folder, job.path)
        open_outlet(self.folder)
        guard.close_standard_input()
        guard.own_temporary_folder(folders[-1])
        guard.expendable()
        limits = Limits(job.limit, job.limit, job.memory)
        self.unguarded = guard.confine(folders, limits, self.device == "cpu", self.guards)

    def _seed(self) -> None:
        random.seed(0)
        np.random.seed(0)
        self.torch.manual_seed(0)
        fresh = np.random.default_rng
        np.random.default_rng = lambda seed=None: fresh(0 if seed is None else seed)

    @contextlib.contextmanager
    def left(self) -> Iterator[None]:
        """What the script set for itself (warnings as errors, no gradients) is not ours."""
        if uses_tf32(self.torch, self.device, self.text):
            self.notes.append(
                "TF32 is on: gradients in single precision are compared to its 10 bits"
            )
            UNITS["float32"] = TF32
        with warnings.catch_warnings(), np.errstate(all="ignore"), self.torch.enable_grad():
            warnings.simplefilter("ignore")
            with exact(self.torch, self.device):
                yield


class _NoInput(io.TextIOBase):
    """Standard input that nobody types into."""

    def readline(self, *_: Any) -> Any:
        raise Stopped("the script reads standard input")

    read = readlines = __next__ = readline


def _ended_by_exit(process: int, really: Any) -> Any:
    def ended(code: int = 0) -> None:
        if os.getpid() != process:
            really(code)
        raise Stopped(f"the script called os._exit({code})")

    return ended
