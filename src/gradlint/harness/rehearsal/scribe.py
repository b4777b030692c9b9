"""Writing a tape: how each value of the interpreter is found again among the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradlint.harness.rehearsal.tape import (
    Apply,
    Backward,
    Call,
    Given,
    Global,
    Known,
    Object,
    Part,
    Plain,
    Reference,
    Set,
    Several,
    Standing,
    Tape,
)
from gradlint.tracing import Opaque, Traced
from gradlint.tracing.inputs import Unknown
from gradlint.tracing.making import MadeMapping
from gradlint.tracing.stand_ins import StandIn
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Instance, UserClass, UserFunction

_DEPTH = 6
"""How deep objects are looked through for the values that they hold."""


class Unplayable(Exception):
    """What a drive does cannot be done with real objects; the message says why."""


class Scribe:
    """Knows where the values of `machine` stand among what the events of `tape` gave.

    `parts` are the places of containers and objects, by identity, and `kept` keeps them alive.
    """

    def __init__(self, machine: Interpreter) -> None:
        self.machine = machine
        self.tape = Tape()
        self.parts: dict[int, Part] = {}
        self.kept: list[Any] = []
        self.seen: dict[tuple[int, str], int] = {}

    def give(self, made: Traced, key: str | None = None) -> None:
        """A value that no call of the drive gave: an input, a cotangent, a number of the module's."""
        event = self.tape.add(Given(made.id, made.value, made.library, key))
        self.tape.found[made.id] = event, Part(event)

    def call_of(self, function: UserFunction, args: list[Any], kwargs: dict[str, Any]) -> Call:
        """The call of a function or method, before it is made."""
        self._set_attributes()
        owner: Reference | None = None
        name, rest = function.name, list(args)
        if function.owner is None:
            name = self._name_of(function)
        elif function.kind == "static":
            owner = Global(function.owner.name)
        else:
            owner = self.reference(rest.pop(0))
        positional = tuple(self.reference(value) for value in rest)
        named = tuple((key, self.reference(value)) for key, value in kwargs.items())
        return Call(owner, name, positional, named, function.kind == "property")

    def called(self, call: Call, made: Any) -> None:
        """The call has given `made`, and changed what it changed."""
        self._make_ready(call)
        self.gave(made, self.tape.add(call))

    def applied(self, owner: str, args: list[Any]) -> int:
        """The forward pass of the `torch.autograd.Function` of that name."""
        return self.tape.add(Apply(Global(owner), tuple(self.reference(arg) for arg in args)))

    def went_back(self, cotangents: list[Any], made: Any) -> int:
        """Its backward pass, which has given `made`."""
        applied = max(i for i, event in enumerate(self.tape.events) if isinstance(event, Apply))
        given = tuple(self.reference(cotangent) for cotangent in cotangents)
        return self.tape.add(Backward(applied, given, not isinstance(made, list | tuple)))

    def gave(self, made: Any, event: int) -> None:
        """The event has given `made`, and changed what it changed."""
        self._find(made, Part(event), event)
        for value in list(self.kept):
            self._find(value, self.parts[id(value)], event)
        self.seen = {(id(o), n): id(v) for o in self._objects() for n, v in o.attributes.items()}

    # References

    def reference(self, value: Any) -> Reference:
        """How `value` is found when the tape is played.

        Raises:
            Unplayable: it has no counterpart.
        """
        if isinstance(value, Traced):
            self.machine.refresh(value)
            if value.id not in self.tape.found:
                self.give(value)
            return Known(value.id)
        if id(value) in self.parts:
            return self.parts[id(value)]
        if isinstance(value, Instance):
            return self._keep(value, Object(_class(value.cls)))
        if isinstance(value, StandIn):
            return self._keep(value, Standing(value))
        if isinstance(value, MadeMapping):
            return self._keep(value, Several(dict, ()))
        if isinstance(value, list | tuple | dict):
            made = self._several(value)
            return made if isinstance(value, tuple) else self._keep(value, made)
        return self._plain(value)

    def _several(self, value: Any) -> Several:
        kind = next(one for one in (dict, list, tuple) if isinstance(value, one))
        pairs = value.items() if kind is dict else enumerate(value)
        return Several(kind, tuple((key, self.reference(part)) for key, part in pairs))

    def _plain(self, value: Any) -> Reference:
        if isinstance(value, Unknown):
            return Plain(None)  # no use of it said what it is
        if value is None or isinstance(value, bool | int | float | str):
            return Plain(value)
        if isinstance(value, UserClass):
            return _class(value)
        if isinstance(value, UserFunction):
            return Global(self._name_of(value))
        why = "it is given objects that the analysis made up"
        raise Unplayable(value.reason if isinstance(value, Opaque) else why)

    def _name_of(self, function: UserFunction) -> str:
        names = self.machine.scope.module.names
        found = next((name for name, value in names.items() if value is function), None)
        if found is None:
            raise Unplayable("a function without a name is called")
        return found

    def _keep(self, value: Any, event: Object | Several | Standing) -> Part:
        part = self.parts[id(value)] = Part(self.tape.add(event))
        self.kept.append(value)
        return part

    # Where values stand

    def _find(self, value: Any, part: Part, event: int, depth: int = _DEPTH) -> None:
        """Note where the nodes in `value` stand after `event`, unless they stood somewhere before."""
        if isinstance(value, Traced):
            self.machine.refresh(value)
            self.tape.found.setdefault(value.id, (event, part))
        elif depth and isinstance(value, list | tuple | dict | Instance | StandIn):
            if id(value) not in self.parts and not isinstance(value, tuple):
                self.parts[id(value)] = part
                self.kept.append(value)
            for step, inner in _inside(value):
                self._find(inner, Part(part.event, (*part.path, step)), event, depth - 1)

    # What the drive puts on an object by itself, and what is made where nothing was set

    def _set_attributes(self) -> None:
        for owner in self._objects():
            for name, value in list(owner.attributes.items()):
                if self.seen.get((id(owner), name)) != id(value) and id(value) not in self.parts:
                    step = "attribute", name
                    self.tape.add(Set(self.parts[id(owner)], step, self.reference(value), True))

    def _make_ready(self, call: Call) -> None:
        """What was made for a dictionary or an object during the call stands there before it."""
        known, at = self.machine.made_inputs, 0
        while at < len(self.kept):
            value, at = self.kept[at], at + 1
            if isinstance(value, MadeMapping):
                pairs = [(k, f"{value.key}[{k!r}]") for k in value]
                self._put(value, [(("item", k), key) for k, key in pairs if key in known])
            elif isinstance(value, Instance) and value.key is not None and call.name != "__init__":
                names = [
                    k.removeprefix(f"{value.key}.") for k in known if k.startswith(f"{value.key}.")
                ]
                own = [n for n in names if n.isidentifier()]
                self._put(value, [(("attribute", n), f"{value.key}.{n}") for n in own])

    def _put(self, owner: Any, made: list[tuple[tuple[str, Any], str]]) -> None:
        for step, key in made:
            value = self.reference(self.machine.made_inputs[key])
            self.tape.add(Set(self.parts[id(owner)], step, value))

    def _objects(self) -> list[Instance]:
        return [value for value in self.kept if isinstance(value, Instance)]


def _class(cls: UserClass) -> Global:
    if cls.definition is None:
        raise Unplayable("what this object is, is not known")
    return Global(cls.name)


def _inside(value: Any) -> Iterator[tuple[tuple[str, Any], Any]]:
    """The parts of a container or object, each with the step that leads to it."""
    if isinstance(value, StandIn):
        yield from ((("attribute", name), getattr(value, name)) for name in ("weight", "gradient"))
        return
    if isinstance(value, Instance):
        for name, part in list(value.attributes.items()):
            yield ("attribute", name), part
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(pairs):
        yield ("item", key), part
