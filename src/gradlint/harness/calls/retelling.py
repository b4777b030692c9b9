"""A walk of a drive with the arguments of the script's own calls in the place of made inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradlint.harness.calls.listening import Call
from gradlint.harness.evidence import rounding, unit_roundoff
from gradlint.harness.freezing import OTHER, Array, Record
from gradlint.harness.putting import Putter
from gradlint.harness.readings import Unread, read_array
from gradlint.harness.rehearsal.scribe import Unplayable
from gradlint.harness.walks import REAL
from gradlint.reading import syntax as s
from gradlint.tracing import Facts, Trace, Traced
from gradlint.tracing.driven import Driven
from gradlint.tracing.machine import Exhausted, NewDimension
from gradlint.tracing.noting import LearntLoop
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Instance, UserClass, UserFunction

OTHERWISE = "the script calls it with other things than the analysis does"


class Retelling(Interpreter):
    """Walks a driven module as the script called it in `calls`.

    `real` are the values of nodes as the script had them; `blur` is how far what the walk hands from
    call to call is from what the script did, relative in the norm.
    """

    def __init__(
        self, module: Driven, facts: Facts, calls: Sequence[Call], frozen: bool = False
    ) -> None:
        known = facts.copy()
        known.sizes, known.parameters, known.shrinks = {}, set(), False
        super().__init__(module, known, 0, REAL, frozen=frozen)
        self.drive = module.drive
        self.calls = {call.name: call for call in calls}
        self.told = list(calls)
        self.putter = _Naming(self)
        self.driving = False
        self.current: Call | None = None
        self.used: Counter[int] = Counter()
        self.real: dict[int, Array] = {}
        self.blur = 0.0

    def walk(self) -> Trace:
        self.execute(self.module.body)
        self._put_module(self.told[0].module)
        self.driving = True
        self.drive(self)
        return self.trace

    def retold(self) -> Trace:
        """The trace of the walk.

        Raises:
            Unplayable: it does not come to its end, or the script called the functions otherwise.
        """
        try:
            return self.walk()
        except (Exhausted, LearntLoop, NewDimension, RecursionError) as error:
            raise Unplayable(
                "the walk does not come to its end at the script's own arguments"
            ) from error

    def _put_module(self, real: Mapping[str, Any]) -> None:
        names = self.scope.module.names
        for name, value in real.items():
            known = name in names and not isinstance(names[name], UserFunction | UserClass)
            if known and value is not OTHER:
                names[name] = self.putter.named(name, value)

    # What the drive asks for

    def input(self, key: str) -> Any:
        """The argument of that name, in the first call that has one."""
        if key not in self.made_inputs:
            given = [call.args[key] for call in self.told if key in call.args]
            if not given:  # of a constructor, which is not called again
                return super().input(key)
            if given[0] is OTHER:
                raise Unplayable(f"{key}, which the script gives to it, could not be copied")
            self.made_inputs[key] = self.putter.named(key, given[0])
        return self.made_inputs[key]

    def leaf(self, value: Any, library: str, expr: s.Expr | None = None) -> Traced:
        """What comes from upstream is what the script gave."""
        if (
            self.driving
            and isinstance(expr, s.Name)
            and self.facts.inputs.sites.get(expr.id) is expr
        ):
            given = self.told[-1].args.get(expr.id[1:]) if expr.id.startswith("d") else None
            if given is not None:
                value = _like(value, given)
        return super().leaf(value, library, expr)

    # The calls

    def invoke(self, function: UserFunction, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if not self.driving or self.depth:
            return super().invoke(function, args, kwargs)
        owner = args[0] if args and isinstance(args[0], Instance) else None
        call = self.calls.pop(function.name, None)
        if call is None:
            return self._not_heard(function, owner, args, kwargs)
        given = dict(zip([p.name for p in function.params], args, strict=False)) | kwargs
        for name, real in call.args.items():
            if name not in given:
                kwargs = {**kwargs, name: self.putter.named(name, real)}
            elif given[name] is not owner or owner is None:
                self._hold_argument(given[name], real)
        self.current, self.used = call, Counter()
        made = super().invoke(function, args, kwargs)
        self.current = None
        self._pair(made, call.result)
        self._pair(owner, call.after)
        return made

    def _not_heard(
        self,
        function: UserFunction,
        owner: Instance | None,
        args: list[Any],
        kwargs: dict[str, Any],
    ) -> Any:
        """A call that the script did not make, of a loss say; an object is as it was at its first call."""
        if function.name == "__init__" and owner is not None and owner.key == "self":
            record = next((c.args[next(iter(c.args))] for c in self.told if c.me is not None), None)
            if not isinstance(record, Record):
                raise Unplayable(OTHERWISE)
            for name, part in record.attributes.items():
                if part is not OTHER:
                    owner.attributes[name] = self.putter.named(f"self.{name}", part)
            return None
        return super().invoke(function, args, kwargs)

    def call(self, func: Any, args: list[Any], kwargs: dict[str, Any], node: s.Call | None) -> Any:
        made = super().call(func, args, kwargs, node)
        values = self.current.draws.get(id(node)) if self.current is not None else None
        if values is None:
            return made
        turn = min(self.used[id(node)], len(values) - 1)
        self.used[id(node)] += 1
        return self.putter.named("drawn", values[turn])

    # What the walk has, beside what the script had

    def _hold_argument(self, made: Any, real: Any) -> None:
        """Hold what is handed to a call against what the script handed to it.

        Raises:
            Unplayable: they differ by more than rounding.
        """
        if isinstance(made, list | tuple) and isinstance(real, list | tuple):
            if len(made) != len(real):
                raise Unplayable(OTHERWISE)
            for one, other in zip(made, real, strict=True):
                self._hold_argument(one, other)
        elif isinstance(made, dict) and isinstance(real, dict):
            for key, one in made.items():
                self._hold_argument(one, real.get(key))
        elif isinstance(made, Traced):
            self.refresh(made)
            self.blur = max(self.blur, _apart(made.value, real))

    def _pair(self, made: Any, real: Any, depth: int = 6) -> None:
        """Note what the nodes in `made` are in the script, by their places in `real`."""
        if isinstance(made, Traced):
            self.refresh(made)
            array = _read(real)
            if array is not None and np.shape(array.value) == np.shape(made.value):
                self.real.setdefault(made.id, array)
        elif depth and isinstance(made, list | tuple) and isinstance(real, list | tuple):
            for one, other in zip(made, real, strict=False):
                self._pair(one, other, depth - 1)
        elif depth and isinstance(made, dict) and isinstance(real, dict):
            for key, one in made.items():
                self._pair(one, real.get(key), depth - 1)
        elif depth and isinstance(made, Instance) and isinstance(real, Record):
            for key, one in list(made.attributes.items()):
                self._pair(one, real.attributes.get(key), depth - 1)


class _Naming(Putter):
    """Makes leaves that are known by the name of what they are a part of."""

    machine: Retelling

    def named(self, name: str, real: Any) -> Any:
        """The frozen value `real` as the interpreter's: the argument or variable `name`."""
        self.site = self.machine.facts.inputs.site(f"own {name}")
        return self(None, real)

    def _leaf(self, value: Any, library: str) -> Traced:
        return Interpreter.leaf(self.machine, value, library, self.site)


def _read(real: Any) -> Array | None:
    try:
        return read_array(real) if not isinstance(real, Array) else real
    except Unread:
        return None


def _like(value: Any, given: Any) -> Any:
    """The frozen `given` in the place of `value`.

    Raises:
        Unplayable: it is of another shape.
    """
    found = _read(given)
    if found is None or np.shape(found.value) != np.shape(value):
        raise Unplayable(OTHERWISE)
    array = np.array(found.value, dtype=np.float64)
    return array if isinstance(value, np.ndarray) else float(array)


def _apart(value: Any, real: Any) -> float:
    """How far a value of the walk is from that of the script, relative in the norm.

    Raises:
        Unplayable: by more than rounding.
    """
    found = _read(real)
    if found is None or np.shape(found.value) != np.shape(value):
        raise Unplayable(OTHERWISE)
    one, other = (np.asarray(x, dtype=np.float64) for x in (value, found.value))
    apart = float(np.linalg.norm(one - other)) / (float(np.linalg.norm(other)) or 1.0)
    if not apart <= rounding(unit_roundoff(found.dtype), found.dtype):
        raise Unplayable(OTHERWISE)
    return apart
