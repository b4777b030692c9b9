"""What a script says is a gradient: the parameter, the name, the rate, and which loss it is of."""

from __future__ import annotations

import numpy as np
import pytest

from gradlint.claims import Claim
from gradlint.claims.names import gradient_of, says_loss, says_rate
from gradlint.model import Verdict

from ..analysing import report_of, subject_of

HEAD = """\
import numpy as np
X, y, w = np.random.randn(40, 3), np.random.randn(40), np.zeros(3)
lr, m = 0.25, 40
for t in range(1, 100):
    e = X @ w - y
    loss = 0.5 * np.sum(e ** 2)
    g = X.T @ e
"""


def _claim(step: str, before: str = "") -> Claim:
    head, loop, body = HEAD.partition("for t")
    lines = "".join(f"    {line}\n" for line in step.splitlines())
    (claim,) = subject_of(f"{head}{before}{loop}{body}{lines}").case.claims
    return claim


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        pytest.param("w -= lr * g", 0.25, id="a named rate"),
        pytest.param("w -= 0.125 * g", 0.125, id="a rate in numbers"),
        pytest.param("w = w - g * lr", 0.25, id="the rate on the right"),
        pytest.param("w += -lr * g", 0.25, id="the minus at the rate"),
        pytest.param("step = lr * g\nw -= step", 0.25, id="the rate inside a named step"),
        pytest.param("w -= g", 1.0, id="no rate"),
        pytest.param(
            "w -= 0.125 * (X.T @ e + 0.02 * w)", 0.125, id="not the strength of a penalty"
        ),
        pytest.param("w -= 0.125 * (g + 0.02 * w)", 0.125, id="nor that beside a name"),
        pytest.param("w -= 0.125 * (X.T @ e) + 0.125 * 3 * w", 0.125, id="a rate in every term"),
    ],
)
def test_the_rate_is_told_from_the_gradient(step: str, rate: float) -> None:
    claim = _claim(step)
    assert claim.rate == pytest.approx(rate)
    assert claim.place == "w"


def test_the_gradient_is_called_by_its_name_and_line() -> None:
    claim = _claim("w -= lr * g")
    assert (claim.name, claim.line) == ("g", 7)


@pytest.mark.parametrize(
    ("step", "shrunk"),
    [
        pytest.param("w *= 1 - lr * 0.02\nw -= lr * g", 0.02, id="before the step"),
        pytest.param("w -= lr * g\nw *= 1 - lr * 0.02", 0.02, id="after it"),
        pytest.param("w -= lr * 0.02 * w\nw -= lr * g", 0.02, id="as a difference"),
        pytest.param("w -= lr * g", 0.0, id="not at all"),
        pytest.param("w = (1 - lr * 0.02) * w - lr * g", 0.0, id="in the same statement"),
        pytest.param("w -= lr * g\nlr *= 0.99", 0.0, id="of the rate"),
    ],
)
def test_weight_decay_may_be_a_statement_of_its_own(step: str, shrunk: float) -> None:
    claim = _claim(step)
    assert claim.place == "w"
    assert claim.shrunk == pytest.approx(shrunk)


def test_a_gradient_without_a_name_is_the_step() -> None:
    assert _claim("w -= lr * (X.T @ e)").name == "step of w"


@pytest.mark.parametrize(
    ("before", "step"),
    [
        pytest.param("v = np.zeros(3)\n", "v = 0.9 * v + g\nw -= lr * v", id="momentum"),
        pytest.param(
            "v = np.zeros(3)\n", "v = 0.9 * v - lr * g\nw += v", id="momentum with its rate"
        ),
        pytest.param(
            "c = np.zeros(3)\n", "c += g * g\nw -= lr * g / (np.sqrt(c) + 1e-8)", id="Adagrad"
        ),
        pytest.param(
            "a, c = np.zeros(3), np.zeros(3)\n",
            "a = 0.9 * a + 0.1 * g\nc = 0.99 * c + 0.01 * g ** 2\n"
            "w -= lr * a / (1 - 0.9 ** t) / (np.sqrt(c / (1 - 0.99 ** t)) + 1e-8)",
            id="Adam",
        ),
    ],
)
def test_the_gradient_is_seen_through_the_optimiser(before: str, step: str) -> None:
    claim = _claim(step, before)
    assert (claim.name, claim.through_optimiser) == ("g", True)


def test_the_value_of_a_claim_is_the_direction_of_descent() -> None:
    up, down = _claim("w += lr * g"), _claim("w -= lr * g")
    np.testing.assert_allclose(up.value, -down.value)


@pytest.mark.parametrize(
    ("text", "loss"),
    [
        pytest.param(HEAD + "    w -= lr * g\n", "loss", id="written under its name"),
        pytest.param(HEAD.replace("loss =", "J =") + "    w -= lr * g\n", "J", id="written as J"),
        pytest.param(HEAD.replace("    loss = 0.5 * np.sum(e ** 2)\n", "") + "    w -= lr * g\n",
                     "half the sum of squared errors", id="inferred from the error"),
        pytest.param(HEAD.replace("loss = 0.5 * np.sum(e ** 2)", "print(0.5 * np.sum(e ** 2))")
                     + "    w -= lr * g\n", "loss", id="printed without a name"),
        pytest.param(HEAD.replace("loss = 0.5 * np.sum(e ** 2)", "error = np.abs(e).mean()")
                     + "    w -= lr * g\n", "half the sum of squared errors", id="beside a metric"),
    ],
)  # fmt: skip
def test_the_loss_is_the_one_that_is_descended(text: str, loss: str) -> None:
    assert [gradient.loss for gradient in report_of(text).gradients] == [loss]


@pytest.mark.parametrize(
    ("error", "loss"),
    [
        ("e", "half the sum of squared errors"), ("2 * e", "the sum of squared errors"),
        ("2 / e.size * e", "the mean of squared errors"), ("e / e.size", "half the mean of squared errors"),
        ("e / len(e)", "half the sum of squared errors, averaged over the rows"),
        ("e / e.shape[1] * 2", "the sum of squared errors, averaged over the columns"),
    ],
)  # fmt: skip
def test_a_loss_that_nobody_wrote_is_the_sum_or_mean_that_is_descended(
    error: str, loss: str
) -> None:
    text = (
        "import numpy as np\nx, y = np.random.randn(9, 3), np.random.randn(9, 5)\n"
        "w = np.random.randn(3, 5)\nlr = 0.01\nfor step in range(50):\n    e = x @ w - y\n"
        f"    g = x.T @ ({error})\n    w -= lr * g\n"
    )
    (row,) = report_of(text).gradients
    assert (row.static.value, row.loss) == ("equal", loss)


@pytest.mark.parametrize("name", ["loss", "total_loss", "J", "mse", "cost", "self.loss", "error"])
def test_names_of_losses(name: str) -> None:
    assert says_loss(name)


@pytest.mark.parametrize("name", ["learning_rate", "lr", "alpha", "eta", "step_size", "self.lr"])
def test_names_of_rates(name: str) -> None:
    assert says_rate(name) and not says_loss(name)


@pytest.mark.parametrize(
    ("name", "of"),
    [("grad_w1", "w1"), ("dW1", "W1"), ("w1_grad", "w1"), ("grads['W1']", None), ("hidden", None)],
)
def test_names_of_gradients(name: str, of: str | None) -> None:
    assert gradient_of(name) == of


CARRIED = """\
import numpy as np
Wx, Wh, b = np.random.randn(4, 3), np.random.randn(4, 4), np.zeros((4, 1))
xs, target = np.random.randn(3, 3, 1), np.random.randn(4, 1)
h0 = np.zeros((4, 1))
for step in range(20):
    hs = {-1: h0}
    for t in range(3):
        hs[t] = np.tanh(Wx @ xs[t] + Wh @ hs[t - 1] + b)
    loss = 0.5 * np.sum((hs[2] - target) ** 2)
    dWx, dWh, db, dh = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b), hs[2] - target
    for t in reversed(range(3)):
        dz = (1 - hs[t] * hs[t]) * dh
        dWx += dz @ xs[t].T
        dWh += dz @ hs[t - 1].T
        db += dz
        dh = Wh.T @ dz
    Wx -= 0.1 * dWx
    Wh -= 0.1 * dWh
    b -= 0.1 * db
    h0 = hs[2]
    print(loss)
"""


def test_a_hidden_state_that_is_carried_on_is_no_optimiser_state() -> None:
    claims = {claim.place: claim for claim in subject_of(CARRIED).case.claims}
    assert (claims["b"].name, claims["b"].through_optimiser) == ("db", False)
    assert report_of(CARRIED).verdict is Verdict.CORRECT


@pytest.mark.parametrize(
    ("bounds", "verdict"),
    [
        pytest.param("-1, 1", "correct", id="around zero"),
        pytest.param("-0.5, None", "correct", id="below alone"),
        pytest.param("1, 1", "wrong", id="both the same"),
        pytest.param("0.5, 2", "wrong", id="both above zero"),
    ],
)
def test_a_clip_is_looked_through_where_its_bounds_lie_around_zero(
    bounds: str, verdict: str
) -> None:
    found = report_of(f"{HEAD}    w -= lr * np.clip(g, {bounds})\n")
    assert found.verdict is Verdict(verdict), found.reason
