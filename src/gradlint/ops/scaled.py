"""Sums with a factor, as optimisers take them: `add(alpha=)`, `addcmul`, `addcdiv`, `lerp`.

The factor is an input like the others: an update written with it is read as `p + factor * g`.
"""

from __future__ import annotations

from dataclasses import replace

from gradlint.ops.op import OPS, sample
from gradlint.ops.registry import elementwise
from gradlint.ops.spelling import Adapter, Bound, IsArray


def scaled(plain: str, with_factor: str) -> Adapter:
    """An adapter for `add(x, y, alpha=None, last=None)`: with a factor it is an op of three inputs.

    `last` is the third positional argument, that of the old order `add(x, alpha, y)`.
    """

    def adapt(bound: Bound, _is_array: IsArray) -> Bound:
        (x, y), alpha, last = bound.inputs, bound.params["alpha"], bound.params["last"]
        if last is not None:
            y, alpha = last, y
        if alpha is None:
            return replace(bound, op=OPS[plain], params={})
        return replace(bound, op=OPS[with_factor], inputs=(x, y, alpha), params={})

    return adapt


elementwise(
    "add_scaled",
    lambda x, y, alpha: x + alpha * y,
    lambda m, g, out, x, y, alpha: g,
    lambda m, g, out, x, y, alpha: g * alpha,
    lambda m, g, out, x, y, alpha: g * y,
    torch=lambda T, x, y, alpha: x + alpha * y,
    primal=lambda w, x, y, alpha: x + alpha * y,
    linear=True,
    samples=(sample((3, 4), (4,), 0.5), sample((3,), (3,), ())),
)
elementwise(
    "sub_scaled",
    lambda x, y, alpha: x - alpha * y,
    lambda m, g, out, x, y, alpha: g,
    lambda m, g, out, x, y, alpha: -g * alpha,
    lambda m, g, out, x, y, alpha: -g * y,
    torch=lambda T, x, y, alpha: x - alpha * y,
    primal=lambda w, x, y, alpha: x - alpha * y,
    linear=True,
    samples=(sample((3, 4), (4,), 0.5), sample((3,), (3,), ())),
)
elementwise(
    "addcmul",
    lambda x, a, b, value: x + value * a * b,
    lambda m, g, out, x, a, b, value: g,
    lambda m, g, out, x, a, b, value: g * value * b,
    lambda m, g, out, x, a, b, value: g * value * a,
    lambda m, g, out, x, a, b, value: g * a * b,
    torch=lambda T, x, a, b, value: x + value * a * b,
    spellings=(
        "torch.addcmul(input, tensor1, tensor2, @value=1)",
        "Tensor.addcmul(x, tensor1, tensor2, @value=1)",
    ),
    primal=lambda w, x, a, b, value: x + value * a * b,
    linear=True,
    samples=(sample((3, 4), (4,), (3, 1), 0.5), sample((3,), (3,), (3,), ())),
)
elementwise(
    "addcdiv",
    lambda x, a, b, value: x + value * (a / b),
    lambda m, g, out, x, a, b, value: g,
    lambda m, g, out, x, a, b, value: g * value / b,
    lambda m, g, out, x, a, b, value: -g * value * a / b**2,
    lambda m, g, out, x, a, b, value: g * a / b,
    torch=lambda T, x, a, b, value: x + value * (a / b),
    spellings=(
        "torch.addcdiv(input, tensor1, tensor2, @value=1)",
        "Tensor.addcdiv(x, tensor1, tensor2, @value=1)",
    ),
    primal=lambda w, x, a, b, value: x + value * (a / b),
    samples=(
        sample((3, 4), (4,), (3, 1), 0.5, low=0.5),
        sample((3,), (3,), (3,), (), low=0.5),
    ),
)
elementwise(
    "lerp",
    lambda x, y, weight: x + weight * (y - x),
    lambda m, g, out, x, y, weight: g * (1 - weight),
    lambda m, g, out, x, y, weight: g * weight,
    lambda m, g, out, x, y, weight: g * (y - x),
    torch=lambda T, x, y, weight: x + weight * (y - x),
    spellings=("torch.lerp(input, end, weight)", "Tensor.lerp(x, end, weight)"),
    linear=True,
    samples=(sample((3, 4), (3, 4), 0.3),),
)
