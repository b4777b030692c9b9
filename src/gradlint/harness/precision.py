"""How exactly CUDA computes: without TF32, and in a fixed order, while the truth is computed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from gradlint.harness.evidence import GROWTH

TF32 = 16 * 2.0**-11 / GROWTH
"""What counts as a unit roundoff where products are computed in TF32: their factors keep 10 bits after the
point (NVIDIA, A100 whitepaper), but they are added in single precision, so that the error does not grow with
the length of the sum: a computed gradient may be off by 16 roundings of a factor."""


def uses_tf32(torch: Any, device: str) -> bool:
    """Whether the script lets products of single precision be computed in TF32."""
    return device == "cuda" and bool(torch.backends.cuda.matmul.allow_tf32)


@contextlib.contextmanager
def exact(torch: Any, device: str) -> Iterator[None]:
    """While open, no TF32, and deterministic algorithms where there are such; then what was set before."""
    if device != "cuda":
        yield
        return
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    strict = torch.are_deterministic_algorithms_enabled()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    matmul.allow_tf32 = cudnn.allow_tf32 = False
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before
        torch.use_deterministic_algorithms(strict, warn_only=warns)
