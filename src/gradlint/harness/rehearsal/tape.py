"""What a drive does, as events that can be done again with the real functions and objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradlint.tracing.stand_ins import StandIn

Path = tuple[tuple[str, Any], ...]
"""The way from an object to a part of it: ("item", key) and ("attribute", name), one after the other."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value that the trace knows as the node `node`."""

    node: int


@dataclass(frozen=True, slots=True)
class Part:
    """The part at `path` of what event number `event` gave."""

    event: int
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Plain:
    """A value that is the same in the interpreter and in Python."""

    value: Any


@dataclass(frozen=True, slots=True)
class Several:
    """A list, tuple or dictionary of references."""

    kind: type
    parts: tuple[tuple[Any, Reference], ...]


@dataclass(frozen=True, slots=True)
class Global:
    """A name of the module's top level."""

    name: str


Reference = Known | Part | Plain | Several | Global


@dataclass(frozen=True, slots=True)
class Given:
    """An input, as a value in numpy and the library that it is of; `key` is how it is written."""

    node: int
    value: Any
    library: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Object:
    """An object of a class of the module's, before its `__init__`."""

    cls: Reference


@dataclass(frozen=True, slots=True)
class Standing:
    """A layer that stands in for one which nobody gave; its weight is known when the tape is complete."""

    layer: StandIn


@dataclass(frozen=True, slots=True)
class Set:
    """A part of an object or dictionary is set; unless `always`, only where there is nothing yet."""

    owner: Reference
    step: tuple[str, Any]
    value: Reference
    always: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """`function(*args, **kwargs)`, or the method of that name of `owner`; a property is only asked for."""

    owner: Reference | None
    name: str
    args: tuple[Reference, ...]
    kwargs: tuple[tuple[str, Reference], ...]
    is_property: bool = False


@dataclass(frozen=True, slots=True)
class Apply:
    """`cls.apply(*args)` of a `torch.autograd.Function`."""

    cls: Reference
    args: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Backward:
    """The gradients that torch hands on for the arguments of event `applied`; one alone if `single`."""

    applied: int
    cotangents: tuple[Reference, ...]
    single: bool


Event = Given | Object | Standing | Set | Call | Several | Apply | Backward


@dataclass(slots=True, eq=False)
class Tape:
    """The events in order; `found` says of each node after which event it first stood where.

    `supplied` are values of expressions, by identity and in the order of their evaluation, that the
    interpreter made up: random draws, and what parameters start with.
    """

    events: list[Event] = field(default_factory=list)
    found: dict[int, tuple[int, Part]] = field(default_factory=dict)
    supplied: dict[int, list[Any]] = field(default_factory=dict)

    def add(self, event: Event) -> int:
        self.events.append(event)
        return len(self.events) - 1

    @property
    def after(self) -> Mapping[int, list[tuple[int, Part]]]:
        """The nodes that are found after each event, with their places."""
        by: dict[int, list[tuple[int, Part]]] = {}
        for node, (event, part) in self.found.items():
            by.setdefault(event, []).append((node, part))
        return by
