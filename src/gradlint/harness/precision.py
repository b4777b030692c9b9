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


def uses_tf32(torch: Any, device: str, text: str = "") -> bool:
    """Whether the script of this `text` lets products of single precision be computed in TF32.

    Convolutions are, unless somebody says no: torch lets cuDNN do so by default.
    """
    if device != "cuda":
        return False
    parts = [torch.backends.cuda.matmul]
    parts += [torch.backends.cudnn] if "conv" in text.lower() else []
    return any(getattr(part, _switch(part)[0]) in (True, "tf32") for part in parts)


def _switch(backend: Any) -> tuple[str, Any]:
    """The attribute that says whether a part of torch may use TF32, and its value for no.

    torch 2.9 has a newer one, and refuses to read the older where the newer was set.
    """
    try:
        backend.allow_tf32  # noqa: B018
    except RuntimeError:
        return "fp32_precision", "ieee"
    return "allow_tf32", False


@contextlib.contextmanager
def _without_tf32(backend: Any) -> Iterator[None]:
    switch, off = _switch(backend)
    before = getattr(backend, switch)
    setattr(backend, switch, off)
    try:
        yield
    finally:
        setattr(backend, switch, before)


@contextlib.contextmanager
def exact(torch: Any, device: str) -> Iterator[None]:
    """While open, no TF32, and deterministic algorithms where there are such; then what was set before."""
    if device != "cuda":
        yield
        return
    strict = torch.are_deterministic_algorithms_enabled()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with _without_tf32(torch.backends.cuda.matmul), _without_tf32(torch.backends.cudnn):
            yield
    finally:
        torch.use_deterministic_algorithms(strict, warn_only=warns)
