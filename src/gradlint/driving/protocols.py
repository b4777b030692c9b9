"""Which classes are layers: their methods by name, and what they take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradlint.claims.names import gradient_of
from gradlint.driving.names import says_cotangent, says_target
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.tracing import guesses
from gradlint.tracing.stand_ins import BACKWARD, FORWARD
from gradlint.tracing.values import UserClass, UserFunction


def layer(cls: UserClass) -> tuple[str, str] | None:
    """The names of the forward and the backward method of a class that is a layer.

    A backward method takes a gradient from upstream, or nothing; one that takes what the forward method
    takes, and no gradient beside it, is a derivative; one that takes a target, or steps by itself, trains.
    """
    forward, backward = _method(cls, FORWARD), _method(cls, BACKWARD) or _handing_back(cls)
    if forward is None or backward is None or _is_abstract(cls, forward, backward):
        return None
    if decorates(cls.find(backward)):
        return None
    asked = [
        p.name for p in cls.find(backward).params[1:] if p.name not in cls.find(backward).defaults
    ]
    given = {p.name for p in cls.find(forward).params[1:]}
    others = [name for name in asked if name not in given]
    if any(says_target(name) for name in others):
        return None
    if len(others) < len(asked) and not (len(others) == 1 and says_cotangent(others[0])):
        return None
    if not asked and _steps(cls.find(backward)):
        return None
    return forward, backward


_HANDING_BACK = (
    "_compute_gradients", "compute_gradients", "compute_gradient", "backward_delta", "backward_input",
    "input_gradient", "_backward",
)  # fmt: skip
"""Other names of what takes the gradient from upstream, where its parameter is named like one.

It hands on one value, the gradient of its input: what only hands out gradients of parameters may take a mean.
"""


def _handing_back(cls: UserClass) -> str | None:
    name = _method(cls, _HANDING_BACK)
    asked = cls.find(name).params[1:] if name is not None else ()
    upstream = asked and says_cotangent(asked[-1].name) and not _ERROR.match(asked[-1].name)
    return name if name is not None and upstream and _hands_on(cls.find(name)) else None


def _hands_on(function: UserFunction) -> bool:
    """Whether a function returns a value, and none that is made of several."""
    body = function.body if isinstance(function.body, tuple) else ()
    made = [n.value for n in descend(body) if isinstance(n, s.Return)]
    return bool(made) and not any(
        one is None or isinstance(one, s.Sequence | s.DictDisplay) for one in made
    )


_ERROR = re.compile(r"err|resid|diff|g$", re.IGNORECASE)
"""What may be the error of a prediction, whose mean is taken where it goes into gradients."""


def passes_beside(cls: UserClass, backward: str) -> Iterator[str]:
    """The methods that take the input and the gradient that the backward method takes, and return nothing.

    They keep the gradients of the parameters.
    """
    taken = [p.name for p in cls.find(backward).params]
    for name in cls.names if len(taken) > 2 else ():
        method = cls.find(name)
        if name == backward or not isinstance(method, UserFunction) or is_empty(method):
            continue
        alike = [p.name for p in method.params] == taken
        if alike and _KEEPS.search(name) and not _returns(method):
            yield name


def _returns(function: UserFunction) -> bool:
    body = function.body if isinstance(function.body, tuple) else ()
    return any(isinstance(n, s.Return) and n.value is not None for n in descend(body))


_KEEPS = re.compile(r"backward|grad", re.IGNORECASE)


def _steps(function: UserFunction) -> bool:
    """Whether a method moves what its object holds: `self.weights1 += ...`."""
    body = function.body if isinstance(function.body, tuple) else ()
    changes = (n for n in descend(body) if isinstance(n, s.AugAssign))
    return any(
        isinstance(n.target, s.Attribute) and not gradient_of(n.target.attr) for n in changes
    )


def decorates(function: UserFunction) -> bool:
    """Whether a function returns one that it defines: it wraps the methods of others."""
    body = function.body if isinstance(function.body, tuple) else ()
    inner = {one.name for one in body if isinstance(one, s.FunctionDef)}
    returned = (one.value for one in body if isinstance(one, s.Return))
    return any(isinstance(one, s.Name) and one.id in inner for one in returned)


def _method(cls: UserClass, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if isinstance(cls.find(name), UserFunction)), None)


def _is_abstract(cls: UserClass, *methods: str) -> bool:
    """Whether a method does nothing but raise, or pass: subclasses are the layers."""
    return any(is_empty(cls.find(method)) for method in methods)


def is_abstract(cls: UserClass) -> bool:
    """Whether a method of a class, its own or inherited, does nothing but raise."""
    found = (cls.find(name) for base in (cls, *_above(cls)) for name in base.names)
    return any(isinstance(f, UserFunction) and is_empty(f) and _raises(f) for f in found)


def _above(cls: UserClass) -> Iterator[UserClass]:
    for base in cls.bases:
        if isinstance(base, UserClass):
            yield base
            yield from _above(base)


def _raises(function: UserFunction) -> bool:
    body = function.body if isinstance(function.body, tuple) else ()
    return any(isinstance(one, s.Raise) for one in body)


def is_empty(function: UserFunction) -> bool:
    """Whether a function has no body to speak of."""
    if not isinstance(function.body, tuple):
        return False
    return all(isinstance(one, s.Raise | s.ExprStmt) or (isinstance(one, s.Flow) and one.kind == "pass")
               or (isinstance(one, s.Return) and one.value is None) for one in function.body)  # fmt: skip


def takes_layers(cls: UserClass) -> bool:
    """Whether a class is made of layers that it is given."""
    start = cls.find("__init__")
    given = start.params[1:] if isinstance(start, UserFunction) else ()
    return any(guesses.is_layer(f"{param.name}[0]") for param in given)
