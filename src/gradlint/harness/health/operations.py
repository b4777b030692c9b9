"""Which torch functions are activations or multiply by weights, as the running script calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any


@cache
def activations(torch: Any) -> dict[Any, str]:
    """The kind of each function that is an activation, whatever it is called by."""
    functional, tensor = torch.nn.functional, torch.Tensor
    return {
        **dict.fromkeys((torch.relu, torch.relu_, functional.relu, tensor.relu, tensor.relu_), "relu"),
        **dict.fromkeys((torch.sigmoid, functional.sigmoid, tensor.sigmoid), "sigmoid"),
        **dict.fromkeys((torch.tanh, functional.tanh, tensor.tanh), "tanh"),
    }  # fmt: skip


@cache
def _clamps(torch: Any) -> frozenset[Any]:
    return frozenset((torch.clamp, torch.Tensor.clamp, torch.clamp_min, torch.Tensor.clamp_min))


@cache
def products(torch: Any) -> frozenset[Any]:
    """Functions that multiply their input by weights."""
    functional, tensor = torch.nn.functional, torch.Tensor
    convolutions = (functional.conv1d, functional.conv2d, functional.conv3d)
    matrices = (torch.matmul, tensor.matmul, tensor.__matmul__, torch.mm, tensor.mm, torch.addmm)
    return frozenset((functional.linear, *convolutions, *matrices))


def kind_of(
    torch: Any, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> str | None:
    """The kind of activation that a call is, None where it is none."""
    kind = activations(torch).get(function)
    if kind is not None or function not in _clamps(torch):
        return kind
    low = kwargs.get("min", args[1] if len(args) > 1 else None)
    high = kwargs.get("max", args[2] if len(args) > 2 else None)
    return "relu" if isinstance(low, int | float) and low == 0 and high is None else None


def weight_of(torch: Any, function: Any, args: Sequence[Any]) -> tuple[Any, int] | None:
    """The parameter that a product multiplies by, and the axis along which its units lie."""
    if function not in products(torch):
        return None
    for place, value in enumerate(args):
        leaf, turned = _leaf(torch, value)
        if leaf is not None and leaf.dim() > 1:
            plain = function in (torch.matmul, torch.Tensor.matmul, torch.Tensor.__matmul__)
            matrix = plain or function in (torch.mm, torch.Tensor.mm)
            axis = (1 if place == 1 else 0) if matrix else 0
            return leaf, axis ^ turned
    return None


def _leaf(torch: Any, value: Any) -> tuple[Any, bool]:
    """The parameter that `value` is, or is the transpose of."""
    if not isinstance(value, torch.Tensor) or not value.requires_grad:
        return None, False
    if value.is_leaf:
        return value, False
    base = value._base
    turned = base is not None and base.is_leaf and base.dim() == 2 and value.shape == base.T.shape
    return (base, True) if turned else (None, False)
