"""A drive that is walked, and played, with the arguments that the script gives to what it calls.

Where torch or a small autograd of the script's own calls the passes, no call of a function returns gradients
that could be held as they are. What goes in can be lent: the real functions are called with it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlint.driving.engines import VALUES, EngineDrive
from gradlint.harness.calls.listening import Call
from gradlint.harness.freezing import OTHER, Array, Record
from gradlint.harness.putting import Putter
from gradlint.harness.rehearsal.recorder import Recorder
from gradlint.harness.rehearsal.scribe import Unplayable
from gradlint.harness.walks import REAL
from gradlint.tracing import Driven, Facts, Traced


class Borrower(Recorder):
    """Walks a driven module with the arguments of `call` in the place of made inputs, at its own sizes."""

    def __init__(self, module: Driven, facts: Facts, call: Call) -> None:
        known = facts.copy()
        known.sizes, known.parameters, known.shrinks = {}, set(), False
        super().__init__(module, known, 0, REAL)
        self.given = dict(_lent(module, call))
        self.putter = _Giving(self)

    def ready(self) -> None:
        self.lent = frozenset(self.given)
        for name, real in self.given.items():
            if _holds_other(real):
                raise Unplayable(f"{name}, which the script gives to it, could not be copied")
            self.made_inputs[name] = self.putter.named(name, real)


class _Giving(Putter):
    """Makes inputs of a drive, which stand on its tape."""

    def named(self, name: str, real: Any) -> Any:
        """The frozen value `real` as the input `name`."""
        self.site = self.machine.facts.inputs.site(f"own {name}")
        return self(None, real)

    def _leaf(self, value: Any, library: str) -> Traced:
        made = self.machine.leaf(value, library, self.site)
        self.leaves.append(made.id)
        return made


def _lent(module: Driven, call: Call) -> Iterator[tuple[str, Any]]:
    """The inputs of the drive, by name: arguments, or the values of objects that an operator takes."""
    if not isinstance(module.drive, EngineDrive):
        given = list(call.args.items())
        yield from given[1:] if given and given[0][1] is OTHER else given  # the context of torch's
        return
    for name, given in zip("ab", call.args.values(), strict=False):
        value = _value(given)
        if value is None:
            raise Unplayable(f"{name}, which the script gives to it, could not be copied")
        yield name, value


def _value(given: Any) -> Any:
    """What an object of a small autograd stands for, as real numbers; None where that is not known."""
    if isinstance(given, Record):
        held = given.attributes
        given = next((held[name] for name in VALUES if name in held), None)
    if isinstance(given, bool | int | float):
        return float(given)
    if not isinstance(given, Array) or given.value.dtype.kind not in "fiu":
        return None
    return Array(given.value.astype(np.float64), "float64", given.library)


def _holds_other(real: Any) -> bool:
    """Whether some of it is of a kind that is not copied."""
    if isinstance(real, list | tuple):
        return any(map(_holds_other, real))
    if isinstance(real, dict):
        return any(map(_holds_other, real.values()))
    return real is OTHER or isinstance(real, Record)
