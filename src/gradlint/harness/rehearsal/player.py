"""Playing a tape with the user's real functions and objects."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.harness.freezing import Array, is_array
from gradlint.harness.integers import divide
from gradlint.harness.readings import Unread, read_array
from gradlint.harness.rehearsal.ordering import in_order
from gradlint.harness.rehearsal.scribe import Unplayable
from gradlint.harness.rehearsal.standing_in import Layer
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
from gradlint.tracing.calls import EVERY, REST
from gradlint.tracing.stand_ins import StandIn

_TOLD = 160
"""Characters of an exception's text that are shown."""


class Supplier:
    """What the instrumented functions call: it gives them the values that the analysis made up."""

    divide = staticmethod(divide)

    def __init__(self, sizes: Mapping[int, int]) -> None:
        self.sizes = sizes
        self.supplied: Mapping[int, list[Any]] = {}
        self.turns: dict[int, int] = {}
        self.on = False

    def see(self, number: int, value: Any) -> Any:
        """The value that stands for `value`, which the expression `number` has just given."""
        if not self.on:
            return value
        if number in self.sizes:
            return self.sizes[number]
        turn = self.turns[number] = self.turns.get(number, -1) + 1
        values = self.supplied.get(number, ())
        return alike(values[turn], value) if turn < len(values) else value


def alike(made: Any, real: Any) -> Any:
    """`made` as a value of the kind of `real`.

    Raises:
        Unplayable: it has another shape.
    """
    if isinstance(real, bool | int | float) and np.size(made) == 1:
        return type(real)(np.asarray(made).reshape(()).item())
    if not is_array(real) and not isinstance(real, np.generic):
        return np.asarray(made).tolist() if isinstance(real, list) else real
    if tuple(real.shape) != np.shape(made):
        raise Unplayable(
            f"it runs at other sizes, {tuple(real.shape)} and not {np.shape(made)}, than it was analysed at"
        )
    if isinstance(real, np.ndarray | np.generic):
        array = np.array(made, dtype=real.dtype)
        return array.view(np.matrix) if isinstance(real, np.matrix) else array
    return real.new_tensor(np.asarray(made)).requires_grad_(real.requires_grad)


@dataclass(slots=True, eq=False)
class Player:
    """Executes a tape in the module `scope`; with `tensors` every array that is made is one of torch's.

    `failures` say which definitions of the module could not be executed, and why. A tape of the script's
    `own` arguments is played at the sizes that are written.
    """

    tape: Tape
    scope: dict[str, Any]
    supplier: Supplier
    path: str
    torch: Any
    failures: Sequence[str] = ()
    tensors: bool = False
    own: bool = False

    def perform(self) -> None:
        """Play all events.

        Raises:
            Unplayable: a function failed, or something was not found where it should be.
        """
        self._run(_Take(self, set(), {}, whole=True))

    def play(
        self, wanted: Collection[int], instead: Mapping[int, Any] | None = None
    ) -> dict[int, Array]:
        """Copies of the values of the nodes `wanted`, with `instead` in the place of others.

        Raises:
            Unplayable: a function failed, or something was not found where it should be.
        """
        take = _Take(self, set(wanted), instead or {})
        self._run(take)
        return take.values

    def _run(self, take: _Take) -> None:
        self.supplier.turns.clear()
        self.supplier.supplied = self.tape.supplied
        small, self.supplier.sizes = self.supplier.sizes, {} if self.own else self.supplier.sizes
        self.supplier.on = True
        try:
            with in_order():
                take.run()
        except Unplayable:
            raise
        except Exception as error:
            missing = isinstance(error, NameError) and self.failures
            told = self.failures[0] if missing else _told(error, self.path)
            raise Unplayable(told) from error
        finally:
            self.supplier.on, self.supplier.sizes = False, small

    def array(self, given: Given, value: Any) -> Any:
        """What the interpreter made, as an object of its library."""
        if given.library == "python":
            return np.asarray(value).reshape(()).item() if is_array(value) else value
        array = np.array(value)
        if given.library == "matrix" and self.tensors:
            raise Unplayable("an np.matrix is no tensor of torch's")
        if given.library == "torch" or self.tensors:
            made = self.torch.from_numpy(array)
            return made.to(self.torch.get_default_dtype()) if made.is_floating_point() else made
        return array.view(np.matrix) if given.library == "matrix" else array


class _Take:
    """One execution of a tape: `made` is what each event gave, `live` the objects that nodes are."""

    def __init__(
        self, player: Player, wanted: set[int], instead: Mapping[int, Any], whole: bool = False
    ) -> None:
        self.player, self.wanted, self.instead, self.whole = player, wanted, instead, whole
        self.after = player.tape.after
        self.left = wanted | set(instead)
        self.made: list[Any] = []
        self.live: dict[int, Any] = {}
        self.values: dict[int, Array] = {}
        self.applied: dict[int, list[Any]] = {}

    def run(self) -> None:
        for number, event in enumerate(self.player.tape.events):
            if not self.whole and not self.left - set(self.live):
                return
            self.made.append(self._do(event))
            for node, part in self.after.get(number, ()):
                self._note(node, part)

    def _note(self, node: int, part: Part) -> None:
        try:
            self.live[node] = self._part(part)
        except (KeyError, IndexError, AttributeError, TypeError):
            if node in self.left:
                raise Unplayable("a value is not where the analysis has it") from None
            return
        if node in self.instead and not isinstance(self.player.tape.events[part.event], Given):
            self.live[node] = _overwritten(self.live[node], self.instead[node])
        if node in self.wanted:
            self.values[node] = _copy(self.live[node])

    def _do(self, event: Any) -> Any:
        match event:
            case Given():
                value = self.instead.get(event.node, event.value)
                return self.player.array(event, value)
            case Object():
                cls = self._find(event.cls)
                return cls.__new__(cls)
            case Standing():
                return self._standing(event.layer)
            case Several():
                return self._several(event)
            case Set():
                return self._set(event)
            case Apply():
                return self._apply(event)
            case Backward():
                return self._backward(event)
        return self._call(event)

    def _standing(self, layer: StandIn) -> Any:
        if layer.weight is None:
            return Layer(None)
        value = self.instead.get(layer.weight.id, layer.weight.value)
        return Layer(self.player.array(Given(layer.weight.id, value, layer.weight.library), value))

    def _apply(self, event: Apply) -> Any:
        args = [self._find(value) for value in event.args]
        inputs = [x.detach().requires_grad_() if _is_float(x) else x for x in args]
        self.applied[len(self.made)] = inputs
        return self._find(event.cls).apply(*inputs)

    def _backward(self, event: Backward) -> Any:
        """What torch makes of the gradients that the function returns; zeros where it returns None."""
        made, inputs = self.made[event.applied], self.applied[event.applied]
        outs = [x for x in (made if isinstance(made, tuple) else (made,)) if _is_float(x)]
        given = [self._find(value) for value in event.cotangents]
        pairs = [(out, g) for out, g in zip(outs, given, strict=True) if out.requires_grad]
        asked = [x for x in inputs if _is_float(x)]
        found = iter(
            self.player.torch.autograd.grad(
                [out for out, _ in pairs], asked, [g for _, g in pairs], allow_unused=True
            )
        )
        gradients = [next(found) if _is_float(x) else None for x in inputs]
        return gradients[0] if event.single else gradients

    def _call(self, call: Call) -> Any:
        args = [self._find(value) for value in call.args]
        kwargs = {key: self._find(value) for key, value in call.kwargs}
        args += kwargs.pop(REST, [])
        kwargs |= kwargs.pop(EVERY, {})
        if call.owner is None:
            function = self._find(Global(call.name))
        else:
            function = getattr(self._find(call.owner), call.name)
        return function if call.is_property else function(*args, **kwargs)

    def _set(self, event: Set) -> None:
        owner, (kind, name) = self._find(event.owner), event.step
        value = self._find(event.value)
        if kind == "item":
            owner.setdefault(name, value)
        elif event.always or getattr(owner, name, None) is None:
            setattr(owner, name, value)

    def _several(self, event: Several) -> Any:
        pairs = [(key, self._find(value)) for key, value in event.parts]
        return dict(pairs) if event.kind is dict else event.kind(value for _, value in pairs)

    def _find(self, reference: Reference) -> Any:
        match reference:
            case Known():
                return self.live[reference.node]
            case Part():
                return self._part(reference)
            case Plain():
                return reference.value
            case Several():
                return self._several(reference)
        if reference.name not in self.player.scope:
            raise Unplayable(next(iter(self.player.failures), f"{reference.name} is not there"))
        return self.player.scope[reference.name]

    def _part(self, part: Part) -> Any:
        found = self.made[part.event]
        for kind, name in part.path:
            found = getattr(found, name) if kind == "attribute" else found[name]
        return found


def _is_float(value: Any) -> bool:
    """Whether a value is a tensor that can have a gradient."""
    return is_array(value) and not isinstance(value, np.ndarray) and value.is_floating_point()


def _copy(value: Any) -> Array:
    """A copy that later changes in place do not reach.

    Raises:
        Unplayable: it is no array and no number.
    """
    try:
        return read_array(value)
    except Unread as reason:
        raise Unplayable(str(reason)) from None


def _overwritten(live: Any, value: Any) -> Any:
    """An array with other values, changed in place so that all who hold it see them.

    Raises:
        Unplayable: it cannot be changed.
    """
    if isinstance(live, np.ndarray):
        live[...] = value
    elif is_array(live):
        live.data.copy_(live.new_tensor(value))
    else:
        raise Unplayable("a parameter that is no array cannot be moved")
    return live


def _told(error: Exception, path: str) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
    at = f" (line {frames[-1].lineno})" if frames else ""
    words = " ".join(str(error).split())[:_TOLD]
    return f"{type(error).__name__}: {words}{at}" if words else f"{type(error).__name__}{at}"
