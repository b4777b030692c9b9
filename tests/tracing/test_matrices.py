"""`np.matrix` is walked as numpy runs it: held against the execution of the same text."""

from __future__ import annotations

import numpy as np
import pytest

from gradlint.tracing.values import Opaque

from ..analysing import trace_of
from .running import assert_walks_as_it_runs

HEAD = """\
import numpy as np
a = np.array([[1.5, -2.0], [0.5, 3.0], [-1.25, 0.75]])
m = np.matrix(a)
n = np.asmatrix([[0.3, -0.7, 1.0], [1.1, 0.2, -0.4]])
v = np.array([2.0, -1.0])
"""


pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass")


@pytest.mark.parametrize(
    "expression",
    [
        "m * n",
        "a * n",
        "m * n.A",
        "2 * m * 3",
        "np.float64(2.0) * m",
        "np.mean(a) * m",
        "[1.0, 2.0, 3.0] * m",
        "np.array([1.0, 2.0, 3.0]) * m",
        "np.array([[2.0]]) * np.matrix(v)",
        "m @ n",
        "np.dot(m, v)",
        "m.dot(n)",
        "a.dot(n)",
        "np.multiply(m, a)",
        "m / a",
        "m - v",
        "-m + a",
        "1 / (1 + np.exp(-m))",
        "(n * m) ** 2",
        "(n * m) ** -1",
        "np.power(m, 2)",
        "m.T",
        "m.transpose() * m",
        "m.I",
        "(n * m).I",
        "np.linalg.pinv(m)",
        "m.A",
        "m.A * m.A",
        "m.getA()[0]",
        "m.A1",
        "np.array(m)[0]",
        "np.asarray(m) * a",
        "np.asanyarray(m) * n",
        "m[0]",
        "m[-1]",
        "m[0][0]",
        "m[:, 1]",
        "m[:, -1] - 1",
        "m[1:2, 0]",
        "m[1, 1:]",
        "m[0, 1]",
        "m[[0, 2]]",
        "m[[0, 2], 1]",
        "m[m > 0]",
        "m[:, 0].T * m[:, 1]",
        "np.sum(m)",
        "m.sum(0)",
        "m.sum(axis=1)",
        "np.mean(m, axis=0)",
        "m.mean(1) - a",
        "np.max(m, axis=1)",
        "np.var(m, 0)",
        "m.std()",
        "np.argmax(m, axis=1)",
        "m.ravel()",
        "np.ravel(m)",
        "m.flatten()",
        "m.flatten().A[0]",
        "m.reshape(6)",
        "np.reshape(m, (2, 3)) * m",
        "np.squeeze(m[:, 0])",
        "np.concatenate([m, a], 1) * np.eye(4)",
        "np.hstack((a, m))",
        "np.vstack([m[0], m[2]])",
        "np.c_[np.ones((3, 1)), m] * np.ones((3, 1))",
        "np.bmat([[m, m], [a, 2 * m]])",
        "np.where(m > 0, m, 0)[0]",
        "np.copy(m) * a",
        "m.copy() * n",
        "m.astype(float) * n",
        "np.maximum(m, 0) * n",
        "np.clip(m, 0, 1) * n",
        "np.outer(m, v)",
        "np.linalg.norm(m, axis=1)",
        "np.diag(n * m)",
        "np.trace(n * m)",
        "np.zeros_like(m) + m",
        "np.ones_like(m) * n",
        "sum(m)",
        "sum(row * n for row in [m[0], m[1]])",
        "[row for row in m][1]",
        "float(m[0, 0])",
        "np.array(m.tolist())[1]",
        "np.array([len(m), m.shape[0], m.size, np.shape(m)[1]])",
        "np.matrix('1 2; 3 4') * n",
        "np.matrix(v)",
        "np.matrix(3.0)",
        "np.median(a)",
        "isinstance(m, np.matrix) and isinstance(m, np.ndarray) and not isinstance(a, np.matrix)",
        "type(m * n) == np.matrix and type(m.A) == np.ndarray",
        "np.array(np.nonzero(m > 0)[0])",
        "abs(m) * n",
    ],
)
def test_an_expression_gives_what_numpy_gives(expression: str) -> None:
    assert_walks_as_it_runs(f"{HEAD}r = np.asarray({expression}) + 0.0\n", "r")


@pytest.mark.parametrize(
    "statements",
    [
        "m *= 2; r = m",
        "q = n * m; q *= np.eye(2) * 3; r = q",
        "m += a; r = m * n",
        "a *= m; r = a * a",
        "m[:, 0] = np.ones((3, 1)); r = m",
        "m[0] = [7.0, 8.0]; r = m",
        "m[[0, 2], 0] = [5.0, 6.0]; r = m",
        "m[1, 1] = 9.0; r = m * n",
        "m[:, 0] += 1; r = m",
        "m[1] -= m[0]; r = m",
        "a[0] = m[1]; r = a * a",
        "b = np.matrix(a); b[0, 0] = 9.0; r = a",
        "b = np.asmatrix(a); b[0, 0] = 9.0; r = a",
        "b = np.asmatrix(a); a[0, 0] = 9.0; r = b * n",
        "b = np.asmatrix(v); v[0] = 9.0; r = b * m.T",
        "b = np.asmatrix(v); b[0, 1] = 9.0; r = v",
        "b = m.A; b[0, 0] = 9.0; r = m",
        "b = m.T; m[0, 1] = 9.0; r = b * m",
        "b = m[0]; b[0, 1] = 9.0; r = m",
        "for row in m:\n    r = row * n",
    ],
)
def test_statements_leave_what_numpy_leaves(statements: str) -> None:
    assert_walks_as_it_runs(HEAD + statements.replace("; ", "\n") + "\nr = r + 0.0\n", "r")


@pytest.mark.parametrize(
    "expression",
    ["2 ** m", "m ** 0.5", "m[:, None]", "np.cumsum(m)", "np.random.permutation(m)", "m * n.T", "m * v"],
)  # fmt: skip
def test_what_is_not_read_or_does_not_fit_is_not_known(expression: str) -> None:
    trace = trace_of(f"{HEAD}r = {expression}\n")
    stores = [store for store in trace.stores if store.place == "r"]
    assert all(isinstance(store.opaque, Opaque) for store in stores)


def test_the_walked_product_of_random_matrices_is_that_of_numpy() -> None:
    rng = np.random.default_rng(7)
    rows, inner, columns = rng.integers(1, 5, 3)
    text = (
        f"import numpy as np\nm = np.matrix({rng.normal(size=(rows, inner)).tolist()})\n"
        f"n = np.matrix({rng.normal(size=(inner, columns)).tolist()})\n"
        "r = np.multiply(m * n, m * n) * (n.T * m.T)\n"
    )
    assert_walks_as_it_runs(text, "r")
