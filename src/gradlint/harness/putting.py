"""Putting real values where the interpreter had made-up ones, in the same structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.harness.freezing import OTHER, Array, Record
from gradlint.tracing.trace import Opaque
from gradlint.tracing.values import Instance, Scope, Traced, UserClass

if TYPE_CHECKING:
    from gradlint.tracing.statements import Interpreter


class Putter:
    """Makes interpreter values of frozen ones; `leaves` are the nodes made, in order.

    The interpreter's own value says what a number is (a traced one or a plain size) and which
    library a tensor belongs to; the frozen value says everything else. One object stays one object.
    """

    def __init__(self, machine: Interpreter) -> None:
        self.machine = machine
        self.leaves: list[int] = []
        self.memo: dict[int, Any] = {}

    def scopes(self, scope: Scope, local: dict[str, Any], module: dict[str, Any]) -> None:
        """Replace the variables of the running function and of the module."""
        current: Scope | None = scope
        while current is not None:
            self._names(current, module if current.parent is None else local)
            current = current.parent

    def _names(self, scope: Scope, real: dict[str, Any]) -> None:
        for name, value in list(scope.names.items()):
            if name in real:
                made = scope.names[name] = self(value, real[name])
                self._note(name, made)

    def _note(self, place: str, made: Any) -> None:
        """Let the trace know the name: rates and gradients are told by it."""
        if isinstance(made, Instance):
            for attribute, value in made.attributes.items():
                self._note(f"{place}.{attribute}", value)
        elif not isinstance(made, Opaque):
            at = self.machine.at
            self.machine.note(place, None, made, at)  # type: ignore[arg-type]

    def __call__(self, value: Any, real: Any) -> Any:
        """The frozen value `real` as the interpreter's, where it had `value`."""
        if real is OTHER:
            return value
        if self._is_input(value, real):
            self.leaves.append(value.id)
            return value
        if isinstance(real, bool | int | float | complex):
            return self._number(value, real)
        if real is None or isinstance(real, str | bytes):
            return real
        if id(real) not in self.memo:
            self.memo[id(real)] = self._object(value, real)
        return self.memo[id(real)]

    def _is_input(self, value: Any, real: Any) -> bool:
        """Whether it is an input that a drive may hand out again, with the value that it was made with."""
        if not isinstance(value, Traced) or value.id not in self.machine.trace.inputs:
            return False
        seen = real.value if isinstance(real, Array) else real
        return isinstance(real, Array | int | float) and np.array_equal(value.value, seen)

    def _number(self, value: Any, real: Any) -> Any:
        if isinstance(value, Traced):
            library = value.library
            return self._leaf(real if library == "python" else np.asarray(real), library)
        return real if isinstance(real, bool | int) else self._leaf(real, "python")

    def _object(self, value: Any, real: Any) -> Any:
        if isinstance(real, Array):
            return self._array(value, real)
        if isinstance(real, dict):
            known = value if isinstance(value, dict) else {}
            filled: dict[Any, Any] = self.memo.setdefault(id(real), {})
            filled.update({k: self(known.get(k), v) for k, v in real.items()})
            return filled
        if isinstance(real, list | tuple):
            return self._sequence(value, real)
        if isinstance(real, Record):
            return self._record(value, real)
        return real if isinstance(real, set) else value

    def _sequence(self, value: Any, real: Any) -> Any:
        if isinstance(value, Traced):
            return self._leaf(np.asarray(_numbers(real)), value.library)
        known = list(value) if isinstance(value, list | tuple) else []
        known += [known[-1] if known else None] * (len(real) - len(known))
        parts = (self(k, r) for k, r in zip(known, real, strict=False))
        if isinstance(real, tuple):
            return tuple(parts)
        made: list[Any] = self.memo.setdefault(id(real), [])
        made.extend(parts)
        return made

    def _record(self, value: Any, real: Record) -> Any:
        if not isinstance(value, Instance):
            cls = self.machine.scope.module.names.get(real.cls)
            if not isinstance(cls, UserClass):
                return value
            value = Instance(cls)
        made = self.memo[id(real)] = Instance(value.cls, dict(value.attributes))
        for name, part in real.attributes.items():
            made.attributes[name] = self(value.attributes.get(name), part)
        return made

    def _array(self, value: Any, real: Array) -> Any:
        array = real.value
        if array.dtype.kind not in "fiub":
            return value
        if array.dtype.kind != "b":
            array = array.astype(np.float64 if array.dtype.kind == "f" else np.int64)
        if isinstance(value, Traced) and value.is_python and not array.shape:
            return self._leaf(array.item(), "python")
        known = value.library if isinstance(value, Traced) and not value.is_python else real.library
        # What a matrix is at run time multiplies as one, whatever the walk took it for.
        real_kind = known != "torch" and real.library in ("numpy", "matrix")
        return self._leaf(np.array(array), real.library if real_kind else known)

    def _leaf(self, value: Any, library: str) -> Traced:
        made = self.machine.leaf(value, library)
        self.leaves.append(made.id)
        return made


def _numbers(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_numbers(v) for v in value]
    return value.value if isinstance(value, Array) else value
