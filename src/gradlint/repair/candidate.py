"""A repair that may be tried: which nodes give way to which, and what it would mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from gradlint.model import Span
from gradlint.reading import syntax as s
from gradlint.repair.scene import Scene

Suspect = s.Stmt


@dataclass(frozen=True, eq=False)
class Candidate:
    """One small edit.

    `swaps` are (old, new) pairs: expressions, statements, or a block with its statements in another
    order. `code` is the rule that it would prove; `said` what is wrong in one clause, in the user's
    names. `cost` orders candidates that work: a slip of the pen costs less than a missing formula.
    """

    code: str
    span: Span
    said: str
    cost: float
    swaps: tuple[tuple[Any, Any], ...]

    @property
    def overrides(self) -> dict[int, Any]:
        """The swaps as the interpreter takes them."""
        return {id(old): new for old, new in self.swaps}

    @cached_property
    def effect(self) -> object:
        """What tells two candidates apart by what they do, whatever they say of it."""
        penal = self.code == "GL203"  # judged by other measures than the rest
        return penal, frozenset((id(old), _form(new)) for old, new in self.swaps)

    def dearer(self, by: float) -> Candidate:
        """The same edit at a higher cost."""
        return replace(self, cost=self.cost + by) if by else self


def _form(new: Any) -> object:
    """A node that a repair made, by its parts; one that stands in the script, by its identity."""
    if isinstance(new, tuple):
        return tuple(_form(part) for part in new)
    if not isinstance(new, s.Node):
        return type(new), repr(new)
    if new.span.line:
        return id(new)
    return type(new), tuple([_form(getattr(new, name)) for name in _parts(type(new))])


def _parts(kind: Any) -> tuple[str, ...]:
    """The fields of a kind of node without its place."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(f.name for f in fields(kind) if f.name != "span")
    return _FIELDS[kind]


_FIELDS: dict[type, tuple[str, ...]] = {}


Generator = Callable[[Scene, Suspect], Iterator[Candidate]]
GENERATORS: list[Generator] = []
BEYOND: list[Generator] = []
"""Those whose edits change more than the value that a statement computes: its order, its target, a loop."""


def proposes(generator: Generator) -> Generator:
    """Register a generator of candidates for one suspect statement."""
    GENERATORS.append(generator)
    return generator


def proposes_beyond(generator: Generator) -> Generator:
    """Register a generator whose candidates may mend what was not computed from the statement."""
    BEYOND.append(generator)
    return proposes(generator)
