"""The other witness: torch autograd through a forward pass that is made of torch's own operations."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from gradlint.gradcheck.arrays import as_array, is_tensor
from gradlint.gradcheck.evaluating import Evaluator
from gradlint.gradcheck.leaves import Leaf, slots_of
from gradlint.gradcheck.subjects import sets_up_context
from gradlint.gradcheck.ways import parts_of


def gradient(evaluator: Evaluator, leaf: Leaf, cotangents: Mapping[int, Any]) -> Any:
    """What autograd says of the leaf, as a float64 array; None where it cannot be asked."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    try:
        return _gradient(torch, evaluator, leaf, cotangents)
    except Exception:
        return None


def _gradient(torch: Any, evaluator: Evaluator, leaf: Leaf, cotangents: Mapping[int, Any]) -> Any:
    evaluator.again()
    forward, _, owner = evaluator.subject.fresh()
    given = evaluator.subject.given.rebuilt(evaluator.start, evaluator.double)
    found = _tensor(given.arguments, leaf) if owner is None or leaf.path[0] != "self" else None
    if found is None and owner is not None:
        found = next((slot.get() for slot in slots_of(owner) if slot.path == leaf.path), None)
    if found is None or not is_tensor(found):
        return None
    found.requires_grad_()
    args = given.args
    function = evaluator.subject.function
    if function is not None:
        forward = function.forward
        args = args if sets_up_context(function) else (_Context(), *args)
    with torch.enable_grad():
        parts = parts_of(forward(*args, **given.keywords))
        terms = [
            (parts[n] * torch.as_tensor(c, dtype=parts[n].dtype, device=parts[n].device)).sum()
            for n, c in cotangents.items()
        ]
        total = sum(terms)
        if not total.requires_grad:
            return np.zeros(leaf.value.shape)
        (exact,) = torch.autograd.grad(total, [found], allow_unused=True)
    return np.zeros(leaf.value.shape) if exact is None else as_array(exact)


def _tensor(arguments: Mapping[Any, Any], leaf: Leaf) -> Any:
    value: Any = arguments
    for key in leaf.path:
        value = value[key]
    return value


class _Context:
    """A context that takes what forward keeps, and is read by nobody."""

    def save_for_backward(self, *tensors: Any) -> None:
        self.saved_tensors = tensors
        self.needs_input_grad = (True,) * len(tensors)

    def mark_dirty(self, *tensors: Any) -> None: ...

    def mark_non_differentiable(self, *tensors: Any) -> None: ...

    def set_materialize_grads(self, value: bool) -> None: ...
