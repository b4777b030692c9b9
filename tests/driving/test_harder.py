"""What is right at the simplest inputs is tried at those that its code provides for."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict
from tests.analysing import problems, report_of

NORMALISED = """
import numpy as np

class Standardise:
    def forward(self, x):
        self.axes = tuple(i for i in range(x.ndim) if i != 1)
        self.x = x
        self.mean = x.mean(axis=self.axes, keepdims=True)
        return (x - self.mean) ** 2

    def backward(self, dout):
        d = 2 * dout * (self.x - self.mean)
        return d - d.sum(axis=self.axes, keepdims=True) / {count}
"""

POOLED = """
import numpy as np

def pool_forward(x, window, strides=(2, 2)):
    n, h, w = x.shape
    out = np.zeros((n, (h - window[0]) // strides[0] + 1, (w - window[1]) // strides[1] + 1))
    for k in range(n):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                top, left = i * strides[0], j * strides[1]
                out[k, i, j] = np.max(x[k, top:top + window[0], left:left + window[1]])
    return out

def pool_backward(dout, x, window, strides=(2, 2)):
    dx = np.zeros_like(x)
    for k in range(dout.shape[0]):
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                top, left = i * strides[0], j * strides[1]
                at = np.argmax(x[k, top:top + window[0], left:left + window[1]])
                dx[k, top + at // {width}, left + at % {width}] += dout[k, i, j]
    return dx
"""

STRIDED = """
import numpy as np

def take_forward(x, stride=1, pad=0):
    padded = np.pad(x, ((0, 0), (pad, pad)), "constant")
    return padded[:, ::stride] ** 2, padded

def take_backward(dout, padded, x, stride=1, pad=0):
    dpadded = np.zeros_like(padded)
    dpadded[:, ::{step}] = 2 * dout * padded[:, ::stride]
    return dpadded[:, pad:pad + x.shape[1]]
"""


def test_a_mean_over_all_axes_is_divided_by_their_sizes() -> None:
    right = "np.prod([self.x.shape[i] for i in self.axes])"
    assert report_of(NORMALISED.format(count=right)).verdict is Verdict.CORRECT
    found = report_of(NORMALISED.format(count="self.x.shape[0]"))
    assert found.verdict in (Verdict.WRONG, Verdict.SUSPECT)
    assert problems(found)[0][1] == 12


@pytest.mark.parametrize(
    ("width", "verdict"), [("window[1]", Verdict.CORRECT), ("window[0]", Verdict.SUSPECT)]
)
def test_a_window_need_not_be_a_square(width: str, verdict: Verdict) -> None:
    assert report_of(POOLED.format(width=width)).verdict is verdict


def test_a_right_stride_and_padding_stay_silent() -> None:
    found = report_of(STRIDED.format(step="stride"))
    assert problems(found) == [] and found.verdict is Verdict.CORRECT


LEADING = """
import numpy as np

def norm_forward(x, g, b, eps=1e-5):
    mean, spread = x.mean(-1, keepdims=True), np.sqrt(x.var(-1, keepdims=True) + eps)
    n = (x - mean) / spread
    return n * g + b, (n, g, spread)

def norm_backward(dy, cache):
    n, g, spread = cache
    leading = tuple(range({leading}))
    dg, db = (dy * n).sum(leading), dy.sum(leading)
    dn = dy * g
    dx = (dn - dn.mean(-1, keepdims=True) - n * (dn * n).mean(-1, keepdims=True)) / spread
    return dx, dg, db
"""


def test_a_gain_of_the_last_axis_is_one_too_where_there_are_more_axes() -> None:
    """What its gradient said of its shape for a matrix holds for a batch of images."""
    right = report_of(LEADING.format(leading="dy.ndim - 1"))
    assert problems(right) == [] and right.verdict is Verdict.CORRECT
    wrong = report_of(LEADING.format(leading="min(dy.ndim - 1, 1)"))
    assert wrong.verdict is not Verdict.CORRECT
