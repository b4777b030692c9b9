"""Made inputs: values for what no statement gives, of a kind that is learnt from how they are used.

A function that nothing calls, an attribute that nothing sets and a file that is not there have no
values. Each such input has a key (how it is written: `x`, `self.X`, `cache[0]`) and a `Form`. Until its
form is known it is an `Unknown`; the first use that needs to know raises a `Lesson`, and the walk starts
again. The sizes of all axes differ until an operation does not fit, which makes two of them the same.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any

import numpy as np

from gradlint.model import Span
from gradlint.reading import syntax as s

KINDS = (
    "array",
    "number",
    "count",
    "flag",
    "text",
    "mapping",
    "object",
    "list",
    "function",
    "layer",
    "none",
)


@dataclass(frozen=True, slots=True)
class Form:
    """What an input is: one of `KINDS`.

    An array has a `rank` and a `filling` (see `FILLINGS`); labels are integers below the size `below`.
    `value` is that of a number, flag or text; `length` that of a list.
    """

    kind: str
    rank: int = 0
    filling: str = "normal"
    below: int = 2
    value: Any = None
    length: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """An input of which nothing is known yet."""

    key: str


class Lesson(Exception):
    """A use of an input says what it is; the walk starts again, knowing it."""

    def __init__(self, key: str, form: Form, spent: int = 0) -> None:
        super().__init__(f"{key} is of kind {form.kind}")
        self.spent = spent
        self.key = key
        self.form = form


class Misfit(Exception):
    """An operation does not fit at the sizes and ranks chosen so far."""

    def __init__(
        self, op: str, inputs: tuple[int, ...], params: dict[str, Any], reason: str, trace: Any,
        span: Span | None = None,
    ) -> None:  # fmt: skip
        super().__init__(reason)
        self.span = span
        self.op = op
        self.inputs = inputs
        self.params = params
        self.reason = reason
        self.trace = trace


SIZES = (4, 3, 5, 6, 7, 8, 9, 10, 11, 13)
"""Sizes of axes, pairwise different and small; two of them differ by more than rounding."""
APART = 3
"""So far apart are larger sizes: less a label, or with an entry for a bias, one is never another."""
IMAGE = ((2, 4, 5), (3, 5, 4), (7, 9), (8, 10))
"""Sizes of batch, channels, height and width of an image, larger than any kernel."""
KERNEL = ((4, 9, 5), (9, 10), (5, 6), (6, 5))
"""Sizes of a kernel: filters, channels, height and width; with them a window takes few steps."""
SMALL_IMAGE, SMALL_KERNEL = (2, 3, 4, 5), (4, 3, 2, 3)
"""Sizes for loops that take too long at the others; some of them are the same."""
EVEN_IMAGE = (8, 10)
"""Height and width of an image for code that accepts no remainder of a stride of two."""
LAST_IMAGE, LAST_KERNEL = {1: 7, 2: 5, 3: 3}, {0: 6, 1: 4, 2: 3, 3: 8}
"""Sizes of the axes of an image and a kernel whose channels, and filters, are the last axes."""
SMALL_LAST = ({1: 4, 2: 3, 3: 2}, {0: 2, 1: 2, 2: 2, 3: 3})
"""The same for loops that take too long at these."""
LARGEST = 600
"""An axis is never made larger: the sum of some small ones, or their product where an image is flattened."""


@dataclass(slots=True)
class Inputs:
    """What is known of all inputs: a form for each key, and which axes have the same size.

    An axis is named `key:number`, a count by its key. `same` joins axes (a union-find forest), `pinned`
    gives sizes that an operation asked for. `library` is that of all arrays. Fresh sizes are not below
    `least`; `asked` says that a walk asked for an input at all. `written` are the sizes that the text names.
    """

    forms: dict[str, Form] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)
    pinned: dict[str, int] = field(default_factory=dict)
    axes: dict[str, int] = field(default_factory=dict)
    sites: dict[str, s.Name] = field(default_factory=dict)
    library: str = "numpy"
    lenient: bool = False
    small: bool = False
    least: int = 0
    asked: bool = False
    written: tuple[int, ...] = ()

    def copy(self) -> Inputs:
        """Inputs that may be changed without the original; sites stay the same nodes."""
        return Inputs(
            dict(self.forms),
            dict(self.same),
            dict(self.pinned),
            dict(self.axes),
            self.sites,
            self.library,
            self.lenient,
            self.small,
            self.least,
            self.asked,
            self.written,
        )

    def calm(self) -> Inputs:
        """The same with smaller numbers in the arrays, at which a deep network does not saturate."""
        made = self.copy()
        for key, form in self.forms.items():
            if form.kind == "array" and form.filling == "normal":
                made.forms[key] = replace(form, filling="small")
        return made

    def site(self, key: str) -> s.Name:
        """The node of the syntax tree that stands for an input."""
        return self.sites.setdefault(key, s.Name(key))

    def root(self, axis: str) -> str:
        """The axis that stands for all those of the same size."""
        while axis in self.same:
            axis = self.same[axis]
        return axis

    def size(self, axis: str) -> int:
        """The size of an axis: pinned, that of a joined axis, or one of its own."""
        top = self.root(axis)
        if top in self.pinned:
            return self.pinned[top]
        if top not in self.axes:
            self.axes[top] = self._fresh(top)
        return self.axes[top]

    def _fresh(self, axis: str) -> int:
        used = {*self.axes.values(), *self.pinned.values()}
        special = self._spatial(axis)
        if special and self.small:
            return special[0]
        others = special[:1] if axis.endswith((":2", ":3")) else ()
        free = (
            n
            for n in chain(special, () if others else SIZES, () if others else count(14, APART))
            if n not in used and n >= self.least
        )
        return next(chain(free, others))

    def _spatial(self, axis: str) -> tuple[int, ...]:
        """The sizes that suit an axis of an image or of a kernel."""
        key, _, number = axis.partition(":")
        form = self.forms.get(key)
        if form is None or form.rank != 4 or not number:
            return ()
        if self.small:
            return ((SMALL_KERNEL if says_weight(key) else SMALL_IMAGE)[int(number)],)
        return (KERNEL if says_weight(key) else IMAGE)[int(number)]

    def smaller(self) -> Inputs | None:
        """The same with the smallest images, where there are images that are not small yet."""
        if self.small or all(form.rank != 4 for form in self.forms.values()):
            return None
        made = self.copy()
        made.small, made.axes, made.pinned = True, {}, {}
        return made

    def shape(self, key: str) -> tuple[int, ...]:
        """The shape of an array."""
        return tuple(self.size(f"{key}:{i}") for i in range(self.forms[key].rank))

    def join(self, first: str, second: str) -> bool:
        """Give two axes the same size; False where they have it already."""
        a, b = self.root(first), self.root(second)
        if a == b or self.size(a) == self.size(b):
            return False
        if a in self.pinned:
            a, b = b, a
        self.same[a] = b
        return True

    def pin(self, axis: str, size: int) -> None:
        """Give an axis, and all that are joined to it, a size that is still small."""
        if size <= LARGEST:
            self.pinned[self.root(axis)] = size

    def axes_of_size(self, size: int) -> list[str]:
        """The axes and counts of one size."""
        return [axis for axis in self.named() if self.size(axis) == size]

    def named(self) -> list[str]:
        """All axes of arrays, and all counts."""
        found = []
        for key, form in self.forms.items():
            if form.kind == "array":
                found += [f"{key}:{i}" for i in range(form.rank)]
            elif form.kind == "count" and form.value is None:
                found.append(key)
        return found

    def change(self, key: str, **fields: Any) -> Inputs:
        """Inputs in which the form of `key` has other fields; its axes start afresh on a new rank."""
        made = self.copy()
        made.forms[key] = replace(self.forms[key], **fields)
        if "rank" in fields:
            for axis in [
                a for a in (*made.same, *made.pinned, *made.axes) if a.startswith(f"{key}:")
            ]:
                if axis not in made.same.values():
                    made.same.pop(axis, None)
                    made.pinned.pop(axis, None)
                    made.axes.pop(axis, None)
        return made


def drawn(key: str, form: Form, shape: tuple[int, ...], seed: int) -> np.ndarray[Any, Any]:
    """Random values of an array input: the same for a key at a seed, whatever was drawn before."""
    rng = np.random.default_rng([seed, zlib.crc32(key.encode())])
    return np.asarray(_FILLINGS[form.filling](rng, shape, form.below))


def _onehot(rng: np.random.Generator, shape: tuple[int, ...], axis: int) -> np.ndarray[Any, Any]:
    made = np.zeros(shape)
    if not shape or len(shape) < -axis:
        return made + 1.0
    if shape[axis] == 1:  # a single class is yes or no
        return rng.permutation(np.arange(made.size) % 2.0).reshape(shape)
    picks = rng.integers(
        0, shape[axis], size=[n for i, n in enumerate(shape) if i != len(shape) + axis]
    )
    np.put_along_axis(made, np.expand_dims(picks, axis), 1.0, axis=axis)
    return made


def _places(rng: np.random.Generator, shape: tuple[int, ...], below: int) -> np.ndarray[Any, Any]:
    """Whole numbers below `below`, none twice where there are enough of them."""
    count = int(np.prod(shape))
    return rng.permutation(max(below, count))[:count].reshape(shape)


def _shares(rng: np.random.Generator, shape: tuple[int, ...], axis: int) -> np.ndarray[Any, Any]:
    made = rng.uniform(0.2, 1.0, shape)
    return np.asarray(made / made.sum(axis=axis if len(shape) >= -axis else None, keepdims=True))


def _single(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    made = np.zeros(shape)
    made.flat[rng.integers(0, max(made.size, 1))] = rng.normal(0.0, 0.8)
    return made


_FILLINGS: dict[str, Any] = {
    "normal": lambda rng, shape, below: rng.normal(0.0, 0.8, shape),
    "small": lambda rng, shape, below: rng.normal(0.0, 0.2, shape),
    "tiny": lambda rng, shape, below: rng.normal(0.0, 1e-3, shape),
    "positive": lambda rng, shape, below: rng.uniform(0.5, 1.8, shape),
    "signed": lambda rng, shape, below: (
        rng.uniform(0.4, 1.6, shape) * rng.choice([-1.0, 1.0], shape)
    ),
    "unit": lambda rng, shape, below: rng.uniform(0.1, 0.9, shape),
    "binary": lambda rng, shape, below: rng.integers(0, 2, shape).astype(float),
    "signs": lambda rng, shape, below: rng.integers(0, 2, shape) * 2.0 - 1.0,
    "labels": lambda rng, shape, below: rng.integers(0, max(below, 1), shape),
    "places": lambda rng, shape, below: _places(rng, shape, below),
    "one-hot rows": lambda rng, shape, below: _onehot(rng, shape, -1),
    "one-hot columns": lambda rng, shape, below: _onehot(rng, shape, -2),
    "one entry": lambda rng, shape, below: _single(rng, shape),
    "share rows": lambda rng, shape, below: _shares(rng, shape, -1),
    "share columns": lambda rng, shape, below: _shares(rng, shape, -2),
}
FILLINGS = tuple(_FILLINGS)


def says_weight(key: str) -> bool:
    """Whether an input is named like a kernel or a matrix of weights."""
    names = re.findall(r"[^\W\d]\w*", key)
    name = names[-1].lower().strip("_") if names else ""
    return name[:1] in ("w", "k", "f") and not name.startswith(("width", "fea", "fl"))
