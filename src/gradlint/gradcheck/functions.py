"""What is peculiar to a `torch.autograd.Function`: how its gradients are counted, reduced and asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradlint.gradcheck.arrays import is_tensor
from gradlint.gradcheck.evaluating import Evaluator, Forward
from gradlint.gradcheck.ways import Way


def handed_out(
    evaluator: Evaluator, done: Forward, way: Way, cotangents: Mapping[int, Any]
) -> tuple[Any, list[str]]:
    """A gradient for each input of forward, reduced as the engine does, or what is wrong with them."""
    if not any(is_tensor(part) and part.grad_fn is not None for part in done.parts):
        return None, ["no output of forward requires a gradient, so that backward is never called"]
    returned = evaluator.backward(done, way, cotangents)
    several = returned if isinstance(returned, tuple) else (returned,)
    problems = _number(several, done.given.args) or _strides(evaluator, way, cotangents)
    inputs = done.given.args
    reduced = {
        name: _reduced(one, given)
        for name, one, given in zip(done.given.names, several, inputs, strict=False)
        if is_tensor(given) and given.dtype.is_floating_point
    }
    return reduced, problems


def _number(several: Sequence[Any], inputs: Sequence[Any]) -> list[str]:
    """The engine wants one for each input; Nones too many are passed over."""
    few = len(several) < len(inputs)
    if not few and all(one is None for one in several[len(inputs) :]):
        return []
    plural = "gradient" if len(several) == 1 else "gradients"
    return [
        f"backward returns {len(several)} {plural}, and forward takes {len(inputs)} inputs: "
        "one for each is needed, None where there is none"
    ]


def _reduced(gradient: Any, given: Any) -> Any:
    """The engine sums a gradient over the axes along which its input was broadcast."""
    if not is_tensor(gradient) or gradient.shape == given.shape:
        return gradient
    try:
        return gradient.sum_to_size(given.shape)
    except RuntimeError:
        return gradient


def _strides(evaluator: Evaluator, way: Way, cotangents: Mapping[int, Any]) -> list[str]:
    """What is summed over an axis hands its gradient over expanded, not contiguous: backward must take it."""
    done = evaluator.forward({}, recording=True)
    expanded = {n: c[:1].expand(c.shape) if c.ndim else c for n, c in cotangents.items()}
    try:
        evaluator.backward(done, way, expanded)
    except Exception as error:
        told = str(error).splitlines()[0]
        return [
            "backward fails for a gradient that is not contiguous, such as that of `out.sum(0)` "
            f"({type(error).__name__}: {told}); use .reshape for .view, or call .contiguous() first"
        ]
    return []
