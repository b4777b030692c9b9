"""What an index that does not fit teaches: labels, classes, counts of items."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlint.tracing import guesses
from gradlint.tracing.inputs import Inputs
from gradlint.tracing.learning_sizes import SizeLessons

_INDEX = re.compile(r"index -?\d+ is out of bounds for axis (\d+) with size (\d+)")
_TOGETHER = re.compile(r"broadcast together with shapes \((\d+),\) \((\d+),\)")
_INTEGERS = re.compile(r"integer|only (length-1|integers)", re.IGNORECASE)


class IndexLessons(SizeLessons):
    """Lessons of `a[index]`, read or written."""

    def _indexed(self) -> Iterator[Inputs | None]:
        m = self.misfit
        index = m.params.get("index")
        parts = index if isinstance(index, tuple) else (index,)
        if _INTEGERS.search(m.reason) or "boolean index" in m.reason:
            for part in parts:
                yield from self._labels(part)
        if "broadcast together" in m.reason:
            for part in parts:
                yield from self._one_hot(part)
        if (found := _TOGETHER.search(m.reason)) is not None:
            yield self._paired([(int(found[1]), int(found[2]))])
        if (found := _INDEX.search(m.reason)) is not None:
            yield from self._bounded(parts, int(found[2]))
        count = sum(p is not None and p is not Ellipsis for p in parts)
        if "too many indices" in m.reason:
            yield from self._features_last(parts)
            yield from self._ranked(m.inputs[:1], count)
        if m.op == "setitem":
            slot = _slot(self.trace.value(m.inputs[0]), index)
            if slot is not None and math.prod(slot) == 1:
                yield self._one_column(self.shapes[1])
            if slot is not None:
                yield from self._broadcast([slot, self.shapes[1]])
                yield from self._ranked(m.inputs[1:], len(slot))

    def _features_last(self, parts: tuple[Any, ...]) -> Iterator[Inputs | None]:
        """A bias that is read at `[0, 0, 0, c]` has one entry along each axis but the last."""
        first = all(isinstance(part, int) and part == 0 for part in parts[:-1])
        if len(parts) < 3 or not first:
            return
        for key in filter(guesses.says_vector, self.behind(self.misfit.inputs[:1])):
            made = self.inputs.change(key, rank=len(parts))
            for axis in range(len(parts) - 1):
                made.pin(f"{key}:{axis}", 1)
            yield made

    def _places(self) -> Iterator[Inputs | None]:
        """Places of which none comes twice; fewer of them than there are, where there were as many."""
        key = self.trace.inputs[self.misfit.inputs[0]]
        made = self.inputs.change(key, filling="places")
        if self.inputs.size(f"{key}:0") > self.inputs.forms[key].below:
            made.pin(f"{key}:0", max(self.inputs.forms[key].below - 1, 1))
        yield made

    def _along(self) -> Iterator[Inputs | None]:
        """Labels along one axis, one for each row of the others: `p.gather(1, y.unsqueeze(1))`."""
        index, axis = self.misfit.params.get("index"), self.misfit.params.get("axis", 0)
        base = self.shapes[0]
        if not isinstance(index, np.ndarray):
            return
        if index.dtype.kind in "iub":
            if (found := _INDEX.search(self.misfit.reason)) is not None:
                yield from self._bounded((index,), int(found[2]))
            return
        for key in self.behind(self._nodes_of(index)):
            rank = self.inputs.forms[key].rank - index.ndim + len(base)
            if rank >= 1:
                yield self._beside(key, rank, axis % len(base), base)

    def _beside(self, key: str, rank: int, axis: int, base: tuple[int, ...]) -> Inputs:
        """Inputs in which `key` are labels below the size of `axis`, as many as `base` has rows."""
        made = self.inputs.change(key, filling="labels", rank=rank, below=max(base[axis], 1))
        for i in range(rank):
            beside = i if rank == len(base) or i < axis else i + 1
            found = self._axes(made, base[beside]) if beside < len(base) and beside != axis else []
            if others := [one for one in found if one.partition(":")[0] != key]:
                made.join(f"{key}:{i}", others[0])
        return made

    def _classified(self) -> Iterator[Inputs | None]:
        """One label for each row of the scores of the classes."""
        base = self.shapes[0]
        labels = [k for k in self.behind(self.misfit.inputs[1:2]) if self._is_labels(k)]
        for key in labels if len(base) > 1 else ():
            yield self._beside(key, len(base) - 1, 1, base)
        if not labels:
            yield from self._broadcast(self.shapes)

    def _is_labels(self, key: str) -> bool:
        return self.inputs.forms[key].filling == "labels"

    def _encoded(self) -> Iterator[Inputs | None]:
        """Labels that become rows with a single one."""
        for key in self.behind(self.misfit.inputs):
            yield self.inputs.change(key, filling="labels", rank=1)

    def _labels(self, part: Any) -> Iterator[Inputs | None]:
        if not isinstance(part, np.ndarray):
            return
        for key in self.behind(self._nodes_of(part)):
            form = self.inputs.forms[key]
            if form.filling != "labels":
                yield self.inputs.change(key, filling="labels", rank=1)
                yield from self._one_hot(part)
                yield self.inputs.change(key, filling="labels")

    def _one_hot(self, part: Any) -> Iterator[Inputs | None]:
        """Labels that are rows in fact, one for each row of what was indexed with them."""
        base = self.shapes[0]
        if not isinstance(part, np.ndarray) or len(base) != 2:
            return
        for key in self.behind(self._nodes_of(part)):
            form = self.inputs.forms[key]
            axes = [self._axes(self.inputs, size) for size in base]
            if form.rank == 2 and all(axes) and self.inputs.shape(key) != base:
                made = self.inputs.change(key, filling="one-hot rows")
                for i, found in enumerate(axes):
                    made.join(f"{key}:{i}", found[0])
                yield made

    def _bounded(self, parts: tuple[Any, ...], size: int) -> Iterator[Inputs | None]:
        for part in parts:
            if isinstance(part, np.ndarray):
                for key in self.behind(self._nodes_of(part)):
                    form = self.inputs.forms[key]
                    if form.filling == "labels" and form.below > size:
                        yield self.inputs.change(key, below=size)
        axes = self._axes(self.inputs, size)
        for axis in self.inputs.named():
            if axes and self.inputs.size(axis) > size:
                made = self.inputs.copy()
                if made.join(axis, axes[0]):
                    yield made

    def _nodes_of(self, part: np.ndarray[Any, Any]) -> list[int]:
        """The nodes whose value an index array is."""
        return [
            node.id for node in reversed(self.trace.nodes)
            if np.shape(node.value) == part.shape and node.value is not None
            and np.array_equal(np.asarray(node.value), part)
        ][:3]  # fmt: skip


def _slot(base: Any, index: Any) -> tuple[int, ...] | None:
    try:
        return tuple(np.shape(np.asarray(base)[index]))
    except (IndexError, ValueError, TypeError):
        return None
