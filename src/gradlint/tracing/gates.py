"""Axes that hold several parts side by side: the gates of an LSTM in one matrix, cut out as slices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gradlint.tracing.trace import Trace

PARTS = (4, 3, 2)
"""The numbers of parts that are tried: the gates of an LSTM, of a GRU, two halves."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A slice of `width` of an axis of `size`; `beyond` says that it ends after the axis does."""

    size: int
    width: int
    beyond: bool


def cuts(trace: Trace, nodes: Iterable[int]) -> Iterator[Cut]:
    """The slices with a width of their own behind the nodes."""
    for number in sorted(trace.ancestors(list(nodes))):
        node = trace.nodes[number]
        if node.op == "getitem":
            yield from _of_index(node.params.get("index"), trace.nodes[node.inputs[0]].shape)


def _of_index(index: Any, shape: tuple[int, ...]) -> Iterator[Cut]:
    for part, size in zip(index if isinstance(index, tuple) else (index,), shape, strict=False):
        if not isinstance(part, slice) or part.step not in (None, 1):
            continue
        start, stop = part.start or 0, part.stop
        if isinstance(start, int) and isinstance(stop, int) and stop - start > 1 and start >= 0:
            yield Cut(size, stop - start, stop > size)
