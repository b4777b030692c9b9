"""Permutations of axes. All linear: each VJP is the inverse permutation."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import sample
from gradlint.ops.registry import define
from gradlint.ops.shapes import Shape, dims, inverse
from gradlint.ops.text import Text
from gradlint.ops.writing import Writer


def _order(x: Any, axes: Any) -> Shape:
    """The permutation that `axes` asks for; None or nothing reverses all axes."""
    order = () if axes is None or axes == (None,) else dims(axes)
    return order or tuple(range(np.ndim(x)))[::-1]


def _transposed_text(w: Writer, g: Text, out: Text, x: Text, axes: Any = None) -> Text:
    ndim = len(w.shape_in(0))
    if ndim < 2:
        return g
    if axes is None and ndim == 2:
        return w.transpose(w.filled(g, out, w.shape_out))
    order = ", ".join(map(str, inverse(dims(axes) if axes else range(ndim)[::-1])))
    name = "permute" if w.dialect.library == "torch" else "transpose"
    return w.method(w.filled(g, out, w.shape_out), f"{name}({order})", w.shape_in(0))


def _transpose_text(w: Writer, x: Text, axes: Any = None) -> Text:
    if axes is None and (x.shape is None or len(x.shape) < 3):
        return w.transpose(x)
    order = dims(axes) if axes else tuple(range(len(x.shape or ())))[::-1]
    name = "permute" if w.dialect.library == "torch" else "transpose"
    return w.method(x, f"{name}({', '.join(map(str, order))})")


define(
    "transpose",
    lambda x, axes=None: np.transpose(x, _order(x, axes)),
    lambda g, out, x, axes=None: np.transpose(g, inverse(_order(x, axes))),
    torch=lambda T, x, axes=None: T.permute(x, _order(x, axes)),
    spellings=(
        "np.transpose(a, axes=None)",
        "np.permute_dims(a, axes=None)",
        "ndarray.transpose(a, *$axes)",
        "ndarray.T",
        "Tensor.T",
        "torch.permute(input, $dims:axes)",
        "Tensor.permute(x, *$dims:axes)",
        "torch.t(input)",
        "Tensor.t(x)",
    ),
    write=(_transposed_text,),
    primal=_transpose_text,
    linear=True,
    view=True,
    samples=(
        sample((3, 4)),
        sample((3,)),
        sample((2, 3, 4)),
        sample((2, 3, 4), axes=(1, 2, 0)),
        sample((2, 3, 4), axes=((0, -1, 1),)),
    ),
)
define(
    "swapaxes",
    lambda x, first=-1, second=-2: np.swapaxes(x, first, second),
    lambda g, out, x, first=-1, second=-2: np.swapaxes(g, first, second),
    torch=lambda T, x, first=-1, second=-2: T.swapaxes(x, first, second),
    spellings=(
        "np.swapaxes(a, $axis1:first, $axis2:second)",
        "ndarray.swapaxes(a, $axis1:first, $axis2:second)",
        "ndarray.mT",
        "Tensor.mT",
        "np.matrix_transpose(x)",
        *(
            f"{head}.{name}(input, $dim0:first, $dim1:second)"
            for head in ("torch", "Tensor")
            for name in ("transpose", "swapaxes", "swapdims")
        ),
    ),
    write=(
        lambda w, g, out, x, first=-1, second=-2: (
            w.transpose(w.filled(g, out, w.shape_out))
            if len(w.shape_in(0)) == 2
            else w.method(
                w.filled(g, out, w.shape_out),
                f"{'transpose' if w.dialect.library == 'torch' else 'swapaxes'}({first}, {second})",
                w.shape_in(0),
            )
        ),
    ),
    primal=lambda w, x, first=-1, second=-2: w.method(x, f"swapaxes({first}, {second})"),
    linear=True,
    view=True,
    samples=(sample((3, 4)), sample((2, 3, 4), first=0, second=2)),
)
define(
    "moveaxis",
    lambda x, source, target: np.moveaxis(x, source, target),
    lambda g, out, x, source, target: np.moveaxis(g, target, source),
    torch=lambda T, x, source, target: T.movedim(x, source, target),
    spellings=(
        "np.moveaxis(a, $source, $destination:target)",
        "torch.movedim(input, $source, $destination:target)",
        "Tensor.movedim(x, $source, $destination:target)",
    ),
    linear=True,
    view=True,
    samples=(sample((2, 3, 4), source=0, target=2),),
)
