"""Watches over the process that runs the script, and over all that the script starts.

It is the same process as the child at first and forks before torch is imported: this one stays small and
free, the fork is confined. Where the system permits, the fork and its own live in namespaces:

    parent ─▶ supervisor ─▶ (entrance ─▶ first process of the namespace ─▶) worker

What ends the worker is told by `Ended`, unless the worker has left a result.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from gradlint.harness import linux, namespaces
from gradlint.harness.crash import place_of_crash
from gradlint.harness.descendants import descendants, end_all, memory
from gradlint.harness.limits import FILES, MEBIBYTE, PROCESSES, Limits

BEGINS, ENDS = b"(", b")"
"""What the worker says before and after the script's own code runs."""
SLACK = 5.0
"""Seconds that a script gets to notice that its time is up, before it is killed."""
_POLL, _LONG_POLL = 0.1, 1.0
_HEARING = 2.0
"""Seconds in which a worker that must be ended can still write down where it was."""
_STOPPED, _NO_NAMESPACE = 128, 125
_told: int | None = None
_inside = _own_memory = False


def tell(phase: bytes) -> None:
    """In the worker: tell the supervisor that the script's own code begins or ends."""
    if _told is not None:
        with contextlib.suppress(OSError):
            os.write(_told, phase)


def owns_network() -> bool:
    """In the worker: whether its network is its own, with nobody in it."""
    return _inside


def owns_shared_memory() -> bool:
    """In the worker: whether its shared memory is its own and goes away with it."""
    return _own_memory


@dataclass(frozen=True, slots=True)
class Ended:
    """How the worker ended: an exit code, above 128 for a signal, or why it had to be ended."""

    code: int = 0
    status: str = ""
    why: str = ""


def supervise(
    work: Callable[[], None], limits: Limits, folder: Path, ways: Sequence[bool] = (True, False)
) -> Ended:
    """Do `work` in a process of its own and give back how that ended; nothing of it is left then.

    `ways` are with and without namespaces, in the order in which they are tried. Ends early when this
    process's parent is gone.
    """
    parent = os.getppid()
    with contextlib.suppress(OSError):
        linux.prctl(linux.SUBREAPER, 1)
    for inside in ways:
        ended = _one_way(work, limits, folder, inside, parent)
        if ended.code != _NO_NAMESPACE:
            break
    return ended


def _one_way(
    work: Callable[[], None], limits: Limits, folder: Path, inside: bool, parent: int
) -> Ended:
    reader, writer = os.pipe()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        os.close(reader)
        _be_worker(work, writer, inside)
    signal.signal(signal.SIGTERM, lambda *_: _asked_to_end(child))
    os.close(writer)
    try:
        return _Watch(child, parent, limits, folder, reader).ended()
    finally:
        _end(child)
        os.close(reader)


def _asked_to_end(child: int) -> NoReturn:
    _end(child)
    os._exit(1)


def _end(child: int) -> None:
    """End all that was started; where the system does not list it, all of the worker's session."""
    end_all(os.getpid())
    if not sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)


def _be_worker(work: Callable[[], None], writer: int, inside: bool) -> NoReturn:
    """What the fork does; it never returns."""
    global _told, _inside, _own_memory
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_parent()
    try:
        _own_memory = inside and _into_namespaces()
        os.setsid()
        _told, _inside = writer, inside
        work()
    finally:
        os._exit(1)


def _into_namespaces() -> bool:
    """Return in the worker, two forks below; the others wait for it and end with what it ended with."""
    if not namespaces.enter():
        os._exit(_NO_NAMESPACE)
    _wait_for_fork()
    own = namespaces.own_mounts(FILES)
    _wait_for_fork()
    return own


def _wait_for_fork() -> None:
    """Fork; return in the new process, in the old one wait for it and end as it did."""
    child = os.fork()
    if child == 0:
        _end_with_parent()
        return
    os.closerange(3, 256)
    signal.signal(signal.SIGABRT, signal.SIG_IGN)
    while True:
        with contextlib.suppress(OSError):
            process, status = os.waitpid(-1, os.WUNTRACED)
            if process == child:
                os._exit(_code(status))


def _end_with_parent() -> None:
    with contextlib.suppress(OSError):
        linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)


def _code(status: int) -> int:
    if os.WIFSTOPPED(status):
        return _STOPPED + os.WSTOPSIG(status)
    return _STOPPED + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


@dataclass(slots=True)
class _Watch:
    """The supervisor's view of one worker."""

    child: int
    parent: int
    limits: Limits
    folder: Path
    pipe: int
    began: float | None = None
    looked: float = field(default_factory=time.monotonic)
    poll: float = _LONG_POLL

    def ended(self) -> Ended:
        """Wait until the worker ends or has to be ended."""
        while True:
            self._listen()
            process, status = os.waitpid(self.child, os.WNOHANG | os.WUNTRACED)
            if process:
                return Ended(_code(status))
            if os.getppid() != self.parent:
                return Ended(1)
            found = self._too_much() if self.began is not None else None
            if found is not None:
                self._let_it_say_where()
                return found

    def _listen(self) -> None:
        """Wait a moment, less if the worker says something or ends."""
        ready, _, _ = select.select([self.pipe] if self.pipe >= 0 else [], [], [], self.poll)
        said = os.read(self.pipe, 64) if ready else None
        if said == b"":
            self.pipe, self.poll = -1, _POLL / 10
        elif said:
            self.began = time.monotonic() if said.endswith(BEGINS) else None
            self.poll = _POLL if self.began is not None else _LONG_POLL

    def _too_much(self) -> Ended | None:
        """What the run has too much of, if anything."""
        now, limits = time.monotonic(), self.limits
        if self.began is not None and now - self.began > limits.timeout + SLACK:
            return Ended(status="timeout", why=f"stopped after {limits.timeout:g} s")
        running = descendants(os.getpid())
        if len(running) > PROCESSES:
            return Ended(status="failed", why=f"the run started more than {PROCESSES} processes")
        bound = limits.memory * MEBIBYTE
        if memory(running, bound) > bound:
            why = f"the run needs more than {limits.memory} MiB of memory (--memory)"
            return Ended(status="failed", why=why)
        if now - self.looked > _LONG_POLL:
            self.looked = now
            if _size(self.folder) > FILES:
                why = f"the run wrote more than {FILES // MEBIBYTE} MiB to files"
                return Ended(status="failed", why=why)
        return None

    def _let_it_say_where(self) -> None:
        """Have the worker's fault handler write down which line is running."""
        for process in descendants(os.getpid())[:4]:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGABRT)
        until = time.monotonic() + _HEARING
        while not place_of_crash(self.folder) and time.monotonic() < until:
            time.sleep(_POLL / 2)


def _size(folder: Path) -> int:
    """Bytes of the files below `folder`."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += os.lstat(os.path.join(place, name)).st_size
    return size
