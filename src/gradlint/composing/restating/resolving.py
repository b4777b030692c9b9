"""Which of the script's own functions a call runs, and whether it can be written out in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gradlint.composing.aim import Aim
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import witness
from gradlint.tracing.values import BoundMethod, Instance, UserFunction

_DRAWS = (
    "random",
    "rand",
    "randn",
    "normal",
    "uniform",
    "shuffle",
    "choice",
    "permutation",
    "dropout",
)


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """A function that a call runs; `receives`: its first parameter is the object that it is called on."""

    function: UserFunction
    receives: bool

    @property
    def body(self) -> s.Block:
        """Its statements, without what only documents it."""
        body = self.function.body
        assert isinstance(body, tuple)
        return tuple(
            one for one in body
            if not (isinstance(one, s.ExprStmt) and isinstance(one.value, s.Constant))
        )  # fmt: skip


def called_functions(aim: Aim) -> Mapping[int, Called]:
    """What each call runs, by identity: those that run one function of this file, which draws nothing."""
    calls = [n for n in descend(aim.walked.body) if isinstance(n, s.Call)]
    wanted = frozenset(id(call.func) for call in calls)
    seen = witness(aim.walked, aim.goal.facts, frozenset([id(aim.anchor)]), wanted).evaluated
    found: dict[int, Called] = {}
    for call in calls:
        known = {id(one.function): one for one in map(_called, _values(seen.get(id(call.func))))
                 if one is not None}  # fmt: skip
        one = next(iter(known.values()), None)
        if len(known) == 1 and one is not None and _is_plain(one):
            found[id(call)] = one
    return {key: one for key, one in found.items() if _says_more(one, found)}


def _values(evaluated: Any) -> Iterator[Any]:
    return (one.value for one in evaluated or ())


def _called(value: Any) -> Called | None:
    match value:
        case UserFunction():
            return Called(value, False)
        case BoundMethod(function=UserFunction() as function):
            return Called(function, True)
        case Instance(cls=cls):
            inside = cls.find("__call__")
            return Called(inside, True) if isinstance(inside, UserFunction) else None
    return None


def _is_plain(called: Called) -> bool:
    """Whether a function of this file takes no stars and draws no numbers: a second call gives the same."""
    function = called.function
    if not isinstance(function.body, tuple) or any(p.star for p in function.params):
        return False
    definition = function.definition
    if definition is None or definition.span.file:
        return False
    words = (
        n.attr if isinstance(n, s.Attribute) else n.id for n in descend(function.body)
        if isinstance(n, s.Attribute | s.Name)
    )  # fmt: skip
    return not any(word in _DRAWS for word in words)


def _says_more(called: Called, others: Mapping[int, Called]) -> bool:
    """Whether a function computes in more than one expression, by itself or by its calls, or with items."""
    if len(called.body) > 1:
        return True
    nodes = list(descend(called.body))
    return any(id(n) in others for n in nodes if isinstance(n, s.Call)) or any(
        isinstance(n, s.Subscript) for n in nodes
    )
