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
    if made is None or not names_helper(path) or len(args) != made[0]:
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
    """Over the classes: of one sample alone, or along the axis that what made `z` says.

    The name does not say along which axis the samples of an array lie.
    """
    axis = _axis_of_classes(m, z)
    if axis is None:
        m.misfit("rank", (z.id,), {"rank": 1}, "a softmax() of one sample")
        return m.opaque("along which axis this softmax() is taken, is not known")
    return m.apply("softmax", [z], {"axis": axis}, z.library)


def _axis_of_classes(m: Calls, z: Traced) -> int | None:
    """The axis along which a bias that was added has an entry for each class; None where nothing says so."""
    if max(z.shape, default=0) == np.size(z.value):
        return int(np.argmax(z.shape))
    node = m.trace.nodes[z.id]
    while node.op in ("add", "subtract") and node.shape == z.shape:
        parts = [m.trace.nodes[n] for n in node.inputs]
        for part in parts:
            if part.shape and part.shape != z.shape and max(part.shape) == np.prod(part.shape) > 1:
                return int(np.argmax((1,) * (len(z.shape) - len(part.shape)) + part.shape))
        node = parts[0]
    return None


def _sigmoid_slope(m: Calls, z: Traced) -> Any:
    """`a (1 - a)`: of the activation where it is given that, as half of all scripts do."""
    made_by = m.trace.nodes[z.id].op
    a = z if made_by == "sigmoid" else m.apply("sigmoid", [z], {}, z.library)
    return m.binary("*", a, m.binary("-", 1.0, a))


def _tanh_slope(m: Calls, z: Traced) -> Any:
    """`1 - a**2`, of the activation where it is given that."""
    made_by = m.trace.nodes[z.id].op
    a = z if made_by == "tanh" else m.apply("tanh", [z], {}, z.library)
    return m.binary("-", 1.0, m.binary("*", a, a))


def _relu_slope(m: Calls, z: Traced) -> Any:
    """The same of the activation and of what went into it."""
    return m.apply("greater", [z, 0.0], {}, z.library)


def _sigmoid_backward(m: Calls, upstream: Traced, z: Traced) -> Any:
    return m.binary("*", upstream, _sigmoid_slope(m, z))


def _relu_backward(m: Calls, upstream: Traced, z: Traced) -> Any:
    return m.binary("*", upstream, _relu_slope(m, z))


_HELPERS: dict[str, tuple[int, Callable[..., Any]]] = {
    "sigmoid": (1, _activation("sigmoid")),
    "relu": (1, _activation("relu")),
    "tanh": (1, _activation("tanh")),
    "softmax": (1, _softmax),
    "sigmoid_backward": (2, _sigmoid_backward),
    "relu_backward": (2, _relu_backward),
    **{
        spelling.format(name): (1, slope)
        for name, slope in (
            ("sigmoid", _sigmoid_slope),
            ("tanh", _tanh_slope),
            ("relu", _relu_slope),
        )
        for spelling in ("{}_derivative", "d_{}", "{}_prime", "{}_deriv", "{}_grad", "{}_gradient")
    },
}
"""How many arguments each takes, and what it gives for them."""


def names_helper(path: str) -> bool:
    """Whether `path` is an activation of a module that gradlint does not know: `from utils import *`."""
    module, _, name = path.rpartition(".")
    return name in _HELPERS and bool(module) and not libraries.is_known(module)
