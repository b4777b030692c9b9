"""Data of a script: read where they are, missed in one line, and made where the user wants it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradlint.model import Agreement
from tests.harness.conftest import Confirm

ROWS = """
import numpy as np

rows = np.loadtxt("rows.csv", delimiter=",")
x, y = rows[:, :2], rows[:, 2]
w = np.zeros(2)
for epoch in range(10):
    error = x.dot(w) - y
    loss = np.mean(error ** 2)
    grad = 2 * x.T.dot(error) / len(y)
    w -= 0.01 * grad
"""
TABLE = """
import numpy as np
import pandas as pd

table = pd.read_csv("table.csv")
table = table.dropna()
x = table[["age", "size"]].values
y = table["price"].to_numpy() + 0 * table.iloc[:, -1].values
w, b = np.zeros(2), 0.0
for epoch in range(10):
    error = x.dot(w) + b - y
    loss = np.mean(error ** 2)
    dw = 2 * x.T.dot(error) / len(y)
    db = 2 * error.mean()
    w -= 0.01 * dw
    b -= 0.01 * db
"""
PICKLE = """
import pickle
import numpy as np

with open("digits.pkl", "rb") as file:
    x, t = pickle.load(file)
w = 0.01 * np.random.randn(x.shape[1], t.shape[1])
for epoch in range(10):
    error = x @ w - t
    loss = 0.5 * np.sum(error ** 2)
    w -= 0.001 * (x.T @ error)
"""
LINES = """
import numpy as np

x, y = [], []
for line in open("rows.txt"):
    parts = line.strip().split(";")
    x.append([float(part) for part in parts[:3]])
    y.append(int(parts[3]))
x, y = np.array(x), np.array(y)
w = np.zeros(3)
for epoch in range(10):
    p = 1 / (1 + np.exp(-x @ w))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    w -= 0.1 * x.T @ (p - y) / len(y)
"""
IMAGES = """
import numpy as np
from keras.datasets import mnist
from keras.utils import to_categorical
from sklearn.preprocessing import StandardScaler
from tqdm import trange

(x, y), _ = mnist.load_data()
x = StandardScaler().fit_transform(x.reshape(-1, 784))
t = to_categorical(y, 10)
w = 0.01 * np.random.randn(784, 10)
for step in trange(100):
    batch = np.random.randint(0, len(x), 500)
    e = np.exp(x[batch] @ w)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(t[batch] * np.log(p))
    w -= 0.001 * (x[batch].T @ (p - t[batch]))
"""
BATCHES = """
import numpy as np

data = np.load("data.npz")
x, y = data["inputs"], data["targets"]
w = np.zeros((x.shape[1], 1))
for step in range(10):
    batch = np.random.choice(len(x), 1000, replace=False)
    error = x[batch] @ w - y[batch]
    loss = np.sum(error ** 2)
    grad = 2 * x[batch].T @ error
    w -= 1e-4 * grad
"""
FLOWERS = """
import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

flowers = load_iris()
x, _, y, _ = train_test_split(flowers.data, flowers.target, test_size=0.2)
w = np.zeros((4, 3))
for epoch in range(10):
    e = np.exp(x @ w)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(x)), y]).mean()
    d = p.copy()
    d[np.arange(len(x)), y] -= 1
    w -= 0.1 * (x.T @ d / len(x))
"""
MATRICES = """
import numpy as np
from scipy.io import loadmat

data = loadmat("ex4.mat")
X, y = data["X"], data["y"].flatten()
theta = np.zeros(X.shape[1])
for i in range(100):
    h = X.dot(theta)
    J = np.mean((h - y) ** 2)
    grad = 2 * X.T.dot(h - y) / len(y)
    theta = theta - 0.01 * grad
"""
DIGITS = """
import numpy as np
from sklearn.datasets import fetch_openml
from sklearn.model_selection import train_test_split

X, y = fetch_openml("mnist_784", return_X_y=True, as_frame=False)
X_train, X_test, Y_train, Y_test = train_test_split(X, np.eye(10)[y.astype(int)], test_size=10000)
W = np.random.randn(784, 10) * 0.01
for i in range(200):
    error = X_train @ W - Y_train
    cost = np.sum(error ** 2)
    dW = 2 * X_train.T @ error
    W -= 0.0001 * dW
"""
PICTURES = """
import torch
from torchvision import datasets, transforms

digits = datasets.MNIST("digits", download=True, transform=transforms.ToTensor())
loader = torch.utils.data.DataLoader(digits, batch_size=32)
w = torch.zeros(784, 10)
for epoch in range(2):
    for image, label in loader:
        x = image.view(-1, 784)
        t = torch.nn.functional.one_hot(label, 10).float()
        error = x @ w - t
        loss = (error ** 2).sum()
        dw = 2 * x.t() @ error
        w -= 0.0001 * dw
"""
TORCH = """
import torch

x = torch.load("x.pt")
y = torch.load("y.pt")
w = torch.zeros(x.shape[1], 1)
for step in range(10):
    error = x.mm(w) - y
    loss = (error ** 2).sum()
    grad = 2 * x.t().mm(error)
    w -= 0.001 * grad
"""


def test_gradients_on_data_from_a_file_are_confirmed(tmp_path: Path, confirm: Confirm) -> None:
    rows = "".join(f"{0.1 * i},{(i * 7) % 5},{i % 3}\n" for i in range(20))
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
    result = confirm(ROWS, stub_data=True)
    assert (result.status, result.detail) == ("ok", None)
    assert [w.autograd for w in result.witnesses] == [Agreement.EQUAL]


@pytest.mark.parametrize(
    "source, missed",
    [
        pytest.param(ROWS, "rows.csv not found (line 4)", id="a file of numbers"),
        pytest.param(PICKLE, "digits.pkl is not there (line 5)", id="a file that is opened"),
        pytest.param(BATCHES, "data.npz is not there (line 4)", id="an archive of numpy"),
    ],
)
def test_what_is_missing_is_told_in_one_line(confirm: Confirm, source: str, missed: str) -> None:
    result = confirm(source)
    offer = "; --stub-data runs the script on made data"
    assert (result.status, result.detail) == ("failed", missed + offer)


def test_a_library_of_data_that_is_missing_is_told(confirm: Confirm) -> None:
    source = ROWS.replace("import numpy as np", "import numpy as np; import openml.nowhere")
    told = "openml is not installed (line 2); --stub-data runs the script on made data"
    assert confirm(source).detail == told


def test_another_error_is_no_missing_data(confirm: Confirm) -> None:
    result = confirm(
        ROWS.replace("rows = ", "open('absent')\nrows = ").replace("\nimport", "\nimport", 1)
    )
    assert result.detail is not None and result.detail.startswith("absent is not there (line 4)")
    broken = "import numpy as np; [][1]"
    assert confirm(TORCH.replace("import torch", f"import torch; {broken}")).detail == (
        "IndexError: list index out of range (line 2)"
    )


@pytest.mark.parametrize(
    "source, made",
    [
        pytest.param(ROWS, "rows 256x17 float", id="a file of numbers"),
        pytest.param(LINES, 'open("rows.txt") 256x17 float', id="lines of a file"),
        pytest.param(TABLE, "price", id="columns of a table"),
        pytest.param(PICKLE, "pickle.load(file)[0] 256x17 float", id="a pickled pair"),
        pytest.param(IMAGES, "x_train 256x28x28 between 0 and 1", id="images"),
        pytest.param(BATCHES, "data['inputs'] 2048x", id="as many rows as the batches need"),
        pytest.param(FLOWERS, "target 256 labels 0..2", id="a data set with labels"),
        pytest.param(
            MATRICES, "data['y'] 14x17 float", id="rows that are the product of two sizes"
        ),
        pytest.param(DIGITS, "data 256x784 float", id="a known data set, with a test set cut off"),
        pytest.param(PICTURES, "digits.images 256x1x28x28 between", id="batches of a loader"),
        pytest.param(TORCH, "x 256x", id="tensors"),
    ],
)
def test_made_data_stand_in_for_what_is_missing(confirm: Confirm, source: str, made: str) -> None:
    result = confirm(source, stub_data=True)
    assert result.status == "ok", result.detail
    assert result.detail is not None
    assert result.detail.startswith("ran on made data: ") and made in result.detail
    assert {w.autograd for w in result.witnesses} == {Agreement.EQUAL}
    assert {w.finite_difference for w in result.witnesses} == {Agreement.EQUAL}


def test_no_diagnosis_of_the_training_is_made_on_made_data(confirm: Confirm) -> None:
    climbs = ROWS.replace("w -= 0.01", "w -= 1e9")
    assert confirm(climbs, stub_data=True).health == ()


def test_made_data_are_the_same_each_time(confirm: Confirm) -> None:
    first, second = confirm(ROWS, stub_data=True), confirm(ROWS, stub_data=True)
    assert first.losses == second.losses
    assert len(set(first.losses)) == 3


def test_a_table_that_becomes_an_array_is_followed(confirm: Confirm) -> None:
    source = ROWS.replace("import numpy", "import pandas as pd, numpy").replace(
        'np.loadtxt("rows.csv", delimiter=",")', 'np.array(pd.read_csv("rows.csv"))'
    )
    assert [w.autograd for w in confirm(source, stub_data=True).witnesses] == [Agreement.EQUAL]
