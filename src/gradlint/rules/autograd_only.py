"""Trainings that leave every gradient to torch: `loss.backward()` and a step of `torch.optim`."""

from __future__ import annotations

import re

from gradlint.claims.names import gradient_of
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.training import trains_by_autograd

_BY_HAND = re.compile(r"back_?prop|backward|deriv|grad(?!_norm|_scale)|delta|_prime", re.IGNORECASE)


def leaves_to_autograd(module: s.Module) -> bool:
    """Whether a file steps by an optimiser of torch along what torch derives, and derives nothing itself."""
    if "optim" not in module.text or not trains_by_autograd(module):
        return False
    nodes = list(descend(module.body))
    return any(map(_is_pulled, nodes)) and not _writes_gradients(nodes)


def _is_pulled(node: s.Node) -> bool:
    """Whether a node is a call of torch's own backward pass: `loss.backward()`."""
    match node:
        case s.Call(func=s.Attribute(attr="backward"), args=args):
            return all(arg.keyword is not None for arg in args)
    return False


def _writes_gradients(nodes: list[s.Node]) -> bool:
    """Whether a function, a method or a variable is a gradient by its name, or `.grad` is used for a step."""
    names = {n.id for n in nodes if isinstance(n, s.Name)}
    defined = (n.name for n in nodes if isinstance(n, s.FunctionDef | s.ClassDef))
    if any(map(_BY_HAND.search, defined)):
        return True
    if any(gradient_of(name) in names for name in names):
        return True
    return any(isinstance(n, s.Attribute) and n.attr == "grad" for n in nodes)
