"""Who hears the calls that the running script makes: arguments and results, copied as they stood."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, TypeVar

from gradlint.harness.freezing import Freezer, Record, freeze
from gradlint.harness.observer import Done

Value = TypeVar("Value")
NAME = "__gradlint_calls__"
"""The name of the listener, which stands among the builtins."""
CALLS = 2
"""Calls of each function that are told again: the first ones."""
RECENT = 3
"""The latest calls of a forward pass before a backward pass: one of them belongs to it."""
ATTENTION = 2.0
"""Seconds that copying arguments may take in all."""


@dataclass(slots=True, eq=False)
class Call:
    """One call of a function: frozen values. `line` is where the script called it, None if not in the script.

    `module` are the variables of the module that functions read; `me` is the identity of the object that a
    method was called on, `owner` the name of its class, `after` that object when the call was over.
    """

    name: str
    line: int | None
    args: Mapping[str, Any]
    module: Mapping[str, Any]
    me: int | None = None
    owner: str | None = None
    result: Any = None
    after: Any = None
    draws: dict[int, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The functions that a drive calls, in their order: methods of the class `owner`, where it has one."""

    names: tuple[str, ...]
    owner: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A call of the last function that a drive calls, with the calls before that may belong to it."""

    last: Call
    before: tuple[tuple[Call, ...], ...]

    def ways(self) -> Iterator[tuple[Call, ...]]:
        """The calls of one drive in their order, the likeliest first."""
        if not self.before:
            yield (self.last,)
        for calls in zip(*(_as_long(one, self.before) for one in self.before), strict=True):
            yield (*calls, self.last)


def _as_long(calls: tuple[Call, ...], others: Sequence[tuple[Call, ...]]) -> list[Call]:
    """`calls`, the last one again and again until there are as many as any of `others` has."""
    return [*calls, *calls[-1:] * (max(map(len, others)) - len(calls))]


class Listener:
    """Hears calls until there are enough of each of `wanted`; with `stops` it then ends the script.

    `module` names the variables of the module to be copied, `nodes` are the calls that draw, by number.
    """

    def __init__(
        self, wanted: Sequence[Wanted], path: str, module: frozenset[str], nodes: Sequence[int]
    ) -> None:
        self.wanted, self.path, self.module, self.nodes = wanted, path, module, nodes
        self.told: list[list[Told]] = [[] for _ in wanted]
        self.open: list[tuple[int, Call]] = []
        self.recent: dict[str, deque[Call]] = {}
        self.first: dict[str, Call] = {}
        self.done = self.stops = False
        self.spent = 0.0

    def enter(self, name: str, is_method: bool, owner: str | None = None) -> None:
        """A function begins: its arguments as they are; `owner` is the class of a static method."""
        if self.done:
            return
        began = time.monotonic()
        frame = sys._getframe(1)
        try:
            call = self._call(name, frame, is_method, owner)
        except Exception:
            call = None  # what cannot be copied is not heard: the script goes on as it would
        if call is not None:
            self.open.append((id(frame), call))
        self._pay(began)

    def _wants(self, name: str, owner: str | None) -> bool:
        """Whether a call of that name may still be of use."""
        both = zip(self.wanted, self.told, strict=True)
        return any(
            name in one.names and len(told) < CALLS and (len(one.names) > 1 or one.owner == owner)
            for one, told in both
        )

    def _call(self, name: str, frame: FrameType, is_method: bool, owner: str | None) -> Call | None:
        code = frame.f_code
        given = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        of = type(frame.f_locals[given[0]]).__name__ if is_method and given else owner
        if not self._wants(name, of) or any(frame.f_locals.get(star) for star in _stars(frame)):
            return None
        copy = Freezer()
        args = {one: copy(frame.f_locals[one]) for one in given}
        read = frame.f_globals
        module = {one: copy(read[one]) for one in self.module if one in read}
        call = Call(name, _line_in(self.path, frame.f_back), args, module, owner=owner)
        first = next(iter(args.values()), None)
        if is_method and isinstance(first, Record):
            call.me, call.owner = id(frame.f_locals[given[0]]), first.cls
        return call

    def leave(self, value: Value) -> Value:
        """The function that was entered last returns `value`, which is given back."""
        began = time.monotonic()
        frame = sys._getframe(1)
        place = next((i for i, (one, _) in enumerate(self.open) if one == id(frame)), None)
        if self.done or place is None:
            return value
        call = self.open[place][1]
        del self.open[place:]
        copy = Freezer()
        call.result = copy(value)
        if call.me is not None:
            call.after = copy(frame.f_locals[frame.f_code.co_varnames[0]])
        self._hear(call)
        self._pay(began)
        return value

    def see(self, number: int, value: Value) -> Value:
        """A value was drawn while functions run."""
        if not self.done:
            for _, call in self.open:
                call.draws.setdefault(self.nodes[number], []).append(freeze(value))
        return value

    def _hear(self, call: Call) -> None:
        for wanted, told in zip(self.wanted, self.told, strict=True):
            if call.name == wanted.names[-1] and call.owner == wanted.owner and len(told) < CALLS:
                before = tuple(self._before(one, call) for one in wanted.names[:-1])
                if all(before):
                    told.append(Told(call, before))
        self.recent.setdefault(call.name, deque(maxlen=RECENT)).append(call)
        self.first.setdefault(call.name, call)

    def _before(self, name: str, last: Call) -> tuple[Call, ...]:
        calls = [*reversed(self.recent.get(name, ()))]
        calls += [self.first[name]] if name in self.first else []
        same = [c for c in calls if c.me == last.me or None in (c.owner, last.owner)]
        return tuple(dict.fromkeys(same))

    def _pay(self, began: float) -> None:
        self.spent += time.monotonic() - began
        self.done = self.spent > ATTENTION or all(len(told) == CALLS for told in self.told)
        if self.done:
            self.open.clear()
            if self.stops:
                raise Done


def _line_in(path: str, caller: FrameType | None) -> int | None:
    """The line of the script from which a call came, through a library perhaps."""
    while caller is not None and caller.f_code.co_filename != path:
        caller = caller.f_back
    return None if caller is None else caller.f_lineno


def _stars(frame: FrameType) -> list[str]:
    """The names of `*args` and `**kwargs`."""
    code = frame.f_code
    at = code.co_argcount + code.co_kwonlyargcount
    count = bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return list(code.co_varnames[at : at + count])
