"""Forward and backward functions: how they find each other, and what is made for them."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of
from .judging import NUMPY, assert_right, assert_silent, assert_wrong, rows

AFFINE = (
    NUMPY
    + """
class Kept:
    pass


def {forward}(x, w, b):
    out = x @ w + b
    {keep}
    return out, cache


def {backward}(dout, cache):
    {read}
    dx = dout @ w.T
    dw = x.T @ dout
    db = dout.sum(axis=0)
    return {results}
"""
)


def affine(
    forward: str = "affine_forward",
    backward: str = "affine_backward",
    keep: str = "cache = (x, w)",
    read: str = "x, w = cache",
    results: str = "dx, dw, db",
) -> str:
    return AFFINE.format(forward=forward, backward=backward, keep=keep, read=read, results=results)


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        ("affine_forward", "affine_backward"),
        ("linear", "linear_backward"),
        ("forward", "backward"),
        ("fc_fwd", "fc_bwd"),
        ("forward_dense", "backward_dense"),
        ("dense_fprop", "dense_bprop"),
        ("linearForward", "linearBackward"),
        ("affine_forward", "affine_backward_alt"),
    ],
)
def test_a_pair_is_found_by_its_names(forward: str, backward: str) -> None:
    assert_right(affine(forward, backward), "x", "w", "b")


@pytest.mark.parametrize(
    ("keep", "read"),
    [
        ("cache = x, w", "x, w = cache"),
        ("cache = {'x': x, 'w': w}", "x, w = cache['x'], cache['w']"),
        ("cache = [x, w]", "w = cache.pop(); x = cache.pop()"),
        ("cache = dict(x=x, w=w)", "x = cache.get('x'); w = cache.get('w')"),
        ("cache = Kept(); cache.x, cache.w = x, w", "x, w = cache.x, cache.w"),
    ],
)
def test_a_cache_may_be_a_tuple_a_dictionary_a_list_or_an_object(keep: str, read: str) -> None:
    assert_right(affine(keep=keep, read=read), "x", "w", "b")


@pytest.mark.parametrize("results", ["db, dw, dx", "dw, dx, db", "dx, db, dw"])
def test_names_say_which_gradient_is_of_what_whatever_their_order(results: str) -> None:
    assert_right(affine(results=results), "x", "w", "b")


def test_a_dictionary_of_gradients_is_read_by_its_keys() -> None:
    assert_right(affine(results="{'dw': dw, 'db': db, 'dx': dx}"), "x", "w", "b")


def test_gradients_without_names_are_taken_in_the_order_of_the_inputs() -> None:
    results = "dout @ w.T, x.T @ dout, dout.sum(axis=0)"
    assert_right(affine(results=results), "x", "w", "b")


@pytest.mark.parametrize(
    ("written", "slip", "codes"),
    [
        ("dw = x.T @ dout", "dw = -x.T @ dout", ("GL102",)),
        ("db = dout.sum(axis=0)", "db = dout.mean(axis=0)", ("GL103", "GL107")),
        ("db = dout.sum(axis=0)", "db = dout", ("GL107",)),
        ("dx = dout @ w.T", "dx = 2 * dout @ w.T", ("GL113",)),
    ],
)
def test_a_slip_in_a_pair_is_named_and_mended(
    written: str, slip: str, codes: tuple[str, ...]
) -> None:
    assert_wrong(affine().replace(written, slip), slip, *codes)


def test_the_other_gradients_of_a_wrong_pair_are_told_as_right() -> None:
    found = rows(affine().replace("dw = x.T @ dout", "dw = -x.T @ dout"))
    assert found == {"x": "equal", "w": "opposite", "b": "equal"}


def test_two_outputs_take_a_cotangent_each() -> None:
    text = (
        NUMPY
        + """
def split_forward(x):
    s, c = np.sin(x), np.cos(x)
    return s, c, (s, c)

def split_backward(ds, dc, cache):
    s, c = cache
    return ds * c {sign} dc * s
"""
    )
    assert_right(text.format(sign="-"), "x")
    assert_wrong(text.format(sign="+"), "return ds * c", "GL102", "GL114")


def test_a_backward_pass_may_take_the_inputs_again() -> None:
    text = (
        NUMPY
        + """
def mul_forward(x, y):
    return x * y

def mul_backward(dout, x, y):
    dx = dout * {left}
    dy = dout * x
    return dx, dy
"""
    )
    assert_right(text.format(left="y"), "x", "y")
    assert_wrong(text.format(left="x"), "dx = dout * x", "GL101")


@pytest.mark.parametrize(("reads", "slope"), [("out", "out * (1 - out)"), ("y", "y * (1 - y)")])
def test_a_backward_pass_may_take_the_output(reads: str, slope: str) -> None:
    text = (
        NUMPY
        + f"""
def sigmoid_forward(x):
    return 1 / (1 + np.exp(-x))

def sigmoid_backward(grad, {reads}):
    return grad * {slope}
"""
    )
    assert_right(text, "x")


COURSE = (
    NUMPY
    + """
def forward_propagation(X, parameters):
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    A1 = np.tanh(np.dot(W1, X) + b1)
    A2 = 1 / (1 + np.exp(-(np.dot(W2, A1) + b2)))
    cache = {"A1": A1, "A2": A2}
    return A2, cache
{cost}

def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (1 - A1 ** 2)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
"""
)
COST = """
def compute_cost({out}, Y):
    return -np.sum(Y * np.log({out}) + (1 - Y) * np.log(1 - {out})) / Y.shape[1]
"""


@pytest.mark.parametrize("cost", ["", COST.format(out="A2"), COST.format(out="AL")])
def test_a_backward_pass_without_cotangent_begins_at_the_loss_of_its_module(cost: str) -> None:
    assert_right(COURSE.replace("{cost}", cost), "parameters['W1']", "parameters['b2']")


def test_the_loss_of_the_module_shows_a_slip_in_the_hidden_layer() -> None:
    text = COURSE.replace("{cost}", COST.format(out="A2")).replace("(1 - A1 ** 2)", "(1 - A1)")
    assert_wrong(text, "* (1 - A1)", "GL105", "GL114")


LATE = (
    affine()
    .replace("dw = x.T @ dout", "dw = x.T @ dout / dout.shape[0]")
    .replace("db = dout.sum(axis=0)", "db = dout.mean(axis=0)")
)
MEAN = """

def mse_loss(y, t):
    return np.mean((y - t) ** 2)
"""


def test_a_mean_that_is_taken_late_is_never_an_error() -> None:
    found = report_of(LATE)
    assert {finding.severity.value for finding in found.findings} <= {"note", "warning"}


def test_a_mean_that_is_taken_late_is_a_note_beside_a_loss_that_is_a_mean() -> None:
    found = report_of(LATE + MEAN)
    assert {finding.severity.value for finding in found.findings} == {"note"}
    assert found.verdict.value == "correct"


def test_a_cotangent_that_is_handed_on_is_not_judged() -> None:
    text = (
        NUMPY
        + """
def softmax_forward(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    out = e / e.sum(axis=1, keepdims=True)
    return out, out

def softmax_backward(dout, cache):
    return dout
"""
    )
    found = report_of(text)
    assert (found.verdict.value, found.findings) == ("unverified", ())
    assert "hands on" in (found.reason or "")


def test_a_gradient_that_cannot_be_read_is_never_called_correct() -> None:
    text = affine(results="dx, mystery_library.scale(dw), db").replace(
        "import numpy as np", "import numpy as np\nimport mystery_library"
    )
    assert report_of(text).verdict.value == "unverified"


def test_functions_without_a_partner_are_nothing_to_judge() -> None:
    assert_silent(NUMPY + "def go_back(x):\n    return x[::-1]\n\n\ndef go(x):\n    return x * 2\n")


def test_a_line_that_is_wrong_in_no_usual_way_is_written_from_what_is_handed_in() -> None:
    found = report_of(
        """\
        import numpy as np

        def affine_forward(x, w):
            out = x.dot(w)
            return out, (x, w)

        def affine_backward(dout, cache):
            x, w = cache
            dx = np.tanh(dout.dot(w.T))
            dw = x.T.dot(dout)
            return dx, dw
        """
    )
    (wrong,) = found.findings
    assert (wrong.code, wrong.span.line, wrong.expected) == ("GL199", 9, "dx = dout.dot(w.T)")
    assert wrong.fix is not None and wrong.fix.verified


def test_a_name_that_is_another_tensor_in_the_backward_pass_is_not_told_as_what_belongs_there() -> (
    None
):
    found = report_of(
        """\
        import numpy as np

        def exp_forward(z):
            result = np.exp(z)
            return result, z

        def exp_backward(dout, cache):
            result = cache
            return dout * result
        """
    )
    assert all(finding.expected is None or "dout * result" not in finding.expected
               for finding in found.findings)  # fmt: skip


def test_what_is_derived_for_the_only_gradient_is_a_guess() -> None:
    found = report_of(
        """\
        import numpy as np

        def act_forward(z):
            out = np.sin(z)
            return out, z

        def act_backward(dout, cache):
            z = cache
            dz = dout * z ** 5
            return dz
        """
    )
    assert [finding.severity.value for finding in found.findings] == ["warning"]


SHIFTED = (
    NUMPY
    + """
def shift_forward(x, pad):
    padded = np.pad(x, ((pad, pad), (pad, pad)))
    return 3.0 * padded, pad

def shift_backward(dout, pad):
    dx_padded = 3.0 * dout
    dx = dx_padded[pad:-pad, pad:-pad]
    return dx
"""
)


def test_a_border_that_is_cut_off_is_tried_where_there_is_one() -> None:
    assert_right(SHIFTED, "x")
    assert_wrong(SHIFTED.replace("3.0 * dout", "-3.0 * dout"), "-3.0 * dout", "GL102", "GL111")


def test_a_gradient_that_is_empty_at_the_sizes_tried_is_not_judged() -> None:
    text = SHIFTED.replace("    padded = np", "    pad = 0\n    padded = np")
    found = report_of(text.replace("    dx_padded =", "    pad = 0\n    dx_padded ="))
    assert (found.verdict.value, problems(found)) == ("unverified", [])
    assert "empty" in (found.reason or "")


def test_functions_that_make_data_for_a_test_are_no_backward_pass() -> None:
    found = report_of(
        NUMPY
        + """
def affine_forward_test_case():
    return np.random.randn(3, 4), np.random.randn(4, 2)

def affine_backward_test_case():
    dout = np.random.randn(3, 2)
    return dout, affine_forward_test_case()

def gradients_to_vector(gradients):
    return np.concatenate([gradients[key].reshape(-1) for key in ("dW1", "db1")])
"""
    )
    assert found.verdict.value == "not-applicable"


NORM = (
    NUMPY
    + """
def norm_forward(x, gamma, beta):
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + 1e-5)
    return gamma * x_hat + beta, (x_hat, gamma, var)


def norm_backward(dout, cache):
    x_hat, gamma, var = cache
    dgamma = {dgamma}
    dbeta = np.sum(dout, axis=0)
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / np.sqrt(var + 1e-5)
    return dx, dgamma, dbeta
"""
)


def test_the_gain_of_each_unit_has_a_gradient_for_each_unit() -> None:
    assert_right(NORM.format(dgamma="np.sum(dout * x_hat, axis=0)"), "x", "gamma", "beta")
    assert_wrong(NORM.format(dgamma="np.sum(dout * x_hat)"), "dgamma =", "GL107")


@pytest.mark.parametrize("name", ["beta", "gamma", "t", "scale", "b"])
def test_a_factor_whose_gradient_is_one_number_is_one_number(name: str) -> None:
    """Its name may say a vector, but nothing is added to each unit here."""
    swish = (
        NUMPY
        + """
def swish_forward(x, beta):
    gate = 1 / (1 + np.exp(-beta * x))
    return x * gate, (x, gate, beta)


def swish_backward(dout, cache):
    x, gate, beta = cache
    dx = dout * (gate + beta * x * gate * (1 - gate))
    dbeta = np.sum(dout * x * x * gate * (1 - gate))
    return dx, dbeta
"""
    ).replace("beta", name)
    assert_right(swish, "x", name)
    assert_wrong(swish.replace("x * x *", "x *"), f"d{name} =", "GL118")


ATTENTION = (
    NUMPY
    + """
def attend_forward(q, k, v):
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
    e = np.exp(scores - scores.max(-1, keepdims=True))
    a = e / e.sum(-1, keepdims=True)
    return a @ v, (q, k, v, a)


def attend_backward(dout, cache):
    q, k, v, a = cache
    dv = a.transpose(0, 2, 1) @ dout
    da = dout @ v.transpose(0, 2, 1)
    ds = {slope} / np.sqrt(q.shape[-1])
    dq = ds @ k
    dk = ds.transpose(0, 2, 1) @ q
    return dq, dk, dv
"""
)


def test_what_is_multiplied_by_a_batch_of_matrices_is_a_batch() -> None:
    assert_right(
        ATTENTION.format(slope="a * (da - (da * a).sum(-1, keepdims=True))"), "q", "k", "v"
    )
    assert report_of(ATTENTION.format(slope="a * (1 - a) * da")).verdict.value == "wrong"


def test_a_slope_with_a_default_makes_no_loss_of_an_activation() -> None:
    text = (
        NUMPY
        + """
def leaky_relu(z, slope=0.01):
    return np.where(z > 0, z, slope * z)

def leaky_relu_backward(dout, z, slope=0.01):
    return dout * np.where({test}, 1.0, slope)
"""
    )
    assert_right(text.format(test="z > 0"))
    assert report_of(text.format(test="z < 0")).verdict.value == "wrong"


WINDOWS = (
    NUMPY
    + """
def conv_forward(images, W, b, how):
    n, high, wide, channels = images.shape
    f, f, channels, filters = W.shape
    step, margin = how["stride"], how["pad"]
    out = np.zeros((n, (high - f + 2 * margin) // step + 1, (wide - f + 2 * margin) // step + 1, filters))
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            top, left = i * step, j * step
            for c in range(filters):
                window = padded[:, top:top + f, left:left + f, :]
                out[:, i, j, c] = np.sum(window * W[..., c], axis=(1, 2, 3)) + b[0, 0, 0, c]
    return out, (images, W, b, how)

def conv_backward(dout, cache):
    images, W, b, how = cache
    f, f, channels, filters = W.shape
    step, margin = how["stride"], how["pad"]
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    dpadded, dW, db = np.zeros_like(padded), np.zeros_like(W), np.zeros_like(b)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * step, j * step
            for c in range(filters):
                at = dout[:, i, j, c].reshape(-1, 1, 1, 1)
                window = padded[:, top:top + f, left:left + f, :]
                dpadded[:, top:top + f, left:left + f, :] += W[..., c] * at
                dW[..., c] += np.sum(window * at, axis=0)
                db[..., c] += at.sum()
    return dpadded[:, margin:-margin, margin:-margin, :], dW, db
"""
)


def test_a_kernel_whose_channels_are_last_keeps_its_stride_and_its_margin() -> None:
    assert_right(WINDOWS, "images", "W", "b")


FROM_A_COST = (
    NUMPY
    + """
def forward(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A = 1 / (1 + np.exp(-Z2))
    return A, (X, A1)


def compute_cost(AL, Y):
    return -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / Y.shape[1]


def backward(AL, Y, cache, parameters):
    X, A1 = cache
    m = Y.shape[1]
    dZ2 = AL - Y
    dZ1 = parameters["W2"].T @ dZ2 * {slope}
    return {{"dW2": dZ2 @ A1.T / m, "dW1": dZ1 @ X.T / m}}
"""
)


def test_the_prediction_that_a_backward_pass_compares_with_targets_is_no_cotangent() -> None:
    assert_right(FROM_A_COST.format(slope="(1 - A1**2)"))
    assert_wrong(FROM_A_COST.format(slope="(1 - A1)"), "dZ1 =", "GL105")


RANKS_EXCHANGED = (
    NUMPY
    + """
def mix_forward(x, w, b):
    out = np.tanh(b @ b.T) @ np.outer(x, w.ravel())
    return out, (x, w, b)


def mix_backward(dout, cache):
    x, w, b = cache
    (n,) = w.shape
    dx = np.tanh(b @ b.T) @ dout @ w
    dw = 2 * dout.T @ x
    return dx, dw
"""
)


def test_nothing_is_said_at_sizes_that_were_not_meant_a_vector_of_weights_a_matrix_of_bias() -> (
    None
):
    report = report_of(RANKS_EXCHANGED)
    assert (report.verdict.value, problems(report)) == ("unverified", [])
    assert report.reason == "no sizes were found at which w and b fit"
