"""What a forward pass returns: its outputs, each under a name, and what it keeps for the backward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradlint.composing.inserting import block_of, indent_of
from gradlint.composing.partners.units import Unit, unit_of
from gradlint.composing.rereading import reread
from gradlint.driving.names import says_cache
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing.places import text as text_of

_NAMES = ("out", "output", "result", "outputs")


@dataclass(frozen=True, slots=True, eq=False)
class Returned:
    """The parts that a unit returns: `outputs` by their place among them, as they are named.

    `cache` is the name of what is kept beside them, `kept` the names that its items have in the unit (None
    for what has none), or no items where it is no tuple. `named`: it is returned by that name.
    """

    outputs: dict[int, str]
    cache: str | None = None
    kept: tuple[str | None, ...] = ()
    is_tuple: bool = False
    named: bool = False


def with_named_output(module: s.Module, unit: Unit) -> tuple[s.Module, Unit]:
    """`module` with the output of `unit` under a name of its own right before it is returned."""
    last = unit.last
    assert last.value is not None
    elements = last.value.elements if isinstance(last.value, s.Sequence) else (last.value,)
    if isinstance(elements[0], s.Name) and block_of(module.body, last)[0] is not last:
        return module, unit
    held = {n.id for n in descend(unit.definition.body) if isinstance(n, s.Name)}
    name = next(name for name in _NAMES if name not in held)
    first, *rest = [module.excerpt(e.span) for e in elements]
    indent = indent_of(module, last)
    lines = module.text.splitlines()
    lines[last.span.line - 1 : last.span.end_line] = [
        f"{indent}{name} = ({first})" if "\n" in first else f"{indent}{name} = {first}",
        f"{indent}return {', '.join([name, *rest])}",
    ]
    again = reread("\n".join(lines) + "\n", module.path)
    return again, unit_of(again, unit)


def returned(unit: Unit) -> Returned:
    """What a unit, whose output has a name, returns."""
    last = unit.last
    assert last.value is not None
    if not isinstance(last.value, s.Sequence):
        return Returned({0: text_of(last.value)})
    elements = last.value.elements
    if unit.context:
        return Returned({k: text_of(e) for k, e in enumerate(elements)})
    caches = [k for k, e in enumerate(elements) if _is_cache(e)]
    if len(caches) != 1:
        return Returned({0: text_of(elements[0])})
    outputs = {k: text_of(e) for k, e in enumerate(elements) if k not in caches}
    cache = elements[caches[0]]
    name = cache.id if isinstance(cache, s.Name) else "cache"
    made = _made(unit, cache)
    if isinstance(made, s.Sequence):
        return Returned(outputs, name, _names(made.elements), True, isinstance(cache, s.Name))
    return Returned(outputs, name, _names([made]) if isinstance(made, s.Name) else ())


def _is_cache(element: s.Expr) -> bool:
    return isinstance(element, s.Sequence) or (
        isinstance(element, s.Name) and says_cache(element.id)
    )


def _made(unit: Unit, cache: s.Expr) -> s.Expr:
    """The expression that a cache was last given."""
    if not isinstance(cache, s.Name):
        return cache
    given = [
        n.value for n in descend(unit.definition.body)
        if isinstance(n, s.Assign) and any(isinstance(t, s.Name) and t.id == cache.id for t in n.targets)
    ]  # fmt: skip
    return given[-1] if given else cache


def _names(elements: Sequence[s.Expr]) -> tuple[str | None, ...]:
    return tuple(e.id if isinstance(e, s.Name) else None for e in elements)
