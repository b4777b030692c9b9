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


CHOICE = """
import numpy as np

class Activation:
    def __init__(self, kind{default}):
        self.kind = kind

    def forward(self, z):
        self.z = z
        if self.kind == "relu":
            return np.maximum(z, 0)
        elif self.kind == "tanh":
            return np.tanh(z)
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    def backward(self, dout):
        if self.kind == "relu":
            return dout * (self.z > 0)
        elif self.kind == "tanh":
            return dout * {slope}
        elif self.kind == "softmax":
            return dout
"""


@pytest.mark.parametrize("default", ["", "='relu'"])
def test_a_layer_is_tried_as_each_kind_for_which_it_computes_a_slope(default: str) -> None:
    right = report_of(CHOICE.format(default=default, slope="(1 - np.tanh(self.z) ** 2)"))
    assert (problems(right), right.verdict) == ([], Verdict.CORRECT)
    wrong = report_of(CHOICE.format(default=default, slope="(1 - np.tanh(self.z))"))
    assert [line for _, line in problems(wrong)] == [19]


BATCHED = """
import numpy as np

class Linear:
    def __init__(self, n_in, n_out):
        self.w = np.random.randn(n_in, n_out)

    def forward(self, x):
        self.cache = {{'x': x}}
        return np.dot(x, self.w)

    def backward(self, dout):
        x = self.cache['x']
        if self.cache['x'].ndim == 3:
            self.dw = x.reshape(-1, x.shape[-1]).T @ dout.reshape(-1, {width})
        else:
            self.dw = x.T @ dout
        return dout @ self.w.T
"""


def test_a_layer_is_tried_with_as_many_axes_as_it_asks_for() -> None:
    assert report_of(BATCHED.format(width="dout.shape[-1]")).verdict is Verdict.CORRECT
    slipped = BATCHED.replace("dout.reshape(-1, {width})", "dout.sum(axis=0)")
    twice = BATCHED.replace("self.dw = x.reshape", "self.dw = 2 * x.reshape")
    assert report_of(twice.format(width="dout.shape[-1]")).verdict is not Verdict.CORRECT
    assert report_of(slipped.format()).verdict is not Verdict.WRONG  # the shapes do not fit
