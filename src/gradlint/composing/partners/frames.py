"""The `def` around a backward pass: what it takes, how it comes by what was kept, what it returns."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gradlint.composing.partners.outputs import Returned
from gradlint.composing.partners.recomputing import needed
from gradlint.composing.partners.units import Unit
from gradlint.ops import Dialect
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend

_INDENT = "    "
_FORWARD = re.compile(r"forward|fprop|fwd", re.IGNORECASE)
_PARTNERS = {"forward": "backward", "fprop": "bprop", "fwd": "bwd"}


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What the backward pass of `unit` is handed (`upstream`) and what the forward pass `made`.

    `stored` are names that the forward pass has to keep first: a line to be added to it.
    """

    unit: Unit
    made: Returned
    upstream: Sequence[str]
    dialect: Dialect
    stored: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the backward pass is called."""
        if self.unit.method:
            return "backward"
        name, found = self.unit.function.name, _FORWARD.search(self.unit.function.name)
        if found is None:
            return f"{name}_backward"
        word = _PARTNERS[found[0].lower()]
        return name.replace(found[0], word.capitalize() if found[0][0].isupper() else word)

    @property
    def given(self) -> set[str]:
        """The names of the forward pass that are there without computing them again."""
        if self.unit.method:
            return {self.this, *self.saved, *self.stored}
        if self.made.cache is None:
            return {p.name for p in self.unit.function.params}
        kept = {name for name in self.made.kept if name}
        return (kept or {self.made.cache}) | {*self.unit.function.defaults, *self.stored}

    @property
    def this(self) -> str:
        """The object, or the context."""
        return self.unit.this

    @property
    def saved(self) -> tuple[str, ...]:
        """What `ctx.save_for_backward` saves by a name."""
        keeper = self.unit.set_up or self.unit.function
        for node in descend(keeper.body if isinstance(keeper.body, tuple) else ()):
            match node:
                case s.Call(func=s.Attribute(attr="save_for_backward"), args=args):
                    names = [a.value.id if isinstance(a.value, s.Name) else "_" for a in args]
                    return tuple(names)
        return ()

    def code(self, lines: Sequence[str], results: Mapping[str, str]) -> list[str]:
        """The whole function; `results` are the names of the gradients by what they are of."""
        begun = [f"{name} = None" for name in results.values() if not _is_always_made(name, lines)]
        body = [
            *self._unpacked(lines),
            *self._copied(lines),
            *begun,
            *lines,
            *self._returned(results),
        ]
        head = ["@staticmethod"] if self.unit.context else []
        return [*head, f"def {self.name}({self._signature(lines)}):", *(_INDENT + x for x in body)]

    def keeping(self) -> str | None:
        """The line that is to be added to the forward pass, if there is one."""
        if not self.stored:
            return None
        names = ", ".join(self.stored)
        if not self.unit.method:
            return f"{self.made.cache} = {names}"
        if self.unit.context:
            return f"{self.this}.save_for_backward({names})"
        return f"{self.this}.cache = {names}"

    def _signature(self, lines: Sequence[str]) -> str:
        if self.unit.method:
            return ", ".join([self.this, *self.upstream])
        read = needed(lines, self.unit, ())
        if self.made.cache is None:
            return ", ".join([*self.upstream, *self._parameters(read)])
        numbers = self._parameters(read & set(self.unit.function.defaults) - set(self.made.kept))
        return ", ".join([*self.upstream, self.made.cache, *numbers])

    def _parameters(self, read: Collection[str]) -> Sequence[str]:
        """The parameters of the forward pass that are read, with their numbers where they have some."""
        found = []
        for param in self.unit.definition.params:
            if param.name in read:
                default = getattr(param, "default", None)
                text = getattr(default, "value", None)
                found.append(param.name if default is None else f"{param.name}={text!r}")
        return found

    def _unpacked(self, lines: Sequence[str]) -> list[str]:
        if self.unit.method:
            return self._taken(lines)
        names = self.stored or self.made.kept
        if not any(names) or not needed(lines, self.unit, ()) & set(names):
            return []
        if not self.made.is_tuple:
            return [] if names[0] == self.made.cache else [f"{names[0]} = {self.made.cache}"]
        left = ", ".join(name or "_" for name in names)
        return [f"{left}{',' if len(names) == 1 else ''} = {self.made.cache}"]

    def _taken(self, lines: Sequence[str]) -> list[str]:
        names = self.stored or self.saved
        if not needed(lines, self.unit, ()) & set(names):
            return []
        source = f"{self.this}.saved_tensors" if self.unit.context else f"{self.this}.cache"
        single = len(names) == 1 and self.unit.context
        return [f"{', '.join(names)}{',' if single else ''} = {source}"]

    def _copied(self, lines: Sequence[str]) -> list[str]:
        """What the caller hands over is not changed in place."""
        copy = "clone" if self.dialect.library == "torch" else "copy"
        changed = re.compile(r"(\w+)(\[.*\])? ?([-+*/]|\*\*)?= |(\w+)\[.*\] = |(\w+)\.index_add_")
        found = (changed.match(line.strip()) for line in lines)
        names = {m[1] or m[4] or m[5] for m in found if m and (m[2] or m[3] or m[4] or m[5])}
        return [f"{one} = {one}.{copy}()" for one in self.upstream if one in names]

    def _returned(self, results: Mapping[str, str]) -> list[str]:
        params = self.unit.taken
        if self.unit.context:
            return ["return " + ", ".join(results.get(p, "None") for p in params)]
        own = [name for place, name in results.items() if not name.startswith(f"{self.this}.")]
        order = sorted(own, key=lambda n: _place_of(n, results, params))
        return [f"return {', '.join(order)}"] if order else []


def _is_always_made(name: str, lines: Sequence[str]) -> bool:
    return "." in name or any(line.startswith(f"{name} = ") for line in lines)


def _place_of(name: str, results: Mapping[str, str], params: Sequence[str]) -> int:
    place = next(p for p, n in results.items() if n == name)
    base = re.split(r"[.\[]", place)[0]
    return params.index(base) if base in params else len(params)
