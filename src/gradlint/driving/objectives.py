"""The loss that belongs to a backward pass: a function of its module, or a method of its object."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from gradlint.driving import calling
from gradlint.driving.names import says_target
from gradlint.driving.tensors import floats, snapshot
from gradlint.tracing.statements import Interpreter
from gradlint.tracing.values import Traced, UserClass, UserFunction

_LOSS = re.compile(
    r"loss|cost|error|objective|^j$|compute_j|criterion|nll|mse|likelihood", re.IGNORECASE
)
_PRIME = re.compile(r"prime|deriv|grad|delta|_d$|^d_?|back|history|numeric|plot", re.IGNORECASE)


def loss_of(
    m: Interpreter, called: calling.Called, args: dict[str, Any], out: Traced | None = None
) -> Traced | None:
    """What the loss of the same object, or of the module, gives for the same inputs.

    `out` is the output of the forward pass, for a loss that has another name for it.
    """
    for name in _losses(m, called):
        other = called.sibling(m, name)
        if other is None or other.function is called.function:
            continue
        given = _given(other, args, out)
        if not given or None in given.values():
            continue
        made = floats(m.operand(other(m, given)))
        if made is not None and np.size(made.value) == 1:
            return snapshot(made)
    return None


def _given(other: calling.Called, args: dict[str, Any], out: Traced | None) -> dict[str, Any]:
    """The arguments of a loss; None for what is not known."""
    wanted = [
        p.name for p in other.params() if not p.star and p.name not in other.function.defaults
    ]
    given = {name: args.get(name) for name in wanted}
    targets = [value for name, value in args.items() if says_target(name)]
    for name in wanted:
        if given[name] is None and says_target(name) and len(targets) == 1:
            given[name] = targets[0]
    open_names = [name for name in wanted if given[name] is None]
    taken = {value.id for value in given.values() if isinstance(value, Traced)}
    if out is not None and out.id not in taken and len(open_names) == 1:
        given[open_names[0]] = None if says_target(open_names[0]) else out
    return given


def _losses(m: Interpreter, called: calling.Called) -> list[str]:
    if called.owner is not None:
        names = [n for n, f in _all(called.owner.cls).items() if isinstance(f, UserFunction)]
    else:
        names = [n for n, f in m.scope.names.items() if isinstance(f, UserFunction)]
    return [n for n in names if _LOSS.search(n) and not _PRIME.search(n)]


def _all(cls: UserClass) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(cls.bases):
        if isinstance(base, UserClass):
            found |= _all(base)
    return found | cls.names
