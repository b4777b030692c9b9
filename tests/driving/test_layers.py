"""Layer classes: where their parameters, caches and gradients are, and how they are set up."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of
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


STEPS_INSIDE = (
    NUMPY
    + """

class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.1
        self.b = np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d_out, lr):
        d_x = d_out @ self.W.T
        d_W = self.x.T @ d_out
        self.W -= lr * d_W
        self.b -= lr * d_out.sum(axis=0, keepdims=True)
        return d_x
"""
)


def test_the_steps_that_a_layer_makes_in_its_backward_pass_are_judged() -> None:
    assert_right(STEPS_INSIDE, "x", "self.W", "self.b")


def test_a_layer_that_only_steps_and_returns_nothing_is_judged() -> None:
    text = STEPS_INSIDE.replace("        d_x = d_out @ self.W.T\n", "").replace(
        "return d_x", "return None"
    )
    assert_right(text, "self.W", "self.b")


def test_a_layer_that_climbs_is_told() -> None:
    assert_wrong(STEPS_INSIDE.replace("self.W -= lr", "self.W += lr"), "self.W += lr", "GL301")


def test_a_weight_that_moves_before_it_carries_the_gradient_back_is_told() -> None:
    text = STEPS_INSIDE.replace("        d_x = d_out @ self.W.T\n", "")
    text = text.replace("return d_x", "return d_out @ self.W.T")
    assert_wrong(text, "self.W -= lr * d_W", "GL302")


def test_an_upstream_gradient_that_is_clipped_in_place_is_held_as_it_came() -> None:
    assert_right(
        STEPS_INSIDE.replace("return d_x", "np.clip(d_out, -0.1, 0.1, out=d_out); return d_x")
    )


GATE = (
    NUMPY
    + """

class MatMul:
    def forward(self, W, X):
        return np.dot(X, W)

    def backward(self, W, X, dZ):
        dW = np.dot(X.T, dZ)
        dX = np.dot(dZ, W.T)
        return dW, dX
"""
)


def test_a_layer_that_keeps_nothing_is_handed_its_inputs_again() -> None:
    assert_right(GATE, "W", "X")
    assert_wrong(GATE.replace("dZ, W.T", "dZ, W"), "dX = np.dot", "GL110")


ONE_ENTRY = (
    NUMPY
    + """

class Softmax:
    def forward(self, x):
        self.shape = x.shape
        self.z = z = x.flatten()
        return np.exp(z) / np.sum(np.exp(z))

    def backward(self, d_out):
        for i, gradient in enumerate(d_out):
            if gradient == 0:
                continue
            e = np.exp(self.z)
            total = np.sum(e)
            slope = -e[i] * e / total**2
            slope[i] = e[i] * (total - e[i]) / total**2
            return (gradient * slope).reshape(self.shape)
"""
)


def test_a_backward_pass_for_a_gradient_with_one_entry_gets_one_with_one_entry() -> None:
    assert_right(ONE_ENTRY, "x")
    stepping = ONE_ENTRY.replace("d_out):", "d_out, lr):", 1).replace(
        "x.flatten()", "x.flatten() + self.b"
    )
    stepping = stepping.replace("    def forward", "    b = np.zeros(12)\n\n    def forward")
    assert_right(
        stepping.replace(
            "            return", "            self.b -= lr * gradient * slope\n            return"
        )
    )
    found = report_of(ONE_ENTRY.replace("(total - e[i])", "(total + e[i])"))
    assert found.verdict.value in ("wrong", "suspect")


STEPS_OF_TIME = (
    NUMPY
    + """

class RNN:
    def __init__(self, input_size, output_size, hidden_size=64):
        self.Whh = np.random.randn(hidden_size, hidden_size) / 100
        self.Wxh = np.random.randn(hidden_size, input_size) / 100
        self.Why = np.random.randn(output_size, hidden_size) / 100
        self.bh = np.zeros((hidden_size, 1))

    def forward(self, inputs):
        h = np.zeros((self.Whh.shape[0], 1))
        self.inputs, self.hs = inputs, {0: h}
        for i, x in enumerate(inputs):
            h = np.tanh(self.Wxh @ x + self.Whh @ h + self.bh)
            self.hs[i + 1] = h
        return self.Why @ h

    def backward(self, d_y, lr=2e-2):
        d_Why = d_y @ self.hs[len(self.inputs)].T
        d_Whh, d_Wxh, d_bh = np.zeros(self.Whh.shape), np.zeros(self.Wxh.shape), np.zeros(self.bh.shape)
        d_h = self.Why.T @ d_y
        for t in reversed(range(len(self.inputs))):
            d_a = (1 - self.hs[t + 1] ** 2) * d_h
            d_bh += d_a
            d_Whh += d_a @ self.hs[t].T
            d_Wxh += d_a @ self.inputs[t].T
            d_h = self.Whh.T @ d_a
        for d in [d_Wxh, d_Whh, d_Why, d_bh]:
            np.clip(d, -1, 1, out=d)
        self.Whh -= lr * d_Whh
        self.Wxh -= lr * d_Wxh
        self.Why -= lr * d_Why
        self.bh -= lr * d_bh
"""
)


def test_a_list_of_columns_is_found_for_the_steps_of_time() -> None:
    assert_right(STEPS_OF_TIME, "self.Whh", "self.Wxh", "self.Why", "self.bh")
    assert_wrong(
        STEPS_OF_TIME.replace("d_h = self.Whh.T", "d_h = self.Whh"), "d_h = self.Whh", "GL110"
    )


FILLED = (
    NUMPY
    + """
import weakref


class Node:
    def __init__(self, owner):
        self.owner = weakref.ref(owner)


class Selu:
    def __init__(self, alpha=1.67, scale=1.05):
        self.alpha, self.scale = alpha, scale
        self.node = Node(self)

    def reshape(self):
        self.Y = np.zeros(self.X.shape)

    def forward(self):
        up = self.X > 0
        self.Y[up] = self.scale * self.X[up]
        self.e = self.scale * self.alpha * np.exp(self.X[~up])
        self.Y[~up] = self.e - self.scale * self.alpha

    def backward(self):
        up = self.X > 0
        self.dX = np.zeros(self.X.shape)
        self.dX[up] = self.scale
        self.dX[~up] = self.e
        self.dX = self.dX * self.dY
"""
)


def test_an_output_that_is_filled_in_place_is_an_output() -> None:
    assert_right(FILLED, "self.X")
    found = report_of(FILLED.replace("[~up] = self.e\n", "[~up] = self.alpha\n"))
    assert found.verdict.value in ("wrong", "suspect")


BESIDE = (
    NUMPY
    + """
class Box:
    def __init__(self, data=None):
        self.Y = data

class Layer:
    def __init__(self, model):
        if not isinstance(model, np.ndarray):
            raise TypeError("an array")
        self.model = Box()
        self.model.Y = model

    @property
    def X(self):
        return self.model.Y

class Softmax(Layer):
    def forward(self):
        self.e = np.exp(self.X)
        axes = [slice(None)] * 4
        axes[1] = np.newaxis
        self.Y = self.e / np.sum(self.e, axis=1)[axes]

    def backward(self):
        dot = np.sum(self.dY * self.Y, axis=1, keepdims=True)
        self.dX = self.Y * (self.dY - dot)
"""
)


def test_what_a_property_gives_is_an_input_and_a_list_of_slices_an_index() -> None:
    assert_right(BESIDE, "self.X")
    wrong = report_of(BESIDE.replace("(self.dY - dot)", "(self.dY - self.dY * self.Y)"))
    assert wrong.verdict.value in ("wrong", "suspect")


SQUARE = (
    NUMPY
    + """
def places(h, w, k):
    rows, high, wide = h - k + 1, h - k + 1, w - k + 1
    return np.tile(np.arange(rows), high) + np.repeat(np.arange(high) * w, wide)

class Pick:
    def forward(self, x):
        self.shape = n, c, h, w = x.shape
        self.at = places(h, w, 2)
        return x.reshape(n, c, h * w)[:, :, self.at]

    def backward(self, dout):
        n, c, h, w = self.shape
        dx = np.zeros((n, c, h * w))
        dx[:, :, self.at] = dout
        return dx.reshape(self.shape)
"""
)


def test_code_that_fits_square_images_alone_is_judged_at_those() -> None:
    assert_right(SQUARE, "x")


SLOPES = (
    NUMPY
    + """
class Leaky:
    def __init__(self, channels):
        self.slopes = np.full((channels, 1, 1), 0.25)

    def forward(self, x):
        self.x = x
        return np.where(x >= 0, x, self.slopes * x)

    def backward(self, dout, rate):
        d_slopes = np.sum(dout * self.x * (self.x < 0), axis=(0, 2, 3), keepdims=True)
        dx = np.where(self.x >= 0, 1, self.slopes) * dout
        self.slopes -= rate * d_slopes
        return dx
"""
)


def test_what_fits_at_no_sizes_is_told_with_its_line() -> None:
    reason = report_of(SLOPES).reason
    assert reason is not None and "does not fit into (3, 1, 1) in place (line 14)" in reason
    assert_right(SLOPES.replace("keepdims=True)", "keepdims=True)[0]"), "x", "self.slopes")


WRAPPED = (
    NUMPY
    + """
class Layer:
    @staticmethod
    def forward(method):
        def forward(self, x, training=False):
            out = method(self, x, training=training)
            if training:
                self.kept = x
            return out
        return forward

    @staticmethod
    def backward(method):
        def backward(self, dout, training=False):
            return method(self, dout, training=training)
        return backward


class Cube(Layer):
    @Layer.forward
    def forward(self, x, training=False):
        self.mask = np.random.rand(*x.shape) < 0.7
        return x ** 3 * self.mask if training else x ** 3

    @Layer.backward
    def backward(self, dout, training=False):
        dx = 3 * self.kept ** 2 * dout
        return dx * self.mask if training else dx
"""
)


def test_methods_that_a_decorator_of_the_script_wraps_are_called_as_it_makes_them() -> None:
    assert_right(WRAPPED, "x")
    assert_wrong(WRAPPED.replace("dx = 3 *", "dx = -3 *"), "dx = -3 *", "GL102")


STACKED = (
    NUMPY
    + """
class Dense:
    def __init__(self, n, m):
        self.params = {"weight": np.random.normal(size=(n, m)), "bias": np.zeros(m)}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return np.dot(x, self.params["weight"]) + self.params["bias"]

    def backward(self, g):
        self.grads["weight"], self.grads["bias"] = self.x.T @ g, g.sum(0)
        return g @ self.params["weight"].T

class Net:
    def __init__(self):
        self.layers = [Dense(28 * 28, 256), Dense(256, 256), Dense(256, 10)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grads):
        for layer in self.layers[::-1]:
            grads = layer.backward(grads)
"""
)


def test_gradients_in_the_layers_of_a_network_are_those_of_the_layer_that_keeps_them() -> None:
    named = [f"self.layers[{i}].params['{kind}']" for i in range(3) for kind in ("weight", "bias")]
    assert_right(STACKED, *named)
    swapped = STACKED.replace("self.layers[::-1]", "[self.layers[i] for i in (2, 0, 1)]")
    assert report_of(swapped).verdict.value != "correct"


ADDED = (
    NUMPY
    + """
class Network:
    def __init__(self):
        self.layers, self.losses = [], []

    def add(self, layer):
        self.layers.append(layer)

    def note(self, loss):
        self.losses.append(loss)

    def forward(self, *x):
        x = x[0]
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad, rate):
        for layer in reversed(self.layers):
            grad = layer.backward(grad, rate)
        return grad
"""
)


def test_a_network_that_layers_are_added_to_is_given_some() -> None:
    assert_right(ADDED, "self.layers[0]", "self.layers[1]", "self.layers[2]", "x")
    ahead = ADDED.replace("reversed(self.layers)", "self.layers")
    assert [code for code, _ in problems(report_of(ahead))] == ["GL117"]


KEEPING = (
    NUMPY
    + """
class Dense:
    def __init__(self, inputs, outputs):
        self.weight = np.random.randn(inputs, outputs)

    def forward(self, x):
        self.s = x @ self.weight
        return np.maximum(self.s, 0)

    def backward(self, delta):
        self.delta = delta * (self.s > 0)
        d = self.delta @ self.weight.T
        return d

    def grads(self):
        return {"s": self.delta}
"""
)


def test_all_that_a_layer_returns_is_the_gradient_of_its_input_whatever_it_is_called() -> None:
    assert_right(KEEPING, "x")
    slip = "self.delta = delta * (self.s < 0)"
    assert_wrong(KEEPING.replace("self.delta = delta * (self.s > 0)", slip), slip, "GL111", "GL112")


LAST = (
    NUMPY
    + """
class Conv:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, images):
        self.images = images
        n, high, wide, _ = images.shape
        kh, kw, _, filters = self.w.shape
        out = np.zeros((n, high - kh + 1, wide - kw + 1, filters))
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                window = images[:, i:i + kh, j:j + kw, :, np.newaxis]
                out[:, i, j, :] = np.sum(window * self.w[np.newaxis], axis=(1, 2, 3))
        return out + self.b

    def backward(self, dout):
        kh, kw, _, _ = self.w.shape
        dx, self.dw = np.zeros_like(self.images), np.zeros_like(self.w)
        self.db = dout.sum(axis=(0, 1, 2))
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                at = dout[:, i:i + 1, j:j + 1, np.newaxis, :]
                dx[:, i:i + kh, j:j + kw, :] += np.sum(self.w[np.newaxis] * at, axis=4)
                self.dw += np.sum(self.images[:, i:i + kh, j:j + kw, :, np.newaxis] * at, axis=0)
        return dx
"""
)


def test_images_may_have_their_channels_last() -> None:
    assert_right(LAST, "images", "self.w", "self.b")
    slip = LAST.replace(
        "self.db = dout.sum(axis=(0, 1, 2))", "self.db = dout.sum(axis=(0, 1, 2)) / 2"
    )
    assert report_of(slip).verdict.value in ("wrong", "suspect")


SPLIT = (
    NUMPY
    + """

class Module:
    def forward(self, X):
        pass

    def update_parameters(self, gradient_step=1e-3):
        self._parameters -= gradient_step * self._gradient

    def backward_update_gradient(self, input, delta):
        pass

    def backward_delta(self, input, delta):
        pass


class Linear(Module):
    def __init__(self, n, d):
        self._parameters = np.random.randn(n, d)
        self._bias = np.random.randn(1, d)
        self._gradient = np.zeros((n, d))
        self._bias_grad = np.zeros((1, d))

    def forward(self, X):
        return X @ self._parameters + self._bias

    def backward_update_gradient(self, input, delta):
        self._gradient += {dw}
        self._bias_grad += delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return {dx}

    def update_parameters(self, gradient_step=1e-3):
        self._parameters -= gradient_step * self._gradient
        self._bias -= gradient_step * self._bias_grad


class Tanh(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return {slope} * delta

    def update_parameters(self, gradient_step=1e-3):
        pass
"""
)
SPLIT_RIGHT = {
    "dw": "input.T @ delta",
    "dx": "delta @ self._parameters.T",
    "slope": "(1 - np.tanh(input) ** 2)",
}


def test_a_layer_with_a_method_for_its_input_and_one_for_its_parameters_is_judged() -> None:
    assert_right(SPLIT.format(**SPLIT_RIGHT), "X", "self._parameters", "self._bias")


@pytest.mark.parametrize(
    ("part", "text", "line"),
    [
        ("dw", "input.T @ delta / len(input)", "self._gradient +="),
        ("slope", "(1 - np.tanh(input))", "* delta"),
    ],
)
def test_a_slip_in_either_of_two_methods_is_found(part: str, text: str, line: str) -> None:
    script = SPLIT.format(**SPLIT_RIGHT | {part: text})
    (at,) = [n for n, one in enumerate(script.splitlines(), 1) if line in one]
    assert {number for _, number in problems(report_of(script))} == {at}


HANDS_BACK = (
    NUMPY
    + """

class Linear:
    def __init__(self, in_dim, out_dim):
        self.W = np.random.randn(in_dim, out_dim)

    def forward(self, inpt):
        self.inpt = inpt
        return inpt @ self.W

    def _compute_gradients(self, grads):
        self.dW = self.inpt.T @ grads
        return {sign}grads @ self.W.T
"""
)


def test_a_layer_whose_backward_pass_computes_gradients_is_judged() -> None:
    assert_right(HANDS_BACK.format(sign=""), "inpt", "self.W")
    assert report_of(HANDS_BACK.format(sign="-")).verdict.value == "wrong"


def test_the_mean_in_a_method_that_only_computes_gradients_of_parameters_is_left_alone() -> None:
    assert_silent(
        NUMPY
        + """

class LinearRegression:
    def __init__(self, n):
        self.w, self.b = np.random.randn(n, 1), 0.0

    def forward(self, X):
        return X @ self.w + self.b

    def compute_gradients(self, X, delta):
        return X.T @ delta / len(X), delta.sum() / len(X)
"""
    )


MOMENTUM = (
    NUMPY
    + """

class Dense:
    def __init__(self, n_in, n_out, lr, beta):
        self.w = np.random.randn(n_out, n_in)
        self.b = np.random.randn(1, n_out)
        self.v_w = np.zeros_like(self.w)
        self.v_b = np.zeros_like(self.b)
        self.lr = lr
        self.beta = beta

    def forward(self, x):
        self.x = x
        return x @ self.w.T + self.b

    def backward(self, grad):
        n = grad.shape[0]
        dx = grad @ self.w
        dw = {dw} / n
        db = np.sum(grad, axis=0, keepdims=True) / n
        self.v_w = self.beta * self.v_w + (1 - self.beta) * dw
        self.v_b = self.beta * self.v_b + (1 - self.beta) * db
        self.w -= self.lr * self.v_w
        self.b -= self.lr * self.v_b
        return dx
"""
)


def test_a_layer_that_steps_by_itself_may_have_momentum_and_means_over_the_batch() -> None:
    assert_right(MOMENTUM.format(dw="grad.T @ self.x"))
    assert report_of(MOMENTUM.format(dw="grad.T @ self.x**2")).verdict.value == "wrong"


GIVEN_APART = (
    NUMPY
    + """

class Dense:
    def __init__(self, n_in, n_out):
        self.w = np.random.randn(n_out, n_in)

    def forward(self, x):
        return np.maximum(self.w @ x, 0)

    def backward(self, delta, next_w, given, z):
        dz = next_w.T @ delta
        dz[z <= 0] = 0
        dw = dz @ given.T
        return dw, dz
"""
)


def test_what_the_forward_pass_says_nothing_of_is_held_against_nothing() -> None:
    report = report_of(GIVEN_APART)
    assert (report.verdict.value, problems(report)) == ("unverified", [])
    assert "of which the forward pass says nothing" in (report.reason or "")


_TOLD = (
    NUMPY
    + """
def places(shape, h_filter, w_filter):
    _, depth, height, width = shape
    down, right = height - h_filter + 1, width - w_filter + 1
    rows = np.tile(np.repeat(np.arange(h_filter), w_filter), depth).reshape(-1, 1)
    columns = np.tile(np.arange(w_filter), h_filter * depth).reshape(-1, 1)
    rows = rows + np.repeat(np.arange(down), right).reshape(1, -1)
    columns = columns + np.tile(np.arange(right), down).reshape(1, -1)
    return np.repeat(np.arange(depth), h_filter * w_filter).reshape(-1, 1), rows, columns

class Conv:
    def __init__(self, X_dim, n_filter, h_filter, w_filter):
        self.depth, self.height, self.width = X_dim
        self.n_filter, self.h_filter, self.w_filter = n_filter, h_filter, w_filter
        self.W = np.random.randn(n_filter, self.depth, h_filter, w_filter) * 0.1
        self.down, self.right = self.height - h_filter + 1, self.width - w_filter + 1

    def forward(self, X):
        self.n = X.shape[0]
        k, i, j = places(X.shape, self.h_filter, self.w_filter)
        self.parts = X[:, k, i, j].transpose(1, 2, 0).reshape(self.h_filter * self.w_filter * X.shape[1], -1)
        out = self.W.reshape(self.n_filter, -1) @ self.parts
        return out.reshape(self.n_filter, self.down, self.right, self.n).transpose(3, 0, 1, 2)

    def backward(self, dout):
        flat = dout.transpose(1, 2, 3, 0).reshape(self.n_filter, -1)
        self.dW = (flat @ self.parts.T).reshape(self.W.shape)
        shape = (self.n, self.depth, self.height, self.width)
        parts = self.W.reshape(self.n_filter, -1).T @ flat
        dX = np.zeros(shape)
        k, i, j = places(shape, self.h_filter, self.w_filter)
        parts = parts.reshape(self.depth * self.h_filter * self.w_filter, -1, self.n).transpose(2, 0, 1)
        np.add.at(dX, (slice(None), k, i, j), parts)
        return dX
"""
)


def test_an_image_has_the_sizes_that_its_layer_was_told() -> None:
    assert_right(_TOLD, "X", "self.W")
    wrong = report_of(_TOLD.replace("return dX", "return -dX"))
    assert [code for code, _ in problems(wrong)] == ["GL102"]


CARRIED = (
    NUMPY
    + """
class Carry:
    def __init__(self):
        self.h = None
        self.dh = None

    def forward(self, xs):
        self.h = np.zeros(xs.shape[1:])
        self.hs = np.zeros(xs.shape)
        for t in range(len(xs)):
            self.h = np.tanh(xs[t] + self.h)
            self.hs[t] = self.h
        return self.hs

    def backward(self, grad):
        dxs = np.zeros(grad.shape)
        dh = np.zeros(grad.shape[1:])
        for t in reversed(range(len(grad))):
            dh = (grad[t] + dh) * (1 - self.hs[t] ** 2)
            dxs[t] = dh
        self.dh = {left}
        return dxs
"""
)


def test_the_gradient_of_what_a_layer_begins_with_is_judged() -> None:
    assert_right(CARRIED.format(left="dh"), "xs", "self.h")
    assert_wrong(CARRIED.format(left="-dh"), "self.dh = -dh", "GL102", "GL199", fixed=False)
