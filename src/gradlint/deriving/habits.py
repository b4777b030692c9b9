"""How a script calls its gradients: `grad_w1`, `dW1`, `w1_grad`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from gradlint.claims.names import last_part

_PREFIXES = ("grad_", "gradient_", "dloss_d", "dL_d", "d_", "d")
_SUFFIXES = ("_grad", "_gradient", "_delta", "_d")


@dataclass(frozen=True, slots=True)
class Habit:
    """A gradient's name is that of its tensor between `before` and `after`."""

    before: str = "grad_"
    after: str = ""

    def name(self, place: str) -> str:
        """What the gradient of the tensor at `place` is called: an identifier."""
        words = re.findall(r"\w+", place)
        own = words[-1] if not words or not words[-1].isdigit() else "_".join(words[-2:])
        return f"{self.before}{own}{self.after}"


def habit_of(tensors: Iterable[str], names: Iterable[str], library: str) -> Habit:
    """The habit that the script's `names` show, where they speak of its `tensors`."""
    wanted = {last_part(tensor) for tensor in tensors}
    found = Counter(
        habit for name in dict.fromkeys(names) for habit in _HABITS
        if (of := _of(habit, last_part(name))) is not None and of in wanted
    )  # fmt: skip
    if found:
        return max(found, key=lambda habit: found[habit])
    return Habit("grad_") if library == "torch" else Habit("d")


_HABITS = [Habit(before) for before in _PREFIXES] + [Habit("", after) for after in _SUFFIXES]


def _of(habit: Habit, name: str) -> str | None:
    """The tensor whose gradient `name` is by this habit."""
    if not (name.startswith(habit.before) and name.endswith(habit.after)):
        return None
    return name[len(habit.before) : len(name) - len(habit.after)] or None
