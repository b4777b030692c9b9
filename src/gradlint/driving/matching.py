"""Which result is the gradient of which input."""

from __future__ import annotations

from collections.abc import Iterator

from gradlint.driving.names import is_akin, is_gradient_of, says_target
from gradlint.driving.tensors import Part
from gradlint.tracing.values import Traced


def match(
    parts: list[Part], inputs: dict[str, Traced], strict: bool = False
) -> Iterator[tuple[Part, str]]:
    """Which result is the gradient of which input: by name, by kind of name, then by order and shape.

    An input that is kept under several names (`params['W1']`, `layers[0].W`) is matched once.
    """
    left, rest = dict(inputs), list(parts)
    for same in (is_gradient_of, is_akin):
        for part in rest[:]:
            named = [k for k in left if part[0] is not None and same(part[0], k)]
            alike = [k for k in named if left[k].shape == part[1].shape]
            key = _nearest(part[0], alike or named)
            if key is not None:
                rest.remove(part)
                left = {k: t for k, t in left.items() if t.id != inputs[key].id}
                yield part, key
    if strict:
        return
    if len(rest) == len(left) or len(parts) == 1:
        yield from _in_order(rest, left)
        return
    for part in rest:
        alike = [key for key, of in left.items() if of.shape == part[1].shape != ()]
        if part[0] is None and len(alike) == 1:
            yield part, alike[0]


def _nearest(name: str | None, keys: list[str]) -> str | None:
    """The one of several inputs that is kept where the gradient is: in the same layer."""
    return max(keys, key=lambda key: _shared(name or "", key), default=None)


def _shared(one: str, other: str) -> int:
    """How many characters two places begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _in_order(parts: list[Part], inputs: dict[str, Traced]) -> Iterator[tuple[Part, str]]:
    """Results beside inputs as they come; a target is only reached where all before it fit."""
    fits = True
    for part, key in zip(parts, list(inputs), strict=False):
        alike = part[1].shape == inputs[key].shape
        if alike and (fits or not says_target(key)):
            yield part, key
        fits = fits and alike
