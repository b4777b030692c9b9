"""Transposed convolutions, and the cotangents of a convolution as functions of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlint.ops.convolution import (
    PLAIN,
    Geometry,
    forward,
    input_gradient,
    weight_gradient,
    without_bias,
)
from gradlint.ops.op import sample
from gradlint.ops.registry import define
from gradlint.ops.spelling import Spell
from gradlint.ops.windows import Sizes, last, sizes


@dataclass(frozen=True)
class _Transposed:
    """The transposed convolution: the input's cotangent of a convolution, taken as a forward pass.

    `x` is (N, C, *places), `w` (C, F / groups, *kernel), `b` (F,) or 0.
    """

    rank: int

    @property
    def name(self) -> str:
        return f"conv_transpose{self.rank}d"

    def _shape(self, x: Any, w: Any, how: Geometry, extra: Sizes) -> Sizes:
        each = zip(
            np.shape(x)[-self.rank :], how.stride, how.padding, how.dilation, how.kernel, extra,
            strict=True,
        )  # fmt: skip
        spatial = ((n - 1) * s - 2 * p + d * (k - 1) + 1 + e for n, s, p, d, k, e in each)
        return (np.shape(x)[0], np.shape(w)[1] * how.groups, *spatial)

    def _how(self, w: Any, params: dict[str, Any]) -> tuple[Geometry, Sizes]:
        plain = {k: v for k, v in params.items() if k != "output_padding"}
        how = Geometry.of(np.shape(w)[2:], **plain)
        return how, sizes(params.get("output_padding", 0), self.rank)

    def evaluate(self, x: Any, w: Any, b: Any, **params: Any) -> Any:
        how, extra = self._how(w, params)
        made = input_gradient(x, self._shape(x, w, how, extra), w, how)
        return made + np.reshape(b, (-1,) + (1,) * self.rank)

    def to_input(self, g: Any, out: Any, x: Any, w: Any, b: Any, **params: Any) -> Any:
        return forward(g, w, self._how(w, params)[0])[tuple(slice(None, n) for n in np.shape(x))]

    def to_weight(self, g: Any, out: Any, x: Any, w: Any, b: Any, **params: Any) -> Any:
        how, extra = self._how(w, params)
        return weight_gradient(x, _cut(g, extra, self.rank), np.shape(w), how)

    def to_bias(self, g: Any, out: Any, x: Any, w: Any, b: Any, **params: Any) -> Any:
        summed = np.sum(g, axis=(0, *range(2, self.rank + 2)))
        return np.sum(summed) if np.ndim(b) == 0 else summed

    def in_torch(self, T: Any, x: Any, w: Any, b: Any, **params: Any) -> Any:
        return getattr(T.nn.functional, self.name)(x, w, b if np.ndim(b) else None, **params)

    def samples(self) -> tuple[Any, ...]:
        if self.rank == 1:
            return (sample((2, 3, 5), (3, 2, 2), (2,), **PLAIN, output_padding=0),)
        spread = PLAIN | {"stride": 2, "padding": 1}
        return (
            sample((2, 3, 4, 5), (3, 2, 2, 3), (2,), **PLAIN, output_padding=0),
            sample((1, 3, 3, 4), (3, 2, 3, 2), (2,), **spread, output_padding=0),
        )


def _define_transposed(rank: int) -> None:
    op = _Transposed(rank)
    given = "input, weight, @bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1"
    define(
        op.name,
        op.evaluate,
        op.to_input,
        op.to_weight,
        op.to_bias,
        torch=op.in_torch,
        spellings=tuple(
            Spell(f"{head}.{op.name}({given})", adapt=without_bias) for head in ("F", "torch")
        ),
        linear=True,
        samples=op.samples(),
    )


def _cut(g: Any, extra: Sizes, rank: int) -> Any:
    """What stands before the extra rows of the output, which no window of the input reaches."""
    if not any(extra):
        return g
    ends = tuple(slice(None, n - e) for n, e in zip(np.shape(g)[-rank:], extra, strict=True))
    return np.asarray(g)[last(*ends)]


for _rank in (1, 2):
    _define_transposed(_rank)


def _define_gradients(rank: int) -> None:
    """`torch.nn.grad`: the two cotangents of a convolution as functions of their own."""

    def how_of(kernel: Any, params: dict[str, Any]) -> Geometry:
        return Geometry.of(kernel, **{k: v for k, v in params.items() if k != "shape"})

    def to_input(w: Any, g: Any, shape: Any, **params: Any) -> Any:
        return input_gradient(g, tuple(shape), w, how_of(np.shape(w)[2:], params))

    def to_weight(x: Any, g: Any, shape: Any, **params: Any) -> Any:
        return weight_gradient(g, x, tuple(shape), how_of(tuple(shape)[2:], params))

    options = "stride=1, padding=0, dilation=1, groups=1"
    module = "torch.nn.grad"
    define(
        f"conv{rank}d_input",
        to_input,
        lambda d, out, w, g, shape, **p: weight_gradient(
            g, d, np.shape(w), how_of(np.shape(w)[2:], p)
        ),
        lambda d, out, w, g, shape, **p: forward(d, w, how_of(np.shape(w)[2:], p)),
        torch=lambda T, w, g, shape, **p: getattr(T.nn.grad, f"conv{rank}d_input")(
            shape, w, g, **p
        ),
        spellings=(
            f"{module}.conv{rank}d_input($input_size:shape, weight, grad_output, {options})",
        ),
        linear=True,
        samples=(_gradient_sample(rank, True),),
    )
    define(
        f"conv{rank}d_weight",
        to_weight,
        lambda d, out, x, g, shape, **p: input_gradient(g, np.shape(x), d, how_of(shape[2:], p)),
        lambda d, out, x, g, shape, **p: forward(x, d, how_of(shape[2:], p)),
        torch=lambda T, x, g, shape, **p: getattr(T.nn.grad, f"conv{rank}d_weight")(
            x, shape, g, **p
        ),
        spellings=(
            f"{module}.conv{rank}d_weight(input, $weight_size:shape, grad_output, {options})",
        ),
        linear=True,
        samples=(_gradient_sample(rank, False),),
    )


def _gradient_sample(rank: int, of_input: bool) -> Any:
    x, w, g = (2, 3, 7, 6)[: rank + 2], (4, 3, 2, 3)[: rank + 2], (2, 4, 6, 4)[: rank + 2]
    return sample(w, g, shape=x, **PLAIN) if of_input else sample(x, g, shape=w, **PLAIN)


for _rank in (1, 2):
    _define_gradients(_rank)
