"""What a misfit teaches of sizes and ranks: which axes are the same, and how many there are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator

from gradlint.tracing import guesses
from gradlint.tracing.inputs import Inputs, Misfit, says_weight
from gradlint.tracing.trace import Trace

_RANKS = (2, 1, 3, 4)

_JOINS = {"concatenate", "insert", "hstack", "column_stack", "pad"}


class SizeLessons:
    """What operations of all kinds teach; `inputs` are those of the walk that stopped at `misfit`."""

    def __init__(self, misfit: Misfit, inputs: Inputs) -> None:
        self.misfit, self.inputs = misfit, inputs
        self.trace: Trace = misfit.trace
        self.shapes = [self.trace.nodes[i].shape for i in misfit.inputs]

    def _paired(self, pairs: Iterable[tuple[int, int]]) -> Inputs | None:
        """Inputs in which the axes of each pair of sizes are joined."""
        made, learnt = self.inputs.copy(), False
        for a, b in pairs:
            if a != b:
                learnt |= self._join(made, a, b)
        return made if learnt else None

    def _one_column(self, shape: tuple[int, ...]) -> Inputs | None:
        """Arrays whose axes have a single entry, where what has `shape` is a number in fact."""
        made, learnt = self.inputs.copy(), False
        for size in shape:
            for axis in self._axes(self.inputs, size) if size > 1 else ():
                made.pin(axis, 1)
                learnt = True
        return made if learnt else None

    def _join(self, made: Inputs, a: int, b: int) -> bool:
        first, second = self._axes(made, a), self._axes(made, b)
        if first and second:
            return made.join(first[0], second[0])
        if first and b > 0:
            made.pin(first[0], b)
            return True
        if second and a > 0:
            made.pin(second[0], a)
            return True
        return self._pin_beside_one(made, a, b) or self._join_factors(made, a, b)

    def _pin_beside_one(self, made: Inputs, a: int, b: int) -> bool:
        """Give an axis the other size less one, where an entry for the bias was put beside it, or one more,
        where a label was cut off.
        """
        behind = set(self.behind(self.misfit.inputs))
        above = {self.trace.nodes[n].op for n in self.trace.ancestors(self.misfit.inputs)}
        more = [1] if above & _JOINS else []
        more += [-1] if "getitem" in above else []
        for off, (one, other) in itertools.product(more, ((a, b), (b, a))):
            for axis in made.axes_of_size(one - off) if min(a, b) > 1 else ():
                if axis.partition(":")[0] in behind and other > 2:
                    made.pin(axis, other - off)
                    return True
        return False

    def _join_factors(self, made: Inputs, a: int, b: int) -> bool:
        """Join one axis of each side where the sizes are products that differ in these two alone."""
        behind = set(self.behind(self.misfit.inputs))
        axes = [x for x in made.named() if x.partition(":")[0] in behind and made.size(x) > 1]
        for first in axes:
            for second in axes:
                x, y = made.size(first), made.size(second)
                if x != y and a % x == 0 and b % y == 0 and a // x == b // y > 1:
                    return made.join(first, second)
        return self._pin_factors(made, b, a) or self._pin_factors(made, a, b)

    def _pin_factors(self, made: Inputs, total: int, wanted: int) -> bool:
        """Give two axes whose product is `total` sizes whose product is `wanted`: 28 x 28 for 784."""
        behind = set(self.behind(self.misfit.inputs))
        axes = [x for x in made.named() if x.partition(":")[0] in behind]
        for first, second in itertools.combinations(axes, 2):
            same = first.partition(":")[0] == second.partition(":")[0]
            if same and wanted > 1 and made.size(first) * made.size(second) == total:
                root = math.isqrt(wanted)
                low = next(n for n in range(root, 0, -1) if wanted % n == 0)
                made.pin(first, low)
                made.pin(second, wanted // low)
                return True
        return False

    def _axes(self, made: Inputs, size: int) -> list[str]:
        """The axes of one size, those of inputs behind the operation first."""
        behind = self.behind(self.misfit.inputs)
        found = made.axes_of_size(size)
        return sorted(found, key=lambda axis: axis.partition(":")[0] not in behind)

    def _broadcast(self, shapes: list[tuple[int, ...]]) -> Iterator[Inputs | None]:
        if len(shapes) < 2:
            return
        if any(
            self.inputs.forms[key].filling == "labels" for key in self.behind(self.misfit.inputs)
        ):
            return
        left, right = shapes[0], shapes[1]
        pairs = [
            (a, b)
            for a, b in zip(left[::-1], right[::-1], strict=False)
            if a != b and 1 not in (a, b)
        ]
        if len(left) == len(right) == len(pairs) == 1:
            yield self._flattened(*pairs[0])
        for one, other in ((left, right), (right, left)):
            if len(one) == 2 and one[1] > 1 and other == (one[0] * one[1], 1):
                yield self._one_column(one[1:])  # `y.reshape(-1, 1)`
        yield from self._targets_of_one(left, right)
        column = len(right) == 1 and len(left) == 2
        if column and self._weights_first(self.misfit.inputs[0]):
            yield self._column(self.misfit.inputs[1], left)
        yield self._paired(pairs)
        if column:
            yield self._column(self.misfit.inputs[1], left)
        if len(left) == 1 and len(right) == 2:
            yield self._column(self.misfit.inputs[0], right)
        if len(left) == len(right) == 2 and len(pairs) == 1:
            yield from (self._one_column((size,)) for size in pairs[0])

    def _targets_of_one(
        self, left: tuple[int, ...], right: tuple[int, ...]
    ) -> Iterator[Inputs | None]:
        """Targets that are a vector, where the outputs of a network for one sample are."""
        for node, shape, other in zip(
            self.misfit.inputs, (left, right), (right, left), strict=False
        ):
            key = self.trace.inputs.get(node)
            if key is not None and len(shape) == 2 and len(other) == 1 and guesses.says_target(key):
                yield self.inputs.change(key, rank=1)

    def _flattened(self, a: int, b: int) -> Inputs | None:
        """One column, where a flattened matrix has so many times more entries than it has rows."""
        if not min(a, b):
            return None
        columns, rest = divmod(max(a, b), min(a, b))
        return None if rest else self._one_column((columns,))

    def _weights_first(self, node: int) -> bool:
        """Whether a product has the weights on its left, so that samples are columns."""
        entry = self.trace.nodes[node]
        if entry.op not in ("dot", "matmul") or len(entry.inputs) < 2:
            return False
        left, right = (self.trace.inputs.get(self._turned(node)) for node in entry.inputs)
        return left is not None and says_weight(left) and not (right and says_weight(right))

    def _turned(self, node: int) -> int:
        """What a node is the transpose of."""
        entry = self.trace.nodes[node]
        return entry.inputs[0] if entry.op == "transpose" else node

    def _column(self, node: int, other: tuple[int, ...]) -> Inputs | None:
        """A vector that is a column in fact: one value for each row of the other operand."""
        for key in self.behind([node]):
            if self.inputs.forms[key].rank == 1:
                made = self.inputs.change(key, rank=2)
                made.pin(f"{key}:1", 1)
                rows = self._axes(made, other[0])
                if rows:
                    made.join(f"{key}:0", rows[0])
                return made
        return None

    def _ranked(self, nodes: Iterable[int], rank: int) -> Iterator[Inputs | None]:
        for key in self.behind(nodes):
            if self.inputs.forms[key].rank != rank and rank <= 6:
                yield self.inputs.change(key, rank=rank)

    def _other_ranks(self) -> Iterator[Inputs | None]:
        for key in self.behind(self.misfit.inputs)[:3]:
            for rank in _RANKS:
                if rank != self.inputs.forms[key].rank:
                    yield self.inputs.change(key, rank=rank)

    def behind(self, nodes: Iterable[int]) -> list[str]:
        """The array inputs that the nodes were made from, the nearest first."""
        found: dict[str, None] = {}
        level, seen = list(nodes), set[int]()
        while level:
            for node in level:
                key = self.trace.inputs.get(node)
                if key is not None and self.inputs.forms[key].kind == "array":
                    found[key] = None
            seen |= set(level)
            level = [i for n in level for i in self.trace.nodes[n].inputs if i not in seen]
        return list(found)
