"""Functions and classes that train, or that return the gradients of a whole network."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of
from .judging import NUMPY, assert_right, assert_silent, assert_wrong, rows

FIT = (
    NUMPY
    + """

class Regression:
    def __init__(self, lr=0.1, epochs=100):
        self.lr, self.epochs = lr, epochs

    def fit(self, X, y):
        n, d = X.shape
        self.w, self.b = np.zeros(d), 0.0
        for _ in range(self.epochs):
            error = X @ self.w + self.b - y
            self.w -= self.lr * {dw}
            self.b -= self.lr * error.sum() / n
"""
)


def test_a_method_that_fits_is_called_with_rows_and_one_target_each() -> None:
    assert_right(FIT.format(dw="X.T @ error / n"), "self.w", "self.b")


def test_a_slip_in_a_method_that_fits_is_found() -> None:
    found = report_of(FIT.format(dw="-(X.T @ error) / n"))
    assert found.verdict.value in ("wrong", "suspect")


NIELSEN = (
    NUMPY
    + """

class Network:
    def __init__(self, sizes):
        self.num_layers = len(sizes)
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activations = [x]
        for b, w in zip(self.biases, self.weights):
            activations.append(np.tanh(np.dot(w, activations[-1]) + b))
        delta = (activations[-1] - y) * (1 - activations[-1] ** 2)
        nabla_b[-1] = delta
        nabla_w[-1] = np.dot(delta, activations[-2].T)
        for l in range(2, self.num_layers):
            delta = np.dot(self.weights[-l + 1].T, delta) * (1 - activations[-l] ** 2)
            nabla_b[-l] = delta
            nabla_w[-l] = np.dot(delta, activations[-l - 1].T)
        return nabla_b, nabla_w
"""
)


def test_lists_of_gradients_belong_to_lists_of_parameters() -> None:
    assert_right(NIELSEN, *(f"self.{n}[{i}]" for n in ("biases", "weights") for i in (0, 1)))


def test_a_slip_in_one_layer_of_a_list_is_found() -> None:
    slip = NIELSEN.replace(" * (1 - activations[-l] ** 2)", "")
    assert_wrong(slip, "delta = np.dot(self.weights[-l", "GL104", "GL199")


SAMPLES = (
    NIELSEN
    + """
    def update_mini_batch(self, mini_batch, eta, decay, n):
        sum_b = [np.zeros(b.shape) for b in self.biases]
        sum_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            nabla_b, nabla_w = self.backprop(x, y)
            sum_b = [s + d for s, d in zip(sum_b, nabla_b)]
            sum_w = [s + d for s, d in zip(sum_w, nabla_w)]
        rate = eta / len(mini_batch)
        self.weights = [(1 - eta * decay / n) * w - rate * s for w, s in zip(self.weights, sum_w)]
        self.biases = [b - rate * s for b, s in zip(self.biases, sum_b)]
"""
)


def test_a_mini_batch_is_a_list_of_samples_where_it_is_taken_apart_so() -> None:
    assert_right(SAMPLES, "self.biases[0]", "self.weights[1]")


def test_a_step_beside_right_gradients_that_climbs_is_found() -> None:
    climbs = SAMPLES.replace("[b - rate * s", "[b + rate * s")
    assert_wrong(climbs, "[b + rate * s", "GL301", fixed=False)


STATEFUL = (
    NUMPY
    + """

class NeuralNetwork:
    def __init__(self, x, y):
        self.input, self.y = x, y
        self.weights1 = np.random.rand(x.shape[1], 4)
        self.weights2 = np.random.rand(4, 1)

    def feedforward(self):
        self.layer1 = np.tanh(self.input @ self.weights1)
        self.output = np.tanh(self.layer1 @ self.weights2)

    def backprop(self):
        delta = (self.y - self.output) * (1 - self.output ** 2)
        hidden = delta @ self.weights2.T{slope}
        self.weights2 += self.layer1.T @ delta
        self.weights1 += self.input.T @ hidden
"""
)


def test_a_network_that_keeps_its_data_is_run_forward_first_at_sizes_of_its_own() -> None:
    slope = " * (1 - self.layer1 ** 2)"
    assert_right(STATEFUL.format(slope=slope), "self.weights1", "self.weights2")
    assert_wrong(STATEFUL.format(slope=""), "hidden = delta", "GL104")


def test_a_step_is_no_gradient_of_the_parameter_that_it_moves() -> None:
    found = rows(STATEFUL.format(slope=" * (1 - self.layer1 ** 2)"))
    assert set(found.values()) <= {"equal", "scaled"}


@pytest.mark.parametrize("name", ["check_gradient", "numerical_gradient", "evaluate_gradient"])
def test_a_numerical_gradient_is_nothing_to_judge(name: str) -> None:
    assert_silent(
        NUMPY
        + f"""
def {name}(f, x, h=1e-5):
    grad = np.zeros_like(x)
    for i in range(x.shape[0]):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        grad[i] = (above - f(x)) / (2 * h)
        x[i] += h
    return grad
"""
    )


DECAYED = (
    NUMPY
    + """

class Net:
    def __init__(self, n_in, n_out, decay=0.0):
        self.params = {"W": np.random.randn(n_in, n_out), "b": np.zeros(n_out)}
        self.decay = decay

    def loss(self, x, t):
        y = x @ self.params["W"] + self.params["b"]
        return 0.5 * np.sum((y - t) ** 2) + 0.5 * self.decay * np.sum(self.params["W"] ** 2)

    def gradient(self, x, t):
        y = x @ self.params["W"] + self.params["b"]
        grads = {}
        grads["W"] = x.T @ (y - t) + self.decay * self.params["W"]
        grads["b"] = np.sum(y - t, axis=0)
        return grads
"""
)


def test_a_gradient_with_a_penalty_in_it_is_no_step_of_the_parameter() -> None:
    assert_right(DECAYED, "self.params['W']", "self.params['b']")


STEP_BY_NAME = (
    NUMPY
    + """

def backward(x, w, b, y):
    d = x @ w + b - y
    return {"w": x.T @ d, "b": d.sum(axis=0)}


def loss(x, w, b, y):
    return 0.5 * np.sum((x @ w + b - y) ** 2)


def update_parameters(parameters, grads, learning_rate=0.1):
    return {k: parameters[k] - learning_rate * grads["d" + k] for k in ("w", "b")}
"""
)


def test_a_function_that_returns_the_moved_parameters_hands_out_no_gradient() -> None:
    assert_right(STEP_BY_NAME, "w", "b")


REGRESSION = (
    NUMPY
    + """

class LogisticRegression:
    def __init__(self, learning_rate=0.1):
        self.param = None
        self.learning_rate = learning_rate

    def start(self, X):
        self.param = np.random.uniform(-1, 1, (np.shape(X)[1],))

    def fit(self, X, y, n_iterations=4000):
        self.start(X)
        for i in range(n_iterations):
            y_pred = 1 / (1 + np.exp(-X.dot(self.param)))
            self.param -= self.learning_rate * -(y - y_pred).dot(X)
"""
)


def test_a_matrix_of_data_is_not_taken_for_a_list_of_columns() -> None:
    assert_right(REGRESSION, "self.param")


LOGISTIC = (
    NUMPY
    + """
class Model:
    def __init__(self, rate=0.1, rounds=0):
        self.coef, self.rate, self.rounds = None, rate, rounds

    def probability(self, X):
        return 1 / (1 + np.exp(-np.dot(X, self.coef)))

    def step(self, p, y, X):
        dw = np.dot(X.T, (p - y)) / len(y)
        self.coef = self.coef - self.rate * dw

    def fit(self, X, y):
        self.coef = np.array([0] * X.shape[1])
        i = 0
        while i <= self.rounds:
            p = self.probability(X)
            loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
            self.step(p, y, X)
            i += 1
        return loss
"""
)


def test_data_at_which_a_step_would_make_a_matrix_of_a_vector_are_not_what_fits() -> None:
    assert_right(LOGISTIC, "self.coef")
    assert_wrong(LOGISTIC.replace("(p - y)", "(y - p)"), "(y - p)", "GL102")


ONE_OUTPUT = (
    NUMPY
    + """
def train(X, Y, layers, rate=0.1, rounds=100):
    w = {}
    for i in range(1, len(layers)):
        w["W" + str(i)] = np.random.randn(layers[i], layers[i - 1])
    depth = len(w)
    for _ in range(rounds):
        a, kept = X, []
        for i in range(1, depth + 1):
            kept.append(a)
            a = 1 / (1 + np.exp(-np.dot(w["W" + str(i)], a)))
        assert a.shape == (1, X.shape[1])
        cost = -(np.dot(Y, np.log(a).T) + np.dot(1 - Y, np.log(1 - a).T)) / X.shape[1]
        cost = np.squeeze(cost)
        assert cost.shape == ()
        dz = a - Y
        for i in reversed(range(1, depth + 1)):
            dW = np.dot(dz, kept[i - 1].T) / X.shape[1]
            dz = np.dot(w["W" + str(i)].T, dz) * kept[i - 1] * (1 - kept[i - 1])
            w["W" + str(i)] = w["W" + str(i)] - rate * dW
    return w
"""
)


def test_asserted_sizes_say_how_many_outputs_a_list_of_layers_ends_in() -> None:
    assert_right(ONE_OUTPUT, "w['W1']", "w['W2']")
    assert_wrong(ONE_OUTPUT.replace("dz = a - Y", "dz = Y - a"), "dz = Y - a", "GL102")


def test_where_an_assertion_cannot_hold_nobody_is_accused() -> None:
    text = ONE_OUTPUT.replace("dz = a - Y", "dz = Y - a; assert a.max() > 2")
    found = report_of(text)
    assert (found.verdict.value, found.findings) == ("unverified", ())
    assert "assert a.max() > 2" in (found.reason or "")


BIAS_COLUMN = (
    NUMPY
    + """
class Network:
    def __init__(self, hidden):
        self.inputs, self.outputs, self.hidden = 784, 10, hidden
        first = np.random.rand(hidden, self.inputs + 1) / hidden
        last = np.random.rand(self.outputs, hidden + 1) / self.outputs
        self.layers = [first, last]

    def feed_forward(self, x):
        found = []
        for layer in self.layers:
            x = 1 / (1 + np.exp(-np.inner(layer, np.append(x, 1))))
            found.append(x)
        return found

    def backpropagate(self, x, target):
        h, out = self.feed_forward(x)
        d_out = out * (1 - out) * (out - target)
        d_h = h * (1 - h) * np.dot(np.delete(self.layers[-1], -1, 1).T, d_out)
        self.layers[-1] -= 0.1 * np.outer(d_out, np.append(h, 1))
        self.layers[0] -= 0.1 * np.outer(d_h, np.append(x, 1))
"""
)


def test_a_sample_gets_the_size_that_is_left_beside_an_entry_for_the_bias() -> None:
    assert_right(BIAS_COLUMN, "self.layers[0]", "last")
    assert_wrong(BIAS_COLUMN.replace("(out - target)", "(target - out)"), "(target - out)", "GL102")


REMEMBERED = (
    NUMPY
    + """
class Line:
    def __init__(self, inputs, outputs):
        self.w, self.dw = np.zeros((inputs, outputs)), 0
        self.w[...] = np.random.randn(inputs, outputs)

    def forward(self, x):
        self.x, self.out = x, x @ self.w
        return self.out

    def train(self, target, rate=0.1):
        self.dw = self.x.T @ (target - self.out)
        self.w += rate * self.dw
"""
)


def test_what_a_step_consumes_is_judged_by_the_step_and_not_by_its_name() -> None:
    assert_right(REMEMBERED, "self.w")
    found = report_of(REMEMBERED.replace("+= rate", "-= rate"))
    assert [code for code, _ in problems(found)] == ["GL102"]


TRAINED = (
    NUMPY
    + """

class Network:
    def __init__(self, n_hidden=10, lr=0.1):
        self.n_hidden, self.lr = n_hidden, lr
        self.V = None
        self.w = None

    def _sigmoid(self, z):
        return 1 / (1 + np.exp(-z))

    def _forward(self, X):
        h = self._sigmoid(X @ self.V)
        return h, self._sigmoid(h @ self.w)

    def _loss(self, y, p):
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def _backward(self, X, y, h, p):
        delta = (p - y) / len(X)
        hidden = delta @ self.w.T * {slope}
        return {{"V": X.T @ hidden, "w": h.T @ delta}}

    def fit(self, X, y, epochs=100):
        self.V = np.random.randn(X.shape[1], self.n_hidden)
        self.w = np.random.randn(self.n_hidden, 1)
        for _ in range(epochs):
            h, p = self._forward(X)
            loss = self._loss(y, p)
            for name, gradient in self._backward(X, y, h, p).items():
                setattr(self, name, getattr(self, name) - self.lr * gradient)
"""
)


def test_a_backward_pass_that_runs_in_a_training_needs_no_call_of_its_own() -> None:
    assert_right(TRAINED.format(slope="h * (1 - h)"), "self.V", "self.w")


def test_a_slip_in_a_backward_pass_that_runs_in_a_training_is_found() -> None:
    assert_wrong(TRAINED.format(slope="(1 - h)"), "hidden = ", "GL105", fixed=False)


DESCENT = (
    NUMPY
    + """

def compute_cost(x, y, theta):
    m = np.shape(y)[0]
    return 1 / (2.0 * m) * (x.dot(theta) - y).T.dot(x.dot(theta) - y)


def gradient_descent(x, y, theta, alpha, rounds):
    history = np.zeros((rounds, 1))
    theta = np.copy(theta)
    for i in range(rounds):
        slope = x.T.dot({error}) / np.shape(y)[0]
        theta = theta - alpha * slope
        history[i] = compute_cost(x, y, theta)
    return theta, history
"""
)


def test_a_descent_that_keeps_its_history_moves_a_copy_of_what_it_is_given() -> None:
    assert_right(DESCENT.format(error="(x.dot(theta) - y)"), "theta")
    renamed = DESCENT.format(error="(x.dot(theta) - y)").replace("slope", "step")
    assert_right(renamed.replace("theta", "grad").replace("history", "J_history"), "grad")


def test_a_slip_in_a_descent_that_keeps_its_history_is_found() -> None:
    found = report_of(DESCENT.format(error="(y - x.dot(theta))"))
    assert found.verdict.value in ("wrong", "suspect")


ONE_WORD = """
import numpy as np
class Embedding:
    def __init__(self, words, width):
        self.W1 = np.random.randn(words, width)
        self.W2 = np.random.randn(width, words)
        self.rate = 0.1
    def feed_forward(self, X):
        self.h = np.dot(self.W1.T, X).reshape(-1, 1)
        e = np.exp(np.dot(self.W2.T, self.h))
        self.y = e / e.sum()
    def backpropagate(self, x, t):
        delta = self.y - np.asarray(t).reshape(self.y.shape)
        dW2 = np.dot(self.h, delta.T)
        dW1 = np.outer(x, np.dot(self.W2, delta))
        self.W2 = self.W2 - self.rate * dW2
        self.W1 = self.W1 - self.rate * dW1
"""


def test_a_backward_pass_takes_what_its_forward_pass_did_in_whichever_case_it_is_written() -> None:
    assert_right(ONE_WORD, "self.W1", "self.W2")
    assert_wrong(ONE_WORD.replace("outer(x, np", "outer(x + 1, np"), "dW1 =", "GL114")
