"""Axes that hold several parts side by side: the gates of an LSTM in one matrix, cut out as slices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gradlint.tracing.trace import Trace


@dataclass(frozen=True, slots=True)
class Cut:
    """A slice from `start` to `stop` (None: to the end) of an axis of `size`."""

    size: int
    start: int
    stop: int | None


def needed(trace: Trace, nodes: Iterable[int]) -> dict[int, int]:
    """The size that an axis must have for the slices behind the nodes, by the size that it has.

    A last slice without an end is as wide as the others.
    """
    found: dict[int, int] = {}
    cuts = list(_cuts(trace, nodes))
    widths = [c.stop - c.start for c in cuts if c.stop is not None]
    for cut in cuts:
        stop = cut.stop if cut.stop is not None else cut.start + min(widths, default=cut.start)
        if stop > cut.size or (cut.stop is None and stop != cut.size):
            found[cut.size] = max(found.get(cut.size, 0), stop)
    return found


def _cuts(trace: Trace, nodes: Iterable[int]) -> Iterator[Cut]:
    for number in sorted(trace.ancestors(list(nodes))):
        node = trace.nodes[number]
        if node.op == "getitem":
            yield from _of_index(node.params.get("index"), trace.nodes[node.inputs[0]].shape)


def _of_index(index: Any, shape: tuple[int, ...]) -> Iterator[Cut]:
    for part, size in zip(index if isinstance(index, tuple) else (index,), shape, strict=False):
        if not isinstance(part, slice) or part.step not in (None, 1):
            continue
        start, stop = part.start or 0, part.stop
        bounded = isinstance(stop, int) and stop - start > 1
        if isinstance(start, int) and start >= 0 and (bounded or (stop is None and start > 1)):
            yield Cut(size, start, stop)
