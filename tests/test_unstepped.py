"""Scripts that work out gradients and take no step."""

from __future__ import annotations

import pytest

from .analysing import problems, report_of

EXERCISE = """
import numpy as np
np.random.seed(2)
x, t = np.random.randn(6, 3), np.random.randn(6, 2)
W1, b1 = np.random.randn(3, 5), np.zeros(5)
W2, b2 = np.random.randn(5, 2), np.zeros(2)
z1 = x @ W1 + b1
h = np.maximum(z1, 0)
out = h @ W2 + b2
loss = 0.5 * np.sum((out - t) ** 2)

dout = {dout}
dW2 = {dW2}
db2 = dout.sum(axis=0)
dh = dout @ W2.T
dh[z1 <= 0] = 0
dW1 = x.T @ dh
db1 = dh.sum(axis=0)
print(dW1, db1, dW2, db2)
"""


def exercise(dout: str = "out - t", dW2: str = "h.T @ dout") -> str:
    return EXERCISE.format(dout=dout, dW2=dW2)


def test_gradients_are_held_against_the_loss_by_their_names() -> None:
    found = report_of(exercise())
    assert found.verdict.value == "correct" and problems(found) == []
    assert {row.of for row in found.gradients} == {"W1", "b1", "W2", "b2"}


def test_a_gradient_that_was_changed_in_place_is_that_of_something_else() -> None:
    """`dh` becomes the gradient of `z1`, under the name of `h`."""
    assert "h" not in {row.of for row in report_of(exercise()).gradients}


@pytest.mark.parametrize(
    ("wrong", "line", "code"),
    [
        ({"dW2": "z1.T @ dout"}, "dW2 =", "GL101"),
        ({"dout": "t - out"}, "dout =", "GL102"),
        ({"dout": "(out - t) * out"}, "dout =", "GL199"),
    ],
)
def test_the_wrong_line_is_named(wrong: dict[str, str], line: str, code: str) -> None:
    text = exercise(**wrong)
    found = report_of(text)
    assert found.verdict.value == "wrong"
    ((said, number),) = problems(found)
    assert said == code or code == "GL199"
    assert line in text.lstrip("\n").splitlines()[number - 1]


def test_names_may_differ_in_capitals() -> None:
    text = exercise().replace("dW1", "dw1").replace("dW2", "dw2")
    assert {"W1", "W2"} <= {row.of for row in report_of(text).gradients}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("import numpy as np\nx = np.linspace(0, 1, 9)\ndx = np.gradient(x)\nprint(dx)\n",
                     id="differences of a grid"),
        pytest.param("import numpy as np\nx = np.random.randn(9)\ndx = np.random.randn(9)\nx2 = x + dx\n"
                     "loss = np.sum(x2 ** 2)\nprint(loss)\n", id="a displacement"),
        pytest.param("import numpy as np\nx, y = np.random.randn(2, 9)\ndx, dy = y - x, x * (1 - y)\n"
                     "error = np.mean((x - y) ** 2)\nprint(error, dx, dy)\n", id="a flow"),
        pytest.param("import numpy as np\nw = np.random.randn(3)\ngrad_w = np.zeros(3)\n"
                     "loss = np.sum(w ** 2)\nprint(loss)\n", id="a place kept for a gradient"),
    ],
)  # fmt: skip
def test_what_is_only_named_like_a_gradient_is_none(text: str) -> None:
    found = report_of(text)
    assert found.verdict.value == "not-applicable" and problems(found) == []


def test_numbers_of_a_gradient_checker_are_no_gradients_of_its_own() -> None:
    """A finite difference is right where it is close: it is compared with nothing here."""
    text = (
        exercise()
        + """
def value(W):
    return 0.5 * np.sum((np.maximum(x @ W + b1, 0) @ W2 + b2 - t) ** 2)

num_dW1 = np.zeros_like(W1)
for i in range(3):
    for j in range(5):
        E = np.zeros_like(W1)
        E[i, j] = 1e-6
        num_dW1[i, j] = (value(W1 + E) - value(W1 - E)) / 2e-6
print(np.abs(num_dW1 - dW1).max())
"""
    )
    found = report_of(text)
    assert found.verdict.value == "correct" and problems(found) == []


CENTRED = """
import numpy as np
x, y = np.random.randn(30, 5), np.random.randn(30, 2)
W1, b1, W2 = np.random.randn(5, 8), np.random.randn(8), np.random.randn(8, 2)
z = x @ W1 + b1
h = np.tanh(z - z.mean(axis=0))
out = h @ W2
loss = np.sum((out - y) ** 2)
dout = 2 * (out - y)
dW2 = h.T @ dout
dc = (dout @ W2.T) * (1 - h ** 2)
dz = dc
dz = dz - {mean}
dW1 = x.T @ dz
db1 = dz.sum(axis=0)
"""


def test_a_gradient_that_is_made_anew_from_itself_is_no_parameter_that_moves() -> None:
    found = report_of(CENTRED.format(mean="dc.sum(axis=0) / 30"))
    assert found.verdict.value == "correct" and problems(found) == []
    assert {row.of for row in found.gradients} == {"W1", "b1", "W2"}


def test_a_mistake_in_a_gradient_that_is_made_anew_from_itself_is_found() -> None:
    found = report_of(CENTRED.format(mean="dc.sum(axis=0)"))
    assert problems(found) == [("GL103", 12)]
