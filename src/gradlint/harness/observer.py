"""The observer: what the instrumented script calls, and what it saw."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gradlint.harness.freezing import OTHER, Freezer, freeze
from gradlint.harness.health.watch import Watch
from gradlint.harness.integers import divide
from gradlint.harness.plan import Plan
from gradlint.harness.timing import hurry
from gradlint.harness.walks import Step
from gradlint.harness.watching import Key

Value = TypeVar("Value")
EMPTY_ROUNDS = 500
"""Rounds in which no parameter moved (a perceptron that is right) that are passed over."""

PATIENCE = 10.0
"""Seconds in which a further training loop must begin, once one was seen."""


class Done(BaseException):
    """Enough was seen; no `except Exception` of the script's own stops this."""


@dataclass(slots=True, eq=False)
class Seen:
    """One step: the variables at its head, and what was watched, in order."""

    step: Step
    values: dict[Key, list[Any]] = field(default_factory=dict)


class Observer:
    """Called by the script at the points of the plan; `finish` is for scripts that swallow Done.

    The run goes on until all of `company` saw enough: the script may have several training loops.
    """

    def __init__(
        self, plan: Plan, finish: Callable[[Observer], None], company: Sequence[Observer] = ()
    ) -> None:
        self.plan = plan
        self.finish = finish
        self.company = company
        self.steps: list[Seen] = []
        self.current: Seen | None = None
        self.freezer: Freezer | None = None
        self.skipped = 0
        self.done = False
        self.watch: Watch | None = None
        self.name = plan.points[""].observer
        self.codes = [
            compile(key[2], "<place>", "eval") if _evaluable(key) else None for key in plan.keys
        ]

    divide = staticmethod(divide)

    def head(self) -> None:
        """A round of the training loop begins."""
        if self.done:
            self._wait()
            return
        self.leave()
        if self.watch is not None and not self.watch.enough:
            self.watch.head()
            if len(self.steps) >= self.plan.job.iterations:
                return
        elif len(self.steps) >= self.plan.job.iterations or self.skipped > EMPTY_ROUNDS:
            self.done = True
            if all(one.done for one in self.company):
                raise Done
            hurry(PATIENCE)
            return
        frame = sys._getframe(1)
        self.freezer = Freezer(self.freezer)
        inside = frame.f_locals is not frame.f_globals and self.plan.job.loop is not None
        module = self.freezer.names(frame.f_globals) if self.plan.job.loop is not None else {}
        local = self.freezer.names(frame.f_locals) if inside else {}
        self.current = Seen(Step(local, module))

    def _wait(self) -> None:
        """Let the script go on where another training loop is still to be seen."""
        if all(one.done for one in self.company):
            self.finish(self)

    def leave(self) -> None:
        """The round is over, or the loop is."""
        if self.watch is not None:
            self.watch.leave()
        current, self.current = self.current, None
        if current is None:
            return
        if not any(key[1] not in self.plan.draws for key in current.values):
            self.skipped += 1
            return
        current.step.draws = {
            key[1]: values for key, values in current.values.items() if key[1] in self.plan.draws
        }
        self.steps.append(current)

    def see(self, number: int, value: Value) -> Value:
        """Note the value of a watched expression and give it back."""
        self._note(number, value)
        return value

    def look(self, number: int) -> None:
        """Note the value of a place in the frame of the caller."""
        code = self.codes[number]
        if code is None or not self._wants(number):
            return
        frame = sys._getframe(1)
        try:
            value = eval(code, frame.f_globals, frame.f_locals)
        except Exception:
            value = OTHER
        self._note(number, value)

    def _wants(self, number: int) -> bool:
        watched = self.watch is not None and self.watch.wants(number)
        return watched or (self.current is not None and number < self.plan.kept)

    def _note(self, number: int, value: Any) -> None:
        if self.watch is not None:
            self.watch.see(number, value)
        if self.current is not None and number < self.plan.kept:
            self.current.values.setdefault(self.plan.keys[number], []).append(freeze(value))


class Nobody:
    """Stands where an observer will, while an instrumented script runs for another reason."""

    divide = staticmethod(divide)

    def head(self) -> None:
        """A round begins."""

    leave = head

    def see(self, number: int, value: Value) -> Value:
        """A value, as it is."""
        return value

    def look(self, number: int) -> None:
        """A place is passed."""


def _evaluable(key: Key) -> bool:
    if key[0] == "value" or "..." in key[2]:
        return False
    try:
        compile(key[2], "<place>", "eval")
    except SyntaxError:
        return False
    return True
