"""What the gradients of a backward pass are called: as the script does, or would."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gradlint.composing.aim import Aim
from gradlint.deriving.habits import Habit, habit_of
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

_NUMBERED = re.compile(r"^[A-Za-z](\d+)$")


@dataclass(eq=False)
class Naming:
    """Hands out names for gradients, no name twice and none that the script holds otherwise.

    `settled` are the names, by parameter, that the script's own steps consume.
    """

    habit: Habit
    settled: Mapping[str, str]
    held: Collection[str]
    given: set[str] = field(default_factory=set)

    def known(self, place: str | None) -> str | None:
        """`place`, if the script's own steps consume its gradient by a name."""
        return place if place in self.settled else None

    def of(self, place: str) -> str:
        """The gradient of the tensor at `place`."""
        return self.settled.get(place) or self._free(self.habit.name(place))

    def before(self, place: str) -> str:
        """The gradient of what an activation, whose output is at `place`, was taken of."""
        numbered = _NUMBERED.match(place)
        if numbered:
            letter = "Z" if place[0].isupper() else "z"
            return self._free(self.habit.name(f"{letter}{numbered[1]}"))
        return self._free(self.habit.name(f"{place}_in"))

    def _free(self, name: str) -> str:
        while name in self.given or name in self.held:
            name += "_"
        self.given.add(name)
        return name


def naming_for(aim: Aim, module: s.Module, settled: Mapping[str, str]) -> Naming:
    """The naming habit of a script, read off all names that it speaks of."""
    from gradlint.ops import Dialect

    words = [n.id for n in descend(module.body) if isinstance(n, s.Name)]
    words += [name for name in settled.values() if name.isidentifier()]
    tensors = [*aim.goal.parameters, *(p for p, t in aim.visible.items() if t.id >= 0)]
    habit = habit_of(tensors, words, Dialect.from_source(module.text).library)
    return Naming(habit, settled, {place for place in aim.visible if place.isidentifier()})
