"""What products, joined parts and new shapes that do not fit teach."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gradlint.tracing.inputs import Inputs, says_weight
from gradlint.tracing.learning_sizes import SizeLessons

STACKED = {"vstack": 0, "hstack": 1, "column_stack": 1}
"""Along which axis these join, which they are not told."""


class ProductLessons(SizeLessons):
    """Lessons of `a @ b`, `concatenate` and `reshape`."""

    def _product(self) -> Iterator[Inputs | None]:
        left, right = self.shapes[0], self.shapes[1]
        yield from self._batch()
        if left and right:
            inner = right[-2] if len(right) > 1 else right[0]
            yield from self._image(left[-1], inner)
            yield from self._contracted(left[-1], inner)
        if not left:
            yield from self._ranked(self.misfit.inputs[:1], 2)
        if not right:
            yield from self._ranked(self.misfit.inputs[1:], 2)

    def _batch(self) -> Iterator[Inputs | None]:
        """A matrix that is multiplied by a batch of matrices is a batch too, unless it holds weights."""
        nodes, shapes = self.misfit.inputs, self.shapes
        for node, own, other in zip(nodes, shapes, shapes[::-1], strict=True):
            if len(own) != 2 or len(other) < 3:
                continue
            for key in self.behind([node]):
                if self.inputs.forms[key].rank == 2 and not says_weight(key):
                    made = self.inputs.change(key, rank=len(other))
                    for axis, size in enumerate(other[:-2]):
                        for same in self._axes(self.inputs, size)[:1]:
                            made.join(f"{key}:{axis}", same)
                    yield made

    def _inner(self) -> Iterator[Inputs | None]:
        if all(self.shapes):
            yield from self._contracted(self.shapes[0][-1], self.shapes[1][-1])

    def _summed(self) -> Iterator[Inputs | None]:
        """`einsum("bij,bjk->bik", x, y)`: an axis for each letter, and one size for all axes of a letter."""
        terms = str(self.misfit.params["subscripts"]).replace(" ", "").partition("->")[0].split(",")
        if "." in "".join(terms) or len(terms) != len(self.shapes):
            return
        sizes: dict[str, int] = {}
        pairs = []
        for node, shape, term in zip(self.misfit.inputs, self.shapes, terms, strict=True):
            if len(shape) != len(term):
                yield from self._ranked([node], len(term))
                return
            pairs += [(sizes.setdefault(x, n), n) for x, n in zip(term, shape, strict=True)]
        yield self._paired(pairs)

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
        joins = (one for one in entries if one.op in ("concatenate", *STACKED))
        return {n for one in joins for i in one.inputs for n in self.trace.nodes[i].shape}

    def _joined_parts(self) -> Iterator[Inputs | None]:
        axis = STACKED.get(self.misfit.op, self.misfit.params.get("axis", 0))
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
        for kept in (sizes, [n for n in sizes if n != 1]):  # `a.reshape(N, T, 1)`
            if len(kept) == len(own) and not unknown:
                yield self._paired(zip(own, kept, strict=True))
        if len(sizes) == len(target) == 1:
            yield self._laid_flat(own, sizes[0])
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

    def _laid_flat(self, own: tuple[int, ...], wanted: int) -> Inputs | None:
        """`y.reshape(N * T)`: the axes of `y` are the first ones of what N and T were taken from."""
        for key, form in self.inputs.forms.items():
            shape = self.inputs.shape(key)[: len(own)] if form.kind == "array" else ()
            if len(own) > 1 and len(shape) == len(own) and math.prod(shape) == wanted:
                return self._paired(zip(own, shape, strict=True))
        return None
