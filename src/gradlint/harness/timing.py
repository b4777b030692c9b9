"""The script's time: an exception in its main thread when it is up, however deep in loops that is."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
import time
from collections.abc import Iterator


class TimeUp(BaseException):
    """The script ran longer than it may; the message says how long."""


_PATIENCE = 1.0
"""Seconds between one reminder and the next: a script may catch everything, or wait in a C function."""
_deadlines: list[float] = []


@contextlib.contextmanager
def time_limit(limit: float) -> Iterator[None]:
    """Raise TimeUp in the script after `limit` seconds, and every second again if it goes on.

    A signal also ends waiting in a system call; where the script took the signal for itself, or the
    system has none, a thread raises the exception.
    """

    class Up(TimeUp):
        def __init__(self, *_: object) -> None:
            super().__init__(f"stopped after {limit:g} s")

    over = threading.Event()
    _deadlines.append(time.monotonic() + limit)
    reminder = threading.Thread(target=_remind, args=(threading.get_ident(), Up, over), daemon=True)
    reminder.start()
    try:
        with _alarm(limit, Up):
            yield
    finally:
        over.set()
        reminder.join()
        _raise_in(threading.get_ident(), None)
        _deadlines.clear()


def hurry(seconds: float) -> None:
    """Let the script go on for no longer than this."""
    until = time.monotonic() + seconds
    if not _deadlines or until >= _deadlines[-1]:
        return
    _deadlines.append(until)
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds, _PATIENCE)


def _remind(thread: int, up: type[TimeUp], over: threading.Event) -> None:
    while not over.wait(min(max(_left(), 0.0) + _PATIENCE / 2, _PATIENCE)):
        if _left() + _PATIENCE / 4 < 0:
            _raise_in(thread, up)


def _raise_in(thread: int, what: type[TimeUp] | None) -> None:
    """Have `what` raised in a thread as soon as it runs Python code; None takes that back."""
    exception = ctypes.py_object(what) if what is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), exception)


def _left() -> float:
    return _deadlines[-1] - time.monotonic() if _deadlines else _PATIENCE


@contextlib.contextmanager
def _alarm(limit: float, up: type[TimeUp]) -> Iterator[None]:
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise up

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
