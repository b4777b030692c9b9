"""What a misfit teaches: axes that are the same, another rank, integers in the place of numbers.

Since all sizes differ until they are joined, the two sizes that do not fit name the axes that they are of.
Where several lessons would do, all are given, the likeliest first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from gradlint import ops
from gradlint.tracing import guesses
from gradlint.tracing.gates import needed
from gradlint.tracing.inputs import (
    EVEN_IMAGE,
    LAST_IMAGE,
    LAST_KERNEL,
    SMALL_LAST,
    Form,
    Inputs,
    Misfit,
    says_weight,
)  # fmt: skip
from gradlint.tracing.learning_indices import IndexLessons
from gradlint.tracing.learning_products import STACKED, ProductLessons

WIDE = 3
"""The size of each of the equal parts that an axis is cut into: no single entry, which would broadcast."""
_AXIS = re.compile(r"axis -?(\d+) is out of bounds for array of dimension (\d+)")


def alternatives(misfit: Misfit, inputs: Inputs) -> list[Inputs]:
    """What the inputs may be instead, the likeliest first; empty where nothing is learnt."""
    lesson = _Lessons(misfit, inputs)
    found = list(lesson.all())
    return [made for made in found if made is not None]


class _Lessons(IndexLessons, ProductLessons):
    def all(self) -> Iterator[Inputs | None]:
        """Every lesson; a question that is no operation of its own (`_QUESTIONS`) has its own answer."""
        answer = _QUESTIONS.get(self.misfit.op)
        yield from self._operation() if answer is None else answer(self)

    def _rank_asked(self) -> Iterator[Inputs | None]:
        yield from self._ranked(self.misfit.inputs, self.misfit.params["rank"])

    def _columns_asked(self) -> Iterator[Inputs | None]:
        for key in self.behind(self.misfit.inputs):
            made = self.inputs.copy()
            made.pin(f"{key}:1", self.misfit.params["size"])
            yield made

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

    def _divided(self) -> Iterator[Inputs | None]:
        """An axis that is cut into equal parts has so many entries for each of them."""
        count = self.misfit.params.get("chunks") or self.misfit.params.get("sections")
        axis = self.misfit.params.get("axis", 0)
        if (
            isinstance(count, int)
            and count > 1
            and -len(self.shapes[0]) <= axis < len(self.shapes[0])
        ):
            for found in self._axes(self.inputs, self.shapes[0][axis])[:2]:
                made = self.inputs.copy()
                made.pin(found, count * WIDE)
                yield made

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

    def _of_one_value(self) -> Iterator[Inputs | None]:
        """What is a loss and has several values was made from vectors in fact, or with a single label."""
        made = self.inputs
        for key in self.behind(self.misfit.inputs):
            if key in self.misfit.params["vectors"] and self.inputs.forms[key].rank == 2:
                made = made.change(key, rank=1)
        if made is not self.inputs:
            yield made
        one = self.inputs
        for key, form in self.inputs.forms.items():
            if form.kind == "array" and form.filling == "labels" and form.rank == 1:
                one = one.change(key, rank=0)
        if one is not self.inputs:
            yield one

    def _like_gradient(self) -> Iterator[Inputs | None]:
        yield self._shaped(self.misfit.inputs[0], self.misfit.params["shape"])

    def _shaped(self, node: int, shape: tuple[int, ...]) -> Inputs | None:
        """A vector in the shape of its gradient: a column or a row, along another axis than was thought."""
        key, own = self.trace.inputs[node], self.trace.nodes[node].shape
        made = self.inputs.change(key, rank=len(shape))
        for i, size in enumerate(shape):
            if len(own) == len(shape) and own[i] == size:
                continue
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

    def _window(self) -> Iterator[Inputs | None]:
        """Smaller windows; or images whose channels are the last axis, in kernels the last but one."""
        keys = [
            k for k, form in self.inputs.forms.items() if form.kind == "array" and form.rank == 4
        ]
        kernels = {key for key in keys if says_weight(key)}
        if kernels and len(kernels) < len(keys):  # no window is too large for images at first
            yield self._channels_last(keys)
        yield from self._smaller_counts()
        yield self._channels_last(keys)

    def _channels_last(self, keys: list[str]) -> Inputs:
        made = self.inputs.copy()
        image, kernel = SMALL_LAST if made.small else (LAST_IMAGE, LAST_KERNEL)
        for key in keys:
            for axis, size in (kernel if says_weight(key) else image).items():
                made.pin(f"{key}:{axis}", size)
        return made

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


_QUESTIONS: dict[str, Callable[[_Lessons], Iterator[Inputs | None]]] = {
    "rank": _Lessons._rank_asked, "rows": _Lessons._all_rows, "assert": _Lessons._assertion,
    "gradient": _Lessons._like_gradient, "window": _Lessons._window,
    "samples": _Lessons._alone, "count": _Lessons._counted, "in place": _Lessons._in_place,
    "loss": _Lessons._of_one_value, "places": _Lessons._places,
    "columns": _Lessons._columns_asked,
}  # fmt: skip
"""What is asked of a walk beside its operations."""

_OPERATIONS: dict[str, Callable[[_Lessons], Iterator[Inputs | None]]] = {
    **dict.fromkeys(("getitem", "setitem"), _Lessons._indexed),
    **dict.fromkeys(("matmul", "dot", "bmm", "mv"), _Lessons._product), "inner": _Lessons._inner,
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), _Lessons._expanded),
    **dict.fromkeys(("concatenate", "stack", *STACKED), _Lessons._joined_parts),
    "pad": _Lessons._padded, "transpose": _Lessons._transposed, "reshape": _Lessons._reshaped,
    **dict.fromkeys(("gather", "scatter", "scatter_add_along"), _Lessons._along),
    **dict.fromkeys(("cross_entropy", "nll_loss"), _Lessons._classified),
    "one_hot": _Lessons._encoded, "split": _Lessons._divided, "einsum": _Lessons._summed,
}  # fmt: skip
