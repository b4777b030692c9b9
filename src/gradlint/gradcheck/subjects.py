"""What is checked: two functions, an object with two methods, or a `torch.autograd.Function`."""

from __future__ import annotations

import inspect
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.gradcheck.leaves import Leaf, Path, copied, leaves_of, rebuilt
from gradlint.tracing.stand_ins import BACKWARD, FORWARD

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """The arguments of the forward pass: positional ones with their names there, and keywords."""

    names: tuple[str, ...]
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]

    @property
    def arguments(self) -> dict[str, Any]:
        return {**dict(zip(self.names, self.args, strict=True)), **self.keywords}

    def leaves(self) -> list[Leaf]:
        return [
            leaf
            for name, value in self.arguments.items()
            for leaf in leaves_of(value, name, (name,))
        ]

    def rebuilt(self, values: Mapping[Path, Any], double: bool) -> Given:
        """A copy of its own, with `values` in place of leaves."""
        args = [
            rebuilt(x, (name,), values, double)
            for name, x in zip(self.names, self.args, strict=True)
        ]
        keywords = {name: rebuilt(x, (name,), values, double) for name, x in self.keywords.items()}
        return Given(self.names, tuple(args), keywords)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A forward and a backward pass; `owner` is the object whose methods of these names they are.

    `function` is the class where it is a `torch.autograd.Function`. A `backward` of None: forward
    returns its own gradients behind its output.
    """

    title: str
    given: Given
    forward: Any
    backward: Any
    owner: Any = None
    function: Any = None

    def fresh(self) -> tuple[Function, Function | None, Any]:
        """The two with a state of their own, and the object that holds it."""
        if self.owner is None:
            return self.forward, self.backward, None
        owner = copied(self.owner)
        return getattr(owner, self.forward), getattr(owner, self.backward), owner


def subject_of(what: Any, rest: tuple[Any, ...], keywords: Mapping[str, Any]) -> Subject:
    """What is meant by the arguments of `check_gradients`.

    Raises:
        TypeError: there is no backward pass in them.
    """
    applied = getattr(what, "__self__", None)
    if getattr(what, "__name__", "") == "apply" and isinstance(applied, type):
        what = applied  # as `torch.autograd.gradcheck` wants it
    if isinstance(what, type) and _is_function_class(what):
        return Subject(what.__name__, _given(None, rest, keywords, what), what, None, function=what)
    if isinstance(what, type):
        raise TypeError(f"{what.__name__} is a class: hand in an object of it")
    methods = _methods(what)
    if methods is not None:
        forward, backward = methods
        given = _given(getattr(what, forward), rest, keywords)
        return Subject(type(what).__name__, given, forward, backward, owner=what)
    if not callable(what) or not rest or not (rest[0] is None or callable(rest[0])):
        raise TypeError(
            "check_gradients wants forward, backward and their inputs, a layer with these two methods and "
            "its inputs, or a torch.autograd.Function and its inputs"
        )
    return _pair(what, rest[0], _given(what, rest[1:], keywords))


def _pair(forward: Any, backward: Any, given: Given) -> Subject:
    title = getattr(backward or forward, "__name__", type(backward).__name__)
    if inspect.ismethod(forward) and inspect.ismethod(backward):
        owner = forward.__self__
        if owner is backward.__self__ and not isinstance(owner, type):
            return Subject(
                f"{type(owner).__name__}.{title}", given, forward.__name__, title, owner=owner
            )
    return Subject(title, given, forward, backward)


def _methods(what: Any) -> tuple[str, str] | None:
    """The names of the forward and the backward method of a layer object."""
    if inspect.isroutine(what):
        return None
    found = [
        next((n for n in names if inspect.ismethod(getattr(what, n, None))), None)
        for names in (FORWARD, BACKWARD)
    ]
    forward, backward = found
    return (forward, backward) if forward and backward else None


def _is_function_class(what: type) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and issubclass(what, torch.autograd.Function)


def _given(
    forward: Any, args: tuple[Any, ...], keywords: Mapping[str, Any], function: Any = None
) -> Given:
    return Given(tuple(_names(forward, function, len(args))), args, dict(keywords))


def _names(forward: Any, function: Any, number: int) -> Iterator[str]:
    """What the parameters of a forward pass are called; those of `*args` are numbered."""
    called = forward if function is None else function.forward
    try:
        parameters = list(inspect.signature(called).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    if function is not None and not sets_up_context(function):
        parameters = parameters[1:]
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    star = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "input")
    yield from plain[:number]
    yield from (f"{star}[{n}]" for n in range(number - len(plain)))


def sets_up_context(function: Any) -> bool:
    """Whether a `torch.autograd.Function` has a `setup_context` of its own: then forward takes no ctx."""
    torch = sys.modules["torch"]
    return function.setup_context is not torch.autograd.Function.setup_context


@contextmanager
def same_draws() -> Iterator[Callable[[], None]]:
    """Gives a function after whose call the global generators draw what they drew at first."""
    torch = sys.modules.get("torch")
    first, second = np.random.get_state(), random.getstate()
    third = torch.get_rng_state() if torch is not None else None

    def again() -> None:
        np.random.set_state(first)
        random.setstate(second)
        if torch is not None:
            torch.set_rng_state(third)

    try:
        yield again
    finally:
        again()
