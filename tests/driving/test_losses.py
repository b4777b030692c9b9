"""Losses that return their gradients, and losses beside their derivatives."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of
from .judging import NUMPY, assert_right, assert_wrong

SOFTMAX = (
    NUMPY
    + """

def softmax_loss(x, y):
    n = x.shape[0]
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = {loss}
    dx = {start}
    {error}
    dx /= n
    return loss, dx
"""
)
LABELS = {"loss": "-np.log(p[np.arange(n), y]).sum() / n", "start": "p.copy()"}
ONE_HOT = {
    "loss": "-np.sum(y * np.log(p)) / n",
    "start": "p - y",
    "error": "assert dx.shape == x.shape",
}


def test_integer_labels_are_within_the_classes() -> None:
    assert_right(SOFTMAX.format(**LABELS, error="dx[np.arange(n), y] -= 1"), "x")


def test_one_hot_rows_are_tried_where_other_targets_do_not_fit() -> None:
    assert_right(SOFTMAX.format(**ONE_HOT), "x")


@pytest.mark.parametrize("error", ["dx[np.arange(n), y] += 1", "dx[np.arange(n), y] -= 2"])
def test_a_slip_at_the_labels_is_found(error: str) -> None:
    found = report_of(SOFTMAX.format(**LABELS, error=error))
    assert found.verdict.value in ("wrong", "suspect")
    assert problems(found)


def test_a_pair_of_loss_and_derivative_is_judged_in_the_prediction() -> None:
    text = (
        NUMPY
        + """
def mse(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)

def mse_prime(y_true, y_pred):
    return 2 * ({error}) / y_true.size
"""
    )
    assert_right(text.format(error="y_pred - y_true"), "y_pred")
    assert_wrong(text.format(error="y_true - y_pred"), "return 2 *", "GL102")


def test_a_constant_of_a_loss_is_a_convention() -> None:
    text = (
        NUMPY
        + """
def mse(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)

def mse_prime(y_true, y_pred):
    return y_pred - y_true
"""
    )
    assert "error" not in {finding.severity.value for finding in report_of(text).findings}


@pytest.mark.parametrize("guard", ["np.clip(p, 1e-12, 1 - 1e-12)", "np.clip(p, 1e-7, None)"])
def test_a_probability_that_is_guarded_lies_within_the_guard(guard: str) -> None:
    text = (
        NUMPY
        + f"""
class CrossEntropy:
    def loss(self, y, p):
        p = {guard}
        return -np.sum(y * np.log(p))

    def gradient(self, y, p):
        p = {guard}
        return -y / p
"""
    )
    assert_right(text, "p")
    slip = report_of(text.replace("return -y / p", "return y / p"))
    assert slip.verdict.value == "wrong"


PENALISED = (
    NUMPY
    + """
def penalty(model, lam):
    return 0.5 * lam * sum(np.sum(model[k] ** 2) for k in model.keys() if k.startswith("W"))

def hinge_loss(model, scores, y, lam=1e-3, delta=1):
    m = scores.shape[0]
    margins = (scores.T - scores[range(m), y]).T + delta
    margins[margins < 0] = 0
    margins[range(m), y] = 0
    return np.sum(margins) / m + penalty(model, lam)

def dhinge_loss(scores, y, delta=1):
    m = scores.shape[0]
    margins = (scores.T - scores[range(m), y]).T + delta
    margins[range(m), y] = 0
    grad = (margins > 0).astype(float)
    grad[range(m), y] = {picked}
    return grad / m
"""
)


def test_a_loss_may_take_more_than_its_derivative() -> None:
    assert_right(PENALISED.format(picked="-np.sum(grad, axis=1)"), "scores")


def test_a_slip_beside_a_loss_that_takes_more_is_found() -> None:
    found = report_of(PENALISED.format(picked="np.sum(grad, axis=1)"))
    assert found.verdict.value in ("wrong", "suspect")


NAMED_HELPER = (
    NUMPY
    + """
class Both:
    def forward(self, x):
        self.x = x
        return x ** 2 if x.ndim == 2 else x

    def backward(self, dout):
        return self.__backward(dout)

    def __backward(self, dout):
        return {slope} * self.x * dout
"""
)


def test_what_a_backward_method_calls_is_judged_with_it() -> None:
    assert_right(NAMED_HELPER.format(slope=2), "x")


REGRESSION = (
    NUMPY
    + """
def once(w, b, X, y):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    cost = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    d = (p - y) / p.size
    {returned}
"""
)


@pytest.mark.parametrize(
    "returned",
    [
        'return cost, {"dw": X.T @ d, "db": np.sum(d)}',
        'return {"dw": X.T @ d, "db": np.sum(d)}, cost',
        "dw, db = X.T @ d, np.sum(d)\n    return dw, db, cost",
    ],
)
def test_the_bias_of_a_single_unit_is_a_number(returned: str) -> None:
    assert_right(REGRESSION.format(returned=returned), "w", "b")


def test_the_bias_of_several_units_is_none() -> None:
    softmax = (
        NUMPY
        + """
def once(W, b, X, y):
    z = X @ W + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    d = p.copy()
    d[np.arange(len(y)), y] -= 1
    d /= len(y)
    dW = X.T @ d
    db = {db}
    return loss, dW, db
"""
    )
    assert_right(softmax.format(db="d.sum(axis=0)"), "W", "b")
    assert_wrong(softmax.format(db="d.sum()"), "db =", "GL107")


def test_a_function_that_trains_hands_its_parameters_out_and_not_their_gradients() -> None:
    text = (
        REGRESSION.format(returned='return cost, {"dw": X.T @ d, "db": np.sum(d)}')
        + """

def train(w, b, X, y, rounds, rate):
    costs = []
    for i in range(rounds):
        cost, grads = once(w, b, X, y)
        w = w - rate * grads["dw"]
        b = b - rate * grads["db"]
        costs.append(cost)
    return {"w": w, "b": b}, grads, costs
"""
    )
    assert_right(text, "w", "b")


def test_what_a_script_gives_its_function_says_what_a_bias_is() -> None:
    """Two hidden units of one bias: the sum over all is right since `b` is a number where it is called."""
    text = (
        NUMPY
        + """
def once(W, b, v, X, y):
    h = np.tanh(X @ W + b)
    loss = 0.5 * np.sum((h @ v - y) ** 2)
    e = h @ v - y
    dz = np.outer(e, v) * (1 - h ** 2)
    dW, dv = X.T @ dz, h.T @ e
    db = {db}
    return loss, dW, db, dv

print(once(np.ones((3, 2)), {b}, np.ones(2), np.ones((4, 3)), np.ones(4)))
"""
    )
    assert_right(text.format(b="0.5", db="np.sum(dz)"), "W", "b", "v")
    assert_wrong(text.format(b="np.zeros(2)", db="np.sum(dz)"), "db =", "GL107")
    assert_right(text.format(b="np.zeros(2)", db="np.sum(dz, axis=0)"), "W", "b", "v")


MINIMISED = (
    NUMPY
    + """
from scipy.optimize import minimize

def {cost}(theta, X, y, lam):
    m = y.size
    h = 1 / (1 + np.exp(-X.dot(theta)))
    return -(y @ np.log(h) + (1 - y) @ np.log(1 - h)) / m + lam / (2 * m) * np.sum(theta[1:] ** 2)

def {gradient}(theta, X, y, lam):
    m = y.size
    h = 1 / (1 + np.exp(-X.dot(theta)))
    grad = X.T @ (h - y) / m
    grad[1:] += lam * theta[1:] / m
    return grad

minimize({cost}, np.zeros(4), args=(load_X(), load_y(), 1.0), jac={gradient})
"""
)


@pytest.mark.parametrize(
    ("cost", "gradient"),
    [("cost", "gradient"), ("computeCost", "computeGradient"), ("loss_fn", "loss_grad"),
     ("costReg", "gradientReg"), ("objective", "jacobian")],
)  # fmt: skip
def test_a_cost_and_a_gradient_for_a_minimiser_belong_together(cost: str, gradient: str) -> None:
    text = MINIMISED.format(cost=cost, gradient=gradient)
    assert_right(text, "theta")
    assert_wrong(text.replace("theta[1:] / m\n    return grad", "theta[1:]\n    return grad"),
                 "grad[1:] +=", "GL103")  # fmt: skip


def test_a_cost_beside_the_gradient_of_another_is_left_alone() -> None:
    text = MINIMISED.format(cost="cost", gradient="gradient").replace("    grad[1:]", "    #")
    other = text.replace("gradient", "gradient_reg")
    assert report_of(other).verdict.value != "wrong"


NETWORK = (
    NUMPY
    + """
class Net:
    def __init__(self, size, hidden, classes, reg=0.1):
        self.reg = reg
        self.params = {{
            "W1": 0.1 * np.random.randn(size, hidden), "b1": np.zeros(hidden),
            "W2": 0.1 * np.random.randn(hidden, classes), "b2": np.zeros(classes),
        }}

    def loss(self, X, y=None):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        h = np.maximum(0, X @ W1 + b1)
        scores = h @ W2 + b2
        if y is None:
            return scores
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(y)), y]).mean()
        loss += 0.5 * self.reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
        d = p.copy()
        d[np.arange(len(y)), y] -= 1
        d /= len(y)
        grads = {{}}
        grads["W2"], grads["b2"] = h.T @ d + self.reg * W2, d.sum(axis=0)
        dh = d @ W2.T
        {mask}
        grads["W1"], grads["b1"] = X.T @ dh + self.reg * W1, dh.sum(axis=0)
        return loss, grads
"""
)


def test_a_network_hands_its_loss_and_gradients_to_a_solver_elsewhere() -> None:
    right = NETWORK.format(mask="dh[h <= 0] = 0")
    assert_right(right, "self.params['W1']", "self.params['b1']", "self.params['W2']")
    assert_wrong(NETWORK.format(mask="pass"), "dh = d @ W2.T", "GL111")


TIMED = (
    NUMPY
    + """
def sequence_loss(x, y, mask):
    N, T, V = x.shape
    flat, labels, kept = x.reshape(N * T, V), y.reshape(N * T), mask.reshape(N * T)
    p = np.exp(flat - flat.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.sum(kept * np.log(p[np.arange(N * T), labels])) / N
    dx = p.copy()
    dx[np.arange(N * T), labels] -= 1
    dx *= kept[:, None] / N
    return loss, dx.reshape(N, T, V)
"""
)


def test_targets_that_are_laid_flat_beside_the_scores_have_the_axes_of_these() -> None:
    assert_right(TIMED, "x")
    unmasked = report_of(TIMED.replace("dx *= kept[:, None] / N", "dx /= N"))
    assert unmasked.verdict.value in ("wrong", "suspect")


LOGISTIC = (
    NUMPY
    + """
def logistic(w, x, y):
    p = 1 / (1 + np.exp(-x @ w))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    dw = x.T @ (p - y) / len(y)
    return loss, dw
"""
)


def test_weights_of_one_unit_are_a_vector_where_that_makes_a_mean_right() -> None:
    assert_right(LOGISTIC, "w")
    squared = LOGISTIC.replace("1 / (1 + np.exp(-x @ w))", "x @ w").replace(
        "(p - y) / len", "(p - y) * 2 / len"
    )
    squared = squared.replace(
        "-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))", "np.mean((p - y) ** 2)"
    )
    assert_right(squared, "w")


def test_weights_that_are_called_a_matrix_are_one() -> None:
    matrix = LOGISTIC.replace("w)", "W)").replace("(w,", "(W,").replace("dw", "dW")
    assert {code for code, _ in problems(report_of(matrix))} == {"GL103"}


def test_what_is_wrong_for_a_vector_too_is_told() -> None:
    assert problems(report_of(LOGISTIC.replace("(p - y) /", "(y - p) /")))
    assert problems(report_of(LOGISTIC.replace(" / len(y)", "")))
