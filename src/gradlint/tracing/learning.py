"""What a misfit teaches: axes that are the same, another rank, integers in the place of numbers.

Since all sizes differ until they are joined, the two sizes that do not fit name the axes that they are of.
Where several lessons would do, all are given, the likeliest first.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from gradlint import ops
from gradlint.tracing import guesses
from gradlint.tracing.gates import needed
from gradlint.tracing.inputs import EVEN_IMAGE, Form, Inputs, Misfit, says_weight
from gradlint.tracing.trace import Trace

_AXIS = re.compile(r"axis -?(\d+) is out of bounds for array of dimension (\d+)")
_INDEX = re.compile(r"index -?\d+ is out of bounds for axis (\d+) with size (\d+)")
_TOGETHER = re.compile(r"broadcast together with shapes \((\d+),\) \((\d+),\)")
_INTEGERS = re.compile(r"integer|only (length-1|integers)", re.IGNORECASE)
_RANKS = (2, 1, 3, 4)
_STACKED = {"vstack": 0, "hstack": 1, "column_stack": 1}
"""Along which axis these join, which they are not told."""


def alternatives(misfit: Misfit, inputs: Inputs) -> list[Inputs]:
    """What the inputs may be instead, the likeliest first; empty where nothing is learnt."""
    lesson = _Lessons(misfit, inputs)
    found = list(lesson.all())
    return [made for made in found if made is not None]


class _Lessons:
    def __init__(self, misfit: Misfit, inputs: Inputs) -> None:
        self.misfit, self.inputs = misfit, inputs
        self.trace: Trace = misfit.trace
        self.shapes = [self.trace.nodes[i].shape for i in misfit.inputs]

    def all(self) -> Iterator[Inputs | None]:
        """Every lesson; a question that is no operation of its own (`_QUESTIONS`) has its own answer."""
        answer = _QUESTIONS.get(self.misfit.op)
        yield from self._operation() if answer is None else answer(self)

    def _rank_asked(self) -> Iterator[Inputs | None]:
        yield from self._ranked(self.misfit.inputs, self.misfit.params["rank"])

    def _all_rows(self) -> Iterator[Inputs | None]:
        yield self._paired([self.misfit.params["pair"]])
        yield self._lenient()

    def _assertion(self) -> Iterator[Inputs | None]:
        yield self._paired(self.misfit.params["pairs"])
        yield from self._smaller_counts()
        yield self._lenient()

    def _lenient(self) -> Inputs:
        made = self.inputs.copy()
        made.lenient = True
        return made

    def _operation(self) -> Iterator[Inputs | None]:
        """What an operation that does not fit teaches."""
        if (found := _AXIS.search(self.misfit.reason)) is not None:
            yield from self._ranked(self.misfit.inputs, int(found[1]) + 1)
        places = [np.asarray(self.trace.value(node)) for node in self.misfit.inputs]
        if all(place.dtype.kind in "iu" and place.ndim for place in places):
            yield from self._square_images()  # where windows lie
        answer = _OPERATIONS.get(self.misfit.op)
        if answer is not None:
            yield from answer(self)
        elif len(self.shapes) > 1 or ops.OPS[self.misfit.op].elementwise:
            yield from self._whole_parts()
            yield from self._broadcast(self.shapes)
        yield from self._smaller_counts()
        yield from self._other_ranks()

    def _transposed(self) -> Iterator[Inputs | None]:
        axes = self.misfit.params.get("axes")
        if axes is not None:
            yield from self._ranked(self.misfit.inputs, len(axes))

    def _padded(self) -> Iterator[Inputs | None]:
        """As many axes as have a width of their own."""
        width = self.misfit.params.get("width")
        if isinstance(width, tuple) and all(isinstance(pair, tuple) for pair in width):
            yield from self._ranked(self.misfit.inputs, len(width))

    def _expanded(self) -> Iterator[Inputs | None]:
        target = self.misfit.params.get("shape", ())
        shape = target.shape if isinstance(target, np.ndarray) else tuple(np.atleast_1d(target))
        yield from self._broadcast([self.shapes[0], shape])

    def _whole_parts(self) -> Iterator[Inputs | None]:
        """An axis from which slices are cut holds all of them."""
        for size, wanted in needed(self.trace, self.misfit.inputs).items():
            axes = self._axes(self.inputs, size)
            if axes:
                made = self.inputs.copy()
                made.pin(axes[0], wanted)
                yield made

    def _alone(self) -> Iterator[Inputs | None]:
        """One sample, where there were several."""
        yield self._one_column((self.misfit.params["size"],))

    def _one_column(self, shape: tuple[int, ...]) -> Inputs | None:
        """Arrays whose axes have a single entry, where what has `shape` is a number in fact."""
        made, learnt = self.inputs.copy(), False
        for size in shape:
            for axis in self._axes(self.inputs, size) if size > 1 else ():
                made.pin(axis, 1)
                learnt = True
        return made if learnt else None

    def _in_place(self) -> Iterator[Inputs | None]:
        """What is changed in place keeps its shape: a matrix behind the change is a vector in fact.

        Or a list of columns, or a single column.
        """
        for key in self.behind(self.misfit.inputs[1:]):
            if self.inputs.forms[key].rank == 2:
                yield self.inputs.change(key, rank=1)
        for key in self.behind(self.misfit.inputs[1:]):
            if self.inputs.forms[key].rank == 2 and self._is_taken_apart(key):
                made = self.inputs.change(key, rank=3)
                made.pin(f"{key}:2", 1)
                yield made
        for key in self.behind(self.misfit.inputs[1:]):
            if self.inputs.forms[key].rank == 2:
                made = self.inputs.copy()
                made.pin(f"{key}:1", 1)
                yield made

    def _is_taken_apart(self, key: str) -> bool:
        """Whether the items of an input are used one by one: `for x in inputs`."""
        return any(
            node.op == "getitem"
            and self.trace.inputs.get(node.inputs[0]) == key
            and isinstance(node.params.get("index"), int)
            for node in self.trace.nodes
        )

    def _like_gradient(self) -> Iterator[Inputs | None]:
        yield self._shaped(self.misfit.inputs[0], self.misfit.params["shape"])

    def _shaped(self, node: int, shape: tuple[int, ...]) -> Inputs | None:
        """A vector in the shape of its gradient: a column or a row, along another axis than was thought."""
        key = self.trace.inputs[node]
        made = self.inputs.change(key, rank=len(shape))
        for i, size in enumerate(shape):
            others = [a for a in self.inputs.axes_of_size(size) if a.partition(":")[0] != key]
            if size == 1:
                made.pin(f"{key}:{i}", 1)
            elif others:
                made.join(f"{key}:{i}", others[0])
            else:
                return None
        return made

    def _counted(self) -> Iterator[Inputs | None]:
        """Inputs in which the arrays behind a number of things are counts."""
        made = self.inputs.copy()
        items = any(
            self.trace.nodes[n].op == "getitem" for n in self.trace.ancestors(self.misfit.inputs)
        )
        for key in self.behind(self.misfit.inputs):
            made.forms[key] = Form("list", length=3) if items else guesses.count(key)
        yield made

    def _smaller_counts(self) -> Iterator[Inputs | None]:
        """Strides of one, no padding: windows that do not fit at two may fit then."""
        for key, form in self.inputs.forms.items():
            least = 0 if "pad" in key else 1
            if form.kind == "count" and form.value is not None and form.value > least:
                yield self.inputs.change(key, value=form.value - 1)
        for key, form in self.inputs.forms.items():
            if form.kind == "array" and form.rank == 4 and self.inputs.size(f"{key}:2") % 2:
                made = self.inputs.copy()
                made.pin(f"{key}:2", EVEN_IMAGE[0])
                made.pin(f"{key}:3", EVEN_IMAGE[1])
                yield made

    def _square_images(self) -> Iterator[Inputs | None]:
        """Images that are as high as they are wide, for code that takes one for the other."""
        for key, form in self.inputs.forms.items():
            high, wide = (f"{key}:{axis}" for axis in (2, 3))
            image = form.kind == "array" and form.rank == 4
            if image and self.inputs.size(high) != self.inputs.size(wide):
                made = self.inputs.copy()
                made.pin(high, EVEN_IMAGE[0])
                made.pin(wide, EVEN_IMAGE[0])
                yield made

    # Same sizes

    def _paired(self, pairs: Iterable[tuple[int, int]]) -> Inputs | None:
        """Inputs in which the axes of each pair of sizes are joined."""
        made, learnt = self.inputs.copy(), False
        for a, b in pairs:
            if a != b:
                learnt |= self._join(made, a, b)
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
        """Give an axis the other size less one, where an entry for the bias was put beside it."""
        behind = set(self.behind(self.misfit.inputs))
        joins = {"concatenate", "insert", "hstack", "column_stack", "pad"}
        above = self.trace.ancestors(self.misfit.inputs)
        if not any(self.trace.nodes[node].op in joins for node in above):
            return False
        for one, other in ((a, b), (b, a)):
            for axis in made.axes_of_size(one - 1) if min(a, b) > 1 else ():
                if axis.partition(":")[0] in behind and other > 2:
                    made.pin(axis, other - 1)
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

    def _product(self) -> Iterator[Inputs | None]:
        left, right = self.shapes[0], self.shapes[1]
        if left and right:
            inner = right[-2] if len(right) > 1 else right[0]
            yield from self._image(left[-1], inner)
            yield from self._contracted(left[-1], inner)
        if not left:
            yield from self._ranked(self.misfit.inputs[:1], 2)
        if not right:
            yield from self._ranked(self.misfit.inputs[1:], 2)

    def _inner(self) -> Iterator[Inputs | None]:
        if all(self.shapes):
            yield from self._contracted(self.shapes[0][-1], self.shapes[1][-1])

    def _contracted(self, first: int, second: int) -> Iterator[Inputs | None]:
        """Sums of products over two axes: joined, or one made longer of which an operand has but a part."""
        left, right = self.misfit.inputs
        parts = [(second, first, right), (first, second, left)]
        if not any(self._is_input(total, node) for total, _, node in parts):
            for part in parts:
                yield from self._longer_part(*part)
        yield self._paired([(first, second)])
        for part in parts:
            yield from self._longer_part(*part)

    def _is_input(self, size: int, node: int) -> bool:
        """Whether an input behind a node has an axis of a size."""
        behind = self.behind([node])
        return any(a.partition(":")[0] in behind for a in self.inputs.axes_of_size(size))

    def _image(self, total: int, wanted: int) -> Iterator[Inputs | None]:
        """Another number of channels, or a square of a size that is written somewhere, for an image.

        Its pixels became `total` columns, but the weights that somebody else made take `wanted`.
        """
        for key in self.behind(self.misfit.inputs[:1]):
            if self.inputs.forms[key].rank != 4 or self._axes(self.inputs, wanted):
                continue
            channels = self.inputs.size(f"{key}:1")
            pixels = total // channels
            if total % channels == 0 and wanted % pixels == 0 and wanted != total:
                made = self.inputs.copy()
                made.pin(f"{key}:1", wanted // pixels)
                yield made
            for size in self.inputs.written:
                made = self.inputs.copy()
                made.pin(f"{key}:2", size)
                made.pin(f"{key}:3", size)
                yield made

    def _longer_part(self, total: int, wanted: int, node: int) -> Iterator[Inputs | None]:
        """Another size for one of the parts that were joined to `total` rows or columns."""
        parts = self._sizes_joined(node)
        if not parts:
            return
        for key in self.behind([node])[:2]:
            rank = self.inputs.forms[key].rank
            axes = [f"{key}:{i}" for i in range(rank)]
            axis = next((a for a in axes[::-1] if self.inputs.size(a) in parts), f"{key}:0")
            size = self.inputs.size(axis) + wanted - total
            pinned = self.inputs.root(axis) in self.inputs.pinned  # a second time it grows for ever
            if rank and size > 0 and not pinned:
                made = self.inputs.copy()
                made.pin(axis, size)
                yield made

    def _sizes_joined(self, node: int) -> set[int]:
        """The sizes of all that was joined to make a node."""
        entries = (self.trace.nodes[n] for n in self.trace.ancestors([node]))
        joins = (one for one in entries if one.op in ("concatenate", *_STACKED))
        return {n for one in joins for i in one.inputs for n in self.trace.nodes[i].shape}

    def _joined_parts(self) -> Iterator[Inputs | None]:
        axis = _STACKED.get(self.misfit.op, self.misfit.params.get("axis", 0))
        first = self.shapes[0]
        pairs = [
            (a, b) for other in self.shapes[1:] if len(other) == len(first)
            for i, (a, b) in enumerate(zip(first, other, strict=True))
            if self.misfit.op == "stack" or i != axis % max(len(first), 1)
        ]  # fmt: skip
        yield self._paired(pairs)
        for node, shape in zip(self.misfit.inputs[1:], self.shapes[1:], strict=True):
            if len(shape) != len(first):
                yield from self._ranked([node], len(first))

    def _reshaped(self) -> Iterator[Inputs | None]:
        target = self.misfit.params.get("shape", ())
        target = target if isinstance(target, tuple) else (target,)
        target = target[0] if len(target) == 1 and isinstance(target[0], tuple | list) else target
        own = self.shapes[0]
        sizes = [n for n in target if isinstance(n, int) and n > 0]
        unknown = [n for n in target if n == -1]
        if len(sizes) == len(own) and not unknown:
            yield self._paired(zip(own, sizes, strict=True))
        total = int(np.prod(own)) if own else 1
        for n in sizes:
            rest = int(np.prod([x for x in sizes if x != n])) or 1
            if (
                not unknown
                and total % rest == 0
                and total // rest > 0
                and self._axes(self.inputs, n)
            ):
                made = self.inputs.copy()
                made.pin(self._axes(made, n)[0], total // rest)
                yield made
        if sizes and own and sizes[0] != own[0]:
            yield self._paired([(own[0], sizes[0])])
        if sizes and own and sizes[-1] != own[-1]:
            yield self._paired([(own[-1], sizes[-1])])
        yield from self._ranked(self.misfit.inputs, len(target))

    # Indices

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
            yield from self._ranked(m.inputs[:1], count)
        if m.op == "setitem":
            slot = _slot(self.trace.value(m.inputs[0]), index)
            if slot == ():
                yield self._one_column(self.shapes[1])
            if slot is not None:
                yield from self._broadcast([slot, self.shapes[1]])
                yield from self._ranked(m.inputs[1:], len(slot))

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

    # Ranks

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


_QUESTIONS: dict[str, Callable[[_Lessons], Iterator[Inputs | None]]] = {
    "rank": _Lessons._rank_asked, "rows": _Lessons._all_rows, "assert": _Lessons._assertion,
    "gradient": _Lessons._like_gradient, "window": _Lessons._smaller_counts,
    "samples": _Lessons._alone, "count": _Lessons._counted, "in place": _Lessons._in_place,
}  # fmt: skip
"""What is asked of a walk beside its operations."""

_OPERATIONS: dict[str, Callable[[_Lessons], Iterator[Inputs | None]]] = {
    **dict.fromkeys(("getitem", "setitem"), _Lessons._indexed),
    **dict.fromkeys(("matmul", "dot", "bmm", "mv"), _Lessons._product), "inner": _Lessons._inner,
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), _Lessons._expanded),
    **dict.fromkeys(("concatenate", "stack", *_STACKED), _Lessons._joined_parts),
    "pad": _Lessons._padded, "transpose": _Lessons._transposed, "reshape": _Lessons._reshaped,
}  # fmt: skip


def _slot(base: Any, index: Any) -> tuple[int, ...] | None:
    try:
        return tuple(np.shape(np.asarray(base)[index]))
    except (IndexError, ValueError, TypeError):
        return None
