"""Data that are not there become inputs of the kind that their use says; what is computed does not."""

from __future__ import annotations

import pytest

from ..analysing import last_value, reason, report_of, trace_of

HEAD = "import numpy as np\n"


@pytest.mark.parametrize(
    ("script", "shape"),
    [
        pytest.param("a = np.loadtxt('a.csv') + 1", (14, 17), id="an array by default"),
        pytest.param("a = np.load('a.npy')\na = a @ np.ones((7, 2))", (14, 2), id="a factor"),
        pytest.param("import pickle\nx, y = pickle.load(f)\na = x + 0", (14, 17), id="one of two"),
        pytest.param("import pickle\nd = pickle.load(f)\na = d[1] + 0", (14, 17), id="a part by its number"),
        pytest.param("import pickle\nd = pickle.load(f)\na = d[3] @ np.ones(7)", (14,), id="one of four"),
        pytest.param(
            "x = np.load('x.npy')\na = np.ones((3, 785)) @ np.append(x[0], 1)", (3,), id="a row and one more",
        ),
        pytest.param("a = np.ones(784 + 1)", (4,), id="a small size for a sum of literals"),
        pytest.param("import lib\na = lib.get_data('train') * 2", (14, 17), id="an unknown library"),
        pytest.param(
            "from keras.datasets import mnist\n(a, b), (c, d) = mnist.load_data()\n"
            "a = a.reshape(100, 784) / 255",
            (3, 5), id="images as many as are asked for",
        ),
        pytest.param(
            "from sklearn.datasets import load_iris\na = np.eye(3)[load_iris().target]", (14, 3),
            id="labels below the number of classes",
        ),
        pytest.param(
            "from sklearn.datasets import load_iris as l\nfrom sklearn.model_selection import "
            "train_test_split\nd = l()\na, b, c, e = train_test_split(d.data, d.target)",
            (11, 17), id="a part of the rows",
        ),
    ],
)  # fmt: skip
def test_data_have_the_shape_that_their_use_asks_for(script: str, shape: tuple[int, ...]) -> None:
    assert last_value(trace_of(HEAD + script), "a").shape == shape


def test_inputs_and_targets_of_a_data_set_have_as_many_rows() -> None:
    trace = trace_of("from sklearn import datasets\nx, y = datasets.make_moons(500)\na = x.T @ y")
    assert last_value(trace, "a").shape == (2,)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        pytest.param("lib.run(x)", "lib.run() is not known to gradlint", id="of a tensor"),
        pytest.param("lib.gradients()", "lib.gradients() is not known", id="called a gradient"),
        pytest.param("np.frobnicate()", "numpy.frobnicate() is not known", id="of a known library"),
        pytest.param("lib.fit([x])", "lib.fit() is not known", id="of tensors in a list"),
    ],
)
def test_what_may_be_computed_is_no_data(call: str, told: str) -> None:
    trace = trace_of(f"{HEAD}import lib\nx = np.random.randn(4, 3)\na = {call}\nb = a + 1\n")
    assert told in reason(trace, "b")[0]


def test_a_text_is_read_as_characters() -> None:
    trace = trace_of(
        "import numpy as np\ntext = open('book.txt').read()\nchars = sorted(list(set(text)))\n"
        "index = {c: i for i, c in enumerate(chars)}\n"
        "a = np.zeros((len(chars), 1))\na[index[text[3]]] = 1\n"
    )
    assert last_value(trace, "a").sum() == 1


_SOFTMAX = """
import numpy as np
X = np.load("x.npy")
labels = np.load("labels.npy")
W = np.random.randn(X.shape[1], labels.shape[1])
for _ in range(100):
    e = np.exp(X @ W)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(labels * np.log(p))
    dW = X.T @ ({delta})
    W -= 0.1 * dW
"""


@pytest.mark.parametrize(
    ("delta", "verdict"),
    [
        pytest.param("p - labels", "correct", id="right for rows that sum to one"),
        pytest.param("labels - p", "wrong", id="right for no rows"),
    ],
)
def test_targets_are_supposed_to_be_what_a_softmax_needs(delta: str, verdict: str) -> None:
    assert report_of(_SOFTMAX.replace("{delta}", delta)).verdict.value == verdict


@pytest.mark.parametrize(
    ("dw", "verdict"),
    [
        pytest.param("2 * X.T @ (p - y) / len(y)", "correct", id="right"),
        pytest.param(
            "2 * X.T @ p / len(y)", "wrong", id="right for targets at right angles to inputs"
        ),
    ],
)
def test_inputs_and_targets_in_one_table_are_any_numbers(dw: str, verdict: str) -> None:
    found = report_of(f"""
import numpy as np
rows = np.loadtxt("rows.csv", delimiter=",")
X, y = rows[:, :-1], rows[:, -1]
w = np.zeros(X.shape[1])
for epoch in range(100):
    p = X @ w
    loss = np.mean((p - y) ** 2)
    w -= 0.1 * ({dw})
""")
    assert found.verdict.value == verdict


def test_numbers_of_an_array_are_keys_of_a_dictionary() -> None:
    trace = trace_of(
        HEAD
        + "classes = np.unique(np.array([2, 0, 2]))\nat = {c: i for i, c in enumerate(classes)}\n"
        "a = np.array([at[c] for c in classes])"
    )
    assert last_value(trace, "a").tolist() == [0, 1]
