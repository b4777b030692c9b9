"""The surroundings of the script: no display, no standard input, no folder of the user's.

What the script computes is left alone. Its working folder is an empty one that goes away after the
run; files that it names and that exist beside it, or where gradlint was called, are copied there.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gradlint.harness.cuda import only_cpu
from gradlint.harness.job import Job
from gradlint.harness.props import copy_named_files
from gradlint.harness.stand_in import stand_in_for_plotting


class Stopped(BaseException):
    """The script did something that ends the run; the message says what."""


class TimeUp(BaseException):
    """The script ran longer than it may; the message says how long."""


class Stage:
    """The process made ready for one script; `notes` are to be told to the user."""

    def __init__(self, torch: Any, device: str, folder: Path) -> None:
        self.torch = torch
        self.device = device
        self.folder = folder
        self.notes: list[str] = []

    def told(self, detail: str | None) -> str | None:
        """`detail` with the notes, as one line."""
        return "; ".join(dict.fromkeys([*([detail] if detail else []), *self.notes])) or None

    @contextlib.contextmanager
    def set_for(self, job: Job) -> Iterator[None]:
        """Everything that the script may look at or call is in place while the context is open."""
        work = self.folder / "work"
        work.mkdir()
        copy_named_files(job.module.text, [Path(job.home), Path(job.path).parent], work)
        os.chdir(work)
        sys.argv = [job.path]
        sys.path[0] = str(Path(job.path).parent)
        sys.stdin = _NoInput()
        os._exit = _ended_by_exit(os.getpid(), os._exit)
        time.sleep = lambda seconds: None
        stand_in_for_plotting()
        self._seed()
        with only_cpu(self.torch, self.device, job.module.text, self.notes), _alarm(job.limit):
            yield

    def _seed(self) -> None:
        random.seed(0)
        np.random.seed(0)
        self.torch.manual_seed(0)
        fresh = np.random.default_rng
        np.random.default_rng = lambda seed=None: fresh(0 if seed is None else seed)

    @contextlib.contextmanager
    def left(self) -> Iterator[None]:
        """What the script set for itself (warnings as errors, no gradients) is not ours."""
        with warnings.catch_warnings(), np.errstate(all="ignore"), self.torch.enable_grad():
            warnings.simplefilter("ignore")
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


def hurry(seconds: float) -> None:
    """Let the script go on for no longer than this."""
    if hasattr(signal, "setitimer"):
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        signal.setitimer(signal.ITIMER_REAL, min(left, seconds) or seconds, 1.0)


@contextlib.contextmanager
def _alarm(limit: float) -> Iterator[None]:
    """Raise TimeUp in the script after `limit` seconds, and every second again if it goes on."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeUp(f"stopped after {limit:g} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
