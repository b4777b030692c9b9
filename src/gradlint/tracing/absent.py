"""Activations that a module of the user's defines which is not there, taken for what their names say.

`from planar_utils import sigmoid` of a course whose helpers were never published: no script would call
another function `sigmoid`. What is assumed is told (GL009).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.reading import syntax as s
from gradlint.tracing import libraries
from gradlint.tracing.trace import Remark
from gradlint.tracing.values import Traced

if TYPE_CHECKING:
    from gradlint.tracing.calls import Calls


def helper(m: Calls, path: str, args: list[Any]) -> Any:
    """What an activation of an absent module gives for `args`; None where `path` is none."""
    module, _, name = path.rpartition(".")
    made = _HELPERS.get(name)
    if made is None or not module or libraries.is_known(module) or len(args) != made[0]:
        return None
    given = [m.operand(value) for value in args]
    if not all(isinstance(value, Traced) for value in given):
        return None
    _remark(m, f"{module} is not here: its {name}() is taken for what its name says")
    out = made[1](m, *given)
    return (out, given[0]) if made[0] == 1 and _wants_two(m.statement) else out


def _remark(m: Calls, text: str) -> None:
    if m.statement is not None and all(one.text != text for one in m.trace.remarks):
        m.trace.remarks.append(Remark("GL009", text, m.statement))


def _wants_two(statement: s.Stmt | None) -> bool:
    """Whether the result is unpacked: `A, cache = sigmoid(Z)`, where the cache is the input."""
    match statement:
        case s.Assign(targets=(s.Sequence(elements=(_, _)),), value=s.Call()):
            return True
    return False


def _activation(op: str) -> Callable[..., Any]:
    return lambda m, z: m.apply(op, [z], {}, z.library)


def _softmax(m: Calls, z: Traced) -> Any:
    """Of one sample alone: along which axis the samples of an array lie, the name does not say."""
    if max(z.shape, default=0) != np.size(z.value):
        m.misfit("rank", (z.id,), {"rank": 1}, "a softmax() of one sample")
        return m.opaque("along which axis this softmax() is taken, is not known")
    return m.apply("softmax", [z], {"axis": int(np.argmax(z.shape))}, z.library)


def _sigmoid_backward(m: Calls, upstream: Traced, z: Traced) -> Any:
    a = m.apply("sigmoid", [z], {}, z.library)
    return m.binary("*", upstream, m.binary("*", a, m.binary("-", 1.0, a)))


def _relu_backward(m: Calls, upstream: Traced, z: Traced) -> Any:
    return m.binary("*", upstream, m.apply("greater", [z, 0.0], {}, z.library))


_HELPERS: dict[str, tuple[int, Callable[..., Any]]] = {
    "sigmoid": (1, _activation("sigmoid")),
    "relu": (1, _activation("relu")),
    "tanh": (1, _activation("tanh")),
    "softmax": (1, _softmax),
    "sigmoid_backward": (2, _sigmoid_backward),
    "relu_backward": (2, _relu_backward),
}
"""How many arguments each takes, and what it gives for them."""
