"""Layer classes: where their parameters, caches and gradients are, and how they are set up."""

from __future__ import annotations

import pytest

from ..analysing import report_of
from .judging import NUMPY, assert_right, assert_silent, assert_wrong

DENSE = (
    NUMPY
    + """

class Dense:
    def __init__(self, n_in, n_out):
        {start}

    def forward(self, x):
        self.x = x
        return x @ {w} + {b}

    def backward(self, grad):
        {dw} = self.x.T @ grad
        {db} = grad.sum(axis=0)
        return grad @ {w}.T
"""
)


def dense(start: str, w: str, b: str, dw: str, db: str) -> str:
    start = start.replace("; ", "\n        ")
    return DENSE.format(start=start, w=w, b=b, dw=dw, db=db)


ON_SELF = dense(
    "self.W = np.random.randn(n_in, n_out); self.b = np.zeros(n_out)",
    "self.W", "self.b", "self.dW", "self.db",
)  # fmt: skip
IN_DICTIONARIES = dense(
    "self.params = {'W': np.random.randn(n_in, n_out), 'b': np.zeros(n_out)}; self.grads = {}",
    "self.params['W']", "self.params['b']", "self.grads['W']", "self.grads['b']",
)  # fmt: skip
IN_LISTS = dense(
    "self.params = [np.random.randn(n_in, n_out), np.zeros(n_out)]; self.grads = [None, None]",
    "self.params[0]", "self.params[1]", "self.grads[0]", "self.grads[1]",
)  # fmt: skip
OTHER_NAMES = dense(
    "self.weights = np.random.randn(n_in, n_out); self.bias = np.zeros((1, n_out))",
    "self.weights", "self.bias", "self.weights_gradient", "self.bias_gradient",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "of"),
    [
        (ON_SELF, "self.W"),
        (IN_DICTIONARIES, "self.params['W']"),
        (IN_LISTS, "self.params[0]"),
        (OTHER_NAMES, "self.weights"),
    ],
)
def test_gradients_are_found_where_a_layer_keeps_them(text: str, of: str) -> None:
    assert_right(text, "x", of)


@pytest.mark.parametrize("text", [ON_SELF, IN_DICTIONARIES, IN_LISTS])
def test_a_wrong_gradient_is_found_where_a_layer_keeps_it(text: str) -> None:
    slip = text.replace("grad.sum(axis=0)", "grad.sum(axis=1)")
    assert_wrong(slip, "grad.sum(axis=1)", "GL107")


def test_a_method_that_builds_the_parameters_is_called_before() -> None:
    text = (
        NUMPY
        + """
class Dense:
    def __init__(self, units):
        self.units = units
        self.w = None

    def build(self, n_in=3):
        self.w = np.random.randn(n_in, self.units)

    def forward(self, x):
        self.x = x
        return x @ self.w

    def backward(self, grad):
        self.dw = {dw}
        return grad @ self.w.T
"""
    )
    assert_right(text.format(dw="self.x.T @ grad"), "x", "self.w")
    assert_wrong(text.format(dw="-self.x.T @ grad"), "self.dw = -", "GL102")


ACTIVATION = (
    NUMPY
    + """

class Activation:
    def __init__(self, f, df):
        self.f, self.df = f, df

    def forward(self, x):
        self.x = x
        return self.f(x)

    def backward(self, grad):
        return grad * self.df(self.x)


class Tanh(Activation):
    def __init__(self):
        super().__init__(np.tanh, lambda x: {slope})
"""
)


def test_a_base_class_is_judged_with_what_its_subclass_gives_to_it() -> None:
    assert_right(ACTIVATION.format(slope="1 - np.tanh(x) ** 2"), "x")


def test_a_slip_in_what_a_subclass_gives_to_its_base_is_found() -> None:
    found = report_of(ACTIVATION.format(slope="1 + np.tanh(x) ** 2"))
    assert found.verdict.value in ("wrong", "suspect")


def test_a_base_class_that_only_raises_is_nothing_to_judge() -> None:
    text = """
class Layer:
    def forward(self, x):
        raise NotImplementedError

    def backward(self, grad):
        raise NotImplementedError
"""
    assert_silent(NUMPY + text)
    assert_right(ON_SELF + text, "self.W")


def test_a_mask_that_is_drawn_is_the_same_in_both_passes() -> None:
    text = (
        NUMPY
        + """
class Dropout:
    def __init__(self, rate=0.5):
        self.rate = rate

    def forward(self, x):
        self.mask = (np.random.rand(*x.shape) > self.rate) / (1 - self.rate)
        return x * self.mask

    def backward(self, grad):
        return grad * {mask}
"""
    )
    assert_right(text.format(mask="self.mask"), "x")
    slip = text.format(mask="(self.mask > 0)")
    assert report_of(slip).verdict.value in ("wrong", "suspect")


def test_a_kernel_and_its_windows_are_given_sizes_that_fit() -> None:
    text = (
        NUMPY
        + """
class Conv:
    def __init__(self, channels, filters, kernel_size):
        self.k = kernel_size
        self.W = np.random.randn(filters, channels, kernel_size, kernel_size)

    def forward(self, x):
        self.x = x
        n, c, h, w = x.shape
        out = np.zeros((n, self.W.shape[0], h - self.k + 1, w - self.k + 1))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                patch = x[:, :, i:i + self.k, j:j + self.k]
                out[:, :, i, j] = np.tensordot(patch, self.W, axes=([1, 2, 3], [1, 2, 3]))
        return out

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        dx = np.zeros_like(self.x)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                g = dout[:, :, i, j]
                patch = self.x[:, :, i:i + self.k, j:j + self.k]
                self.dW += np.tensordot(g, patch, axes=([0], [0]))
                dx[:, :, i:i + self.k, j:j + self.k] {add} np.tensordot(g, self.W, axes=([1], [0]))
        return dx
"""
    )
    assert_right(text.format(add="+="), "x", "self.W")
    assert_wrong(text.format(add="="), "dx[:, :, i:i", "GL108")
