"""Runs a script in this process up to a few rounds of one loop, quietly and within a time."""

from __future__ import annotations

import contextlib
import io
import random
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import numpy as np

from mutation.truth.instrument import DONE, HEAD
from mutation.truth.places import Array, Place, leaves

SECONDS = 6.0
State = dict[Place, Array]
Poke = Callable[[FrameType], None]


class Stopped(BaseException):
    """Enough was seen, or the time is over; no `except Exception` of a script may catch it."""


@dataclass
class Watch:
    """What was seen: for each loop its states at the heads of its first rounds and behind it.

    With `loop` given only that loop is watched, `poke` moves its first head, `before` is asked there.
    """

    loop: int | None
    rounds: int
    poke: Poke | None = None
    before: str | None = None
    states: dict[int, list[State]] = field(default_factory=dict)
    asked: Any = None
    closed: set[int] = field(default_factory=set)

    def head(self, loop: int) -> None:
        if self._watched(loop):
            frame = sys._getframe(1)
            if not self.states.get(loop):
                self._first(frame)
            self._note(loop, frame)

    def done(self, loop: int) -> None:
        if self._watched(loop):
            self._note(loop, sys._getframe(1))
            self.closed.add(loop)
            if loop == self.loop:
                raise Stopped

    def _watched(self, loop: int) -> bool:
        return self.loop in (None, loop) and loop not in self.closed

    def _first(self, frame: FrameType) -> None:
        if self.poke is not None:
            self.poke(frame)
        if self.before is not None:
            self.asked = float(eval(self.before, {**frame.f_globals, **frame.f_locals}))

    def _note(self, loop: int, frame: FrameType) -> None:
        states = self.states.setdefault(loop, [])
        states.append(leaves(frame))
        if len(states) > self.rounds:
            self.closed.add(loop)
            if loop == self.loop:
                raise Stopped


def run(code: CodeType, watch: Watch) -> Watch:
    """Run `code` under `watch`, always from the same seeds.

    Raises:
        Exception: whatever the script raises.
        TimeoutError: it took longer than `SECONDS`.
    """
    space = {"__name__": "__main__", HEAD: watch.head, DONE: watch.done}
    with _quiet(), _limited(), contextlib.suppress(Stopped):
        _seed()
        exec(code, space)
    return watch


def _seed() -> None:
    random.seed(0)
    np.random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def prepare_process() -> None:
    """Let torch compute in float64 from now on, whatever a script asks for: differences need it.

    A mutant may overflow, and says so no more.
    """
    import torch

    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    torch.float = torch.float32 = torch.float64


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    generator = np.random.default_rng
    with (
        contextlib.redirect_stdout(io.StringIO()),
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        np.random.default_rng = lambda seed=0: generator(seed)
        try:
            yield
        finally:
            np.random.default_rng = generator


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
