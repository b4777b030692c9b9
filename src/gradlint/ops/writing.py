"""Writing a cotangent in the user's dialect: the `Writer` that the column `write` is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradlint.ops.dialect import Dialect
from gradlint.ops.op import Op
from gradlint.ops.shapes import Shape, axes_of, broadcast_axes, broadcast_shapes
from gradlint.ops.text import (
    ATOM,
    PRODUCT,
    UNARY,
    Text,
    Unwritable,
    as_text,
    compare,
)

__all__ = ["ATOM", "Text", "Unwritable", "Writer", "as_text", "write_primal", "write_vjp"]

FUNCTIONS = frozenset(
    [
        "exp",
        "log",
        "sqrt",
        "sin",
        "cos",
        "sinh",
        "cosh",
        "tanh",
        "sign",
        "abs",
        "sum",
        "where",
        "zeros_like",
    ]
)


def no_name(_size: int) -> str | None:
    """The naming of sizes where the caller knows none."""
    return None


@dataclass(frozen=True)
class Writer:
    """Writes expressions in `dialect`.

    `out_shape` and `in_shapes` are those of the op being written. `size_name` gives the script's
    own expression for a size (`N`, `x.shape[0]`), or None. `w.exp(x)` and the other FUNCTIONS are
    calls of the dialect's module.
    """

    dialect: Dialect = field(default_factory=Dialect)
    out_shape: Shape | None = None
    in_shapes: tuple[Shape, ...] = ()
    size_name: Callable[[int], str | None] = no_name

    def with_shapes(self, out_shape: Shape, in_shapes: Sequence[Shape]) -> Writer:
        """A writer for an op with these shapes."""
        return replace(self, out_shape=tuple(out_shape), in_shapes=tuple(map(tuple, in_shapes)))

    def shape_in(self, argnum: int) -> Shape:
        """The shape of input `argnum`."""
        return self.in_shapes[argnum]

    @property
    def shape_out(self) -> Shape:
        """The shape of the op's value."""
        return self.out_shape or ()

    def __getattr__(self, name: str) -> Callable[..., Text]:
        if name not in FUNCTIONS:
            raise AttributeError(name)
        return lambda *args: self.call(name, *args)

    def call(self, name: str, *args: Any, **options: Any) -> Text:
        """A call of the module's function `name`; its shape is that of its arguments together."""
        texts = [as_text(arg) for arg in args]
        words = [t.text for t in texts] + [f"{k}={v!r}" for k, v in options.items()]
        shape = broadcast_shapes(t.shape for t in texts)
        return Text(f"{self.dialect.module}{name}({', '.join(words)})", ATOM, shape)

    def method(self, x: Text, call: str, shape: Shape | None = None) -> Text:
        """`x.call`, where `call` is written out with its arguments."""
        return Text(f"{x.at_least(ATOM)}.{call}", ATOM, shape)

    def equal(self, x: Text, y: Any) -> Text:
        """The comparison `x == y`."""
        return compare(x, "==", y)

    def size(self, n: int) -> Text:
        """The size `n`, by the script's name for it where it has one."""
        name = self.size_name(n)
        return as_text(n) if name is None else Text(name, ATOM, ())

    def count(self, x: Text, axis: Any, argnum: int = 0) -> Text:
        """How many entries of `x`, input `argnum`, are taken together over `axis`."""
        shape = self.shape_in(argnum)
        whole = int(np.prod(shape, dtype=int))
        axes = [a for a in axes_of(axis, len(shape)) if shape[a] != 1]
        if len(axes) > 1 and len(axes) == sum(n != 1 for n in shape) and x.precedence == ATOM:
            name = self.size_name(whole) or self._all_of(x)
            return Text(name, ATOM, ())
        sizes = [self._size_at(x, a, shape[a]) for a in axes]
        product = as_text(1)
        for size in sizes:
            product = product * size
        return product

    def _all_of(self, x: Text) -> str:
        return f"{x.text}.numel()" if self.dialect.library == "torch" else f"{x.text}.size"

    def _size_at(self, x: Text, axis: int, n: int) -> Text:
        name = self.size_name(n)
        if name is not None:
            return Text(name, ATOM, ())
        if x.precedence == ATOM:
            return Text(f"{x.text}.shape[{axis}]", ATOM, ())
        return as_text(n)

    def matmul(self, x: Text, y: Text, shape: Shape | None = None) -> Text:
        """The matrix product in the dialect's style; `@` where that style needs two matrices."""
        template = self.dialect.product
        ranks = {None if t.shape is None else len(t.shape) for t in (x, y)}
        if not ranks <= ({None, 2} if ".mm" in template or "mm(" in template else {None, 1, 2}):
            template = "{a} @ {b}"
        if template == "{a} @ {b}":
            left = x.text if x.precedence == PRODUCT else x.at_least(UNARY)
            return Text(f"{left} @ {y.at_least(UNARY)}", PRODUCT, shape)
        x = Text(x.at_least(ATOM)) if template.startswith("{a}") else x
        return Text(self._fill(template, a=x.text, b=y.text), ATOM, shape)

    def transpose(self, x: Text) -> Text:
        """The transposed matrix; the last two axes swapped where there are more."""
        shape = x.shape
        if shape is not None and len(shape) > 2:
            swapped = (*shape[:-2], shape[-1], shape[-2])
            swap = "transpose(-1, -2)" if self.dialect.library == "torch" else "swapaxes(-1, -2)"
            return self.method(x, swap, swapped)
        template = self.dialect.transpose
        a = x.at_least(ATOM) if template.startswith("{a}") else x.text
        return Text(self._fill(template, a=a), ATOM, None if shape is None else shape[::-1])

    def total(self, x: Text, axis: Any = None, keepdims: bool = False) -> Text:
        """The sum over `axis`, in the dialect's style."""
        options = [] if axis is None else [f"{self.dialect.axis}={axis!r}"]
        options += [f"{self.dialect.keepdims}=True"] if keepdims else []
        template = self.dialect.total
        joined = ", ".join(options)
        if not template.startswith("{a}"):
            return Text(self._fill(template, a=x.text, options=f", {joined}" if options else ""))
        return Text(self._fill(template, a=x.at_least(ATOM), options=joined))

    def _fill(self, template: str, **parts: str) -> str:
        return template.format(module=self.dialect.module, **parts)

    def filled(self, g: Text, like: Text, shape: Shape) -> Text:
        """`g`, made to have the whole `shape`, that of `like`, where it only broadcasts to it."""
        if g.shape is None or g.shape == shape:
            return g
        return (g * self.call("ones_like", like)).with_shape(shape)

    def unbroadcast(self, g: Text, out: Text, argnum: int) -> Text:
        """`g`, a cotangent of shape `out`, summed to the shape of input `argnum`."""
        shape = self.shape_in(argnum)
        if shape == self.shape_out:
            return g
        g = self.filled(g, out, self.shape_out)
        lead, kept = broadcast_axes(self.shape_out, shape)
        if shape == () and lead:
            return self.total(g).with_shape(shape)
        g = self.total(g, _one(lead)) if lead else g
        return (self.total(g, _one(kept), keepdims=True) if kept else g).with_shape(shape)

    def unreduce(self, g: Text, axis: Any, keepdims: bool, argnum: int = 0) -> Text:
        """`g`, the cotangent of a reduction, so that it broadcasts against input `argnum`."""
        ndim = len(self.shape_in(argnum))
        reduced = axes_of(axis, ndim)
        first = next((a for a in range(ndim) if a not in reduced), ndim)
        if keepdims or g.shape == () or not any(a > first for a in reduced):
            return g
        index = ", ".join("None" if a in reduced else ":" for a in range(first, ndim))
        shape = tuple(1 if a in reduced else self.shape_in(argnum)[a] for a in range(first, ndim))
        return Text(f"{g.at_least(ATOM)}[{index}]", ATOM, shape)


def _one(axes: Shape) -> int | Shape:
    return axes[0] if len(axes) == 1 else axes


def write_vjp(
    w: Writer,
    op: Op,
    argnum: int,
    g: Text,
    out: Text,
    inputs: Sequence[Any],
    params: Mapping[str, Any],
    out_shape: Shape,
    in_shapes: Sequence[Shape],
) -> Text | None:
    """The cotangent of input `argnum` as text, None where the entry has no short expression for it.

    The shape of the result may be narrower than that of the input; `w.filled` widens it.
    """
    function = op.write_of(argnum)
    if function is None:
        return None
    shaped = [_shaped(x, shape) for x, shape in zip(inputs, in_shapes, strict=True)]
    writer = w.with_shapes(out_shape, in_shapes)
    try:
        return function(writer, g, _shaped(out, out_shape), *shaped, **params)
    except Unwritable:
        return None


def write_primal(
    w: Writer, op: Op, inputs: Sequence[Any], params: Mapping[str, Any]
) -> Text | None:
    """The op itself as text, None where it cannot be written in the dialect."""
    if op.primal is None:
        return None
    try:
        return op.primal(w, *map(as_text, inputs), **params)
    except Unwritable:
        return None


def _shaped(x: Any, shape: Shape) -> Text:
    text = as_text(x)
    return text.with_shape(tuple(shape)) if text.shape is None else text
