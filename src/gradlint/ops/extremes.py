"""The larger and the smaller of two values, and clipping.

Where two values tie, `maximum` and `minimum` pass nothing on, as the `h > 0` of a ReLU written by
hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlint.ops.op import Array, OpError, Sample, sample
from gradlint.ops.registry import elementwise, literal
from gradlint.ops.text import Text
from gradlint.ops.writing import Writer


def _larger(T: Any, x: Any, y: Any) -> Any:
    x, y = T.broadcast_tensors(T.as_tensor(x), T.as_tensor(y))
    return T.where(x > y, x, T.where(y > x, y, y.detach()))


elementwise(
    "maximum",
    lambda x, y: np.maximum(x, y),
    lambda m, g, out, x, y: g * (x > y),
    lambda m, g, out, x, y: g * (y > x),
    torch=_larger,
    spellings=(
        "np.maximum(x1, x2)",
        "np.fmax(x1, x2)",
        "torch.maximum(input, other)",
        "torch.fmax(input, other)",
        "Tensor.maximum(x, other)",
    ),
    samples=(sample((3, 4), (3, 4)), sample((3, 4), (4,)), sample((3, 4), 0), sample(0.0, (3, 4))),
)
elementwise(
    "minimum",
    lambda x, y: np.minimum(x, y),
    lambda m, g, out, x, y: g * (x < y),
    lambda m, g, out, x, y: g * (y < x),
    torch=lambda T, x, y: -_larger(T, -T.as_tensor(x), -T.as_tensor(y)),
    spellings=(
        "np.minimum(x1, x2)",
        "np.fmin(x1, x2)",
        "torch.minimum(input, other)",
        "torch.fmin(input, other)",
        "Tensor.minimum(x, other)",
    ),
    samples=(sample((3, 4), (3, 4)), sample((3, 4), (4,)), sample((3, 4), 0)),
)


def _inside(x: Any, low: Any, high: Any) -> Any:
    above = np.ones(np.shape(x), bool) if low is None else x >= low
    return above if high is None else above & (x <= high)


def _write_clip(w: Writer, g: Text, out: Text, x: Text, low: Any = None, high: Any = None) -> Text:
    g = g if low is None else g * (x > low)
    return g if high is None else g * (x < high)


def _clip_text(w: Writer, x: Text, low: Any = None, high: Any = None) -> Text:
    if w.dialect.library == "numpy":
        return Text(f"{w.dialect.module}clip({x.text}, {literal(low)}, {literal(high)})")
    ends = {"min": low, "max": high}
    words = [f"{name}={literal(end)}" for name, end in ends.items() if end is not None]
    return w.method(x, f"clamp({', '.join(words)})")


def _clip(x: Any, low: Any = None, high: Any = None) -> Array:
    if low is None and high is None:
        raise OpError("clip() needs a bound")
    above = x if low is None else np.maximum(x, low)
    return np.asarray(above if high is None else np.minimum(above, high))


elementwise(
    "clip",
    _clip,
    lambda m, g, out, x, low=None, high=None: g * _inside(x, low, high),
    torch=lambda T, x, low=None, high=None: T.clamp(x, low, high),
    spellings=(
        "np.clip(a, a_min:low=None, a_max:high=None, out=None, min:low=None, max:high=None)",
        "ndarray.clip(a, min:low=None, max:high=None)",
        *(
            f"{name}(input, min:low=None, max:high=None)"
            for name in ("torch.clamp", "torch.clip", "Tensor.clamp", "Tensor.clip")
        ),
        *(f"{name}.clamp_min(input, $min:low)" for name in ("torch", "Tensor")),
        *(f"{name}.clamp_max(input, $max:high)" for name in ("torch", "Tensor")),
    ),
    write=(_write_clip,),
    primal=_clip_text,
    samples=(
        Sample(((3, 4),), {"low": 0}),
        Sample(((3, 4),), {"low": -1.0, "high": 0.5}),
        Sample(((3, 4),), {"high": 0.5}),
    ),
)
