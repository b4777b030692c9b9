"""Tensors that are filled in place: torch's initialisers and the methods that draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlint.tracing.leaves import Maker, known
from gradlint.tracing.values import Traced, plain

if TYPE_CHECKING:
    from gradlint.tracing.machine import Machine


def _filling(draw: Callable[[np.random.Generator, tuple[int, ...], list[float]], Any]) -> Maker:
    def fill(m: Machine, tensor: Any, *args: Any, **kw: Any) -> Any:
        if isinstance(tensor, Traced):
            m.write(
                tensor,
                m.leaf(np.asarray(draw(m.rng, tensor.shape, plain(list(args)))), tensor.library),
            )
        return tensor

    return fill


def _two(args: list[float], first: float, second: float) -> tuple[float, float]:
    """Two parameters, as far as they are given."""
    given = (*args, *(first, second)[len(args) :])
    return given[0], given[1]


_normally = _filling(lambda rng, shape, args: rng.normal(0.0, 0.7, shape))
for _name in ("normal_", "trunc_normal_", "xavier_normal_", "xavier_normal", "kaiming_normal_",
              "kaiming_normal", "orthogonal_", "normal"):  # fmt: skip
    known(f"torch.nn.init.{_name}")(_normally)
_uniformly = _filling(lambda rng, shape, args: rng.uniform(-0.7, 0.7, shape))
for _name in ("uniform_", "xavier_uniform_", "xavier_uniform", "kaiming_uniform_",
              "kaiming_uniform", "uniform"):  # fmt: skip
    known(f"torch.nn.init.{_name}")(_uniformly)
known("torch.nn.init.zeros_")(_filling(lambda rng, shape, args: np.zeros(shape)))
known("torch.nn.init.ones_")(_filling(lambda rng, shape, args: np.ones(shape)))
known("torch.nn.init.eye_")(_filling(lambda rng, shape, args: np.eye(shape[0], shape[-1])))
known("torch.nn.init.constant_", "torch.nn.init.constant")(
    _filling(lambda rng, shape, args: np.full(shape, args[0] if args else 0.0))
)
known("torch.Tensor.normal_")(
    _filling(lambda rng, shape, args: rng.normal(*_two(args, 0.0, 1.0), shape))
)
known("torch.Tensor.uniform_")(
    _filling(lambda rng, shape, args: rng.uniform(*_two(args, 0.0, 1.0), shape))
)
known("torch.Tensor.exponential_")(_filling(lambda rng, shape, args: rng.exponential(size=shape)))
known("torch.Tensor.bernoulli_")(
    _filling(lambda rng, shape, args: (rng.uniform(size=shape) < (args or [0.5])[0]).astype(float))
)


@known("torch.Tensor.random_")
def _random_(m: Machine, tensor: Any, *args: Any, **kw: Any) -> Any:
    bounds = [int(b) for b in plain(list(args))] or [2]
    low, high = (0, bounds[0]) if len(bounds) == 1 else (bounds[0], bounds[1])
    drawn = m.rng.integers(low, high, tensor.shape)
    m.write(tensor, m.leaf(drawn, tensor.library))
    return tensor
