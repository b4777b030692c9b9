"""Claims that are right up to the same constant."""

from __future__ import annotations

from collections.abc import Iterable

from gradlint.judging.compare import Comparison

_EXACT = 1e-6


def reference_group(comparisons: Iterable[Comparison]) -> set[int]:
    """The largest group of claims that are right up to one common constant; of two, that of scale 1.

    What cancels out has any constant.
    """
    right = [(i, c.scales) for i, c in enumerate(comparisons) if c.is_right]
    groups = [{j for j, other in right if _alike(other, scales)} for _, scales in right if scales]
    at = dict(right)
    return max(
        groups,
        key=lambda g: (len(g), any(abs(x - 1) < _EXACT for i in g for x in at[i][:1])),
        default=set(),
    )


def _alike(scales: Iterable[float], others: Iterable[float]) -> bool:
    """Whether two claims have the same constant at each point."""
    return all(abs(a - b) <= 1e-5 * abs(b) for a, b in zip(scales, others, strict=False))
