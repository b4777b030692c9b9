"""Calls that mean several things, calls that do not fit, operators and properties."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradlint.ops import OPS, OpError, lookup, lookup_property, operator, vjp
from gradlint.ops.spelling import Bound

X = np.arange(12.0).reshape(3, 4) - 5.5
Y = np.ones((3, 4))


def _run(bound: Bound) -> Any:
    out = bound.op.evaluate(*bound.inputs, **bound.params)
    if bound.result != "values_indices":
        return out
    assert bound.indices is not None
    return [out, OPS[bound.indices].evaluate(*bound.inputs, **bound.params)]


def assert_same(found: Any, expected: Any) -> None:
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected)


def _bind(path: str, *args: Any, **kwargs: Any) -> Bound:
    found = lookup(path)
    assert found is not None
    return found.bind(args, kwargs)


@pytest.mark.parametrize(
    ("path", "args", "kwargs", "real"),
    [
        pytest.param("torch.Tensor.sub", (X, Y), {"alpha": 3}, X - 3 * Y, id="sub with alpha"),
        pytest.param(
            "torch.Tensor.add_", (X, -0.5, Y), {}, X - 0.5 * Y, id="the old order of add_"
        ),
        pytest.param("torch.add", (X, Y), {}, X + Y, id="add without alpha"),
        pytest.param("torch.Tensor.zero_", (X,), {}, 0 * X, id="zero_"),
        pytest.param("torch.Tensor.fill_", (X, 2.0), {}, 0 * X + 2, id="fill_"),
        pytest.param("torch.Tensor.copy_", (X, Y), {}, Y, id="copy_"),
        pytest.param(
            "torch.Tensor.clamp_", (X,), {"min": 0}, np.maximum(X, 0), id="clamp_ at zero"
        ),
        pytest.param("numpy.ndarray.fill", (X, 1.5), {}, 0 * X + 1.5, id="fill of an array"),
        pytest.param(
            "torch.nn.functional.mse_loss",
            (X, Y),
            {"size_average": False},
            ((X - Y) ** 2).sum(),
            id="the old flag of a sum",
        ),
        pytest.param(
            "torch.nn.functional.l1_loss", (X, Y), {"reduce": False}, abs(X - Y), id="no reduction"
        ),
        pytest.param(
            "numpy.ndarray.reshape",
            (X, 2, 6),
            {"order": "F"},
            X.reshape(2, 6, order="F"),
            id="order",
        ),
        pytest.param("torch.Tensor.cuda", (X, 0), {}, X, id="a move to the device"),
        pytest.param("numpy.asfarray", (X,), {}, X, id="asfarray of old numpy"),
        pytest.param("torch.Tensor.std", (X,), {}, X.std(ddof=1), id="torch divides by N - 1"),
        pytest.param("torch.Tensor.std", (X, 0, False), {}, X.std(0), id="std without Bessel"),
        pytest.param(
            "torch.var", (X,), {"correction": 0}, X.var(), id="the correction of a variance"
        ),
        pytest.param("numpy.std", (X,), {}, X.std(), id="numpy divides by N"),
        pytest.param("torch.max", (X, 3 * Y), {}, np.maximum(X, 3), id="max of two tensors"),
        pytest.param("torch.Tensor.max", (X,), {}, X.max(), id="max of all"),
        pytest.param("numpy.average", (X,), {"axis": 0}, X.mean(0), id="an average is a mean"),
        pytest.param("torch.Tensor.view", (X, -1, 6), {}, X.reshape(-1, 6), id="view by numbers"),
        pytest.param("torch.Tensor.view", (X, (-1, 6)), {}, X.reshape(-1, 6), id="view by a tuple"),
        pytest.param("torch.Tensor.transpose", (X, 0, 1), {}, X.T, id="transpose swaps in torch"),
        pytest.param(
            "numpy.ndarray.transpose", (X, 1, 0), {}, X.T, id="transpose permutes in numpy"
        ),
        pytest.param("torch.sum", (X,), {"axis": 0}, X.sum(0), id="torch takes axis for dim"),
        pytest.param("numpy.sum", (X, 0, float), {}, X.sum(0), id="a dtype is passed over"),
        pytest.param("torch.nn.functional.softmax", (X,), {}, None, id="softmax without dim"),
    ],
)
def test_a_call_of_several_meanings_is_understood(
    path: str, args: tuple[Any, ...], kwargs: dict[str, Any], real: Any
) -> None:
    bound = _bind(path, *args, **kwargs)
    if real is None:
        torch = pytest.importorskip("torch")
        real = torch.softmax(torch.tensor(args[0]), 1).numpy()
    assert_same(_run(bound), real)
    assert bound.in_place == (path.endswith("_") or path.endswith("fill"))


def test_a_maximum_along_an_axis_is_values_and_indices_in_torch() -> None:
    bound = _bind("torch.max", X, 1)
    assert (bound.result, bound.op.name, bound.indices) == ("values_indices", "max", "argmax")
    assert _bind("numpy.max", X, 1).result == "array"


def test_the_caller_says_what_is_an_array() -> None:
    found = lookup("torch.max")
    assert found is not None
    assert found.bind(["x", "dim"], {}, lambda value: False).result == "values_indices"
    assert found.bind(["x", "y"], {}, lambda value: True).inputs == ("x", "y")


def test_values_are_not_looked_into() -> None:
    x, axis = object(), object()
    bound = _bind("torch.Tensor.sum", x, dim=axis)
    assert bound.inputs == (x,)
    assert bound.params == {"axis": axis, "keepdims": False}


def test_the_arrays_of_a_list_are_the_inputs() -> None:
    bound = _bind("numpy.concatenate", ["a", "b"], axis=1)
    assert (bound.inputs, bound.params) == (("a", "b"), {"axis": 1})
    assert _bind("torch.einsum", "ij,jk->ik", "a", "b").inputs == ("a", "b")


def test_a_split_is_a_list_whose_parts_are_ops() -> None:
    bound = _bind("torch.Tensor.chunk", X, 2, dim=1)
    assert bound.result == "list"
    parts = _run(bound)
    for part, value in enumerate(parts):
        one = bound.op.evaluate(X, **bound.params, part=part)
        assert_same(one, value)
    assert_same(vjp(bound.op, 0, parts, parts, (X,), bound.params), X)


def test_an_output_argument_is_reported() -> None:
    target = object()
    assert _bind("numpy.add", X, Y, out=target).out is target
    assert _bind("numpy.add", X, Y).out is None


def test_adding_at_repeated_indices_counts_each() -> None:
    bound = _bind("numpy.add.at", np.zeros(3), [0, 2, 0], np.array([1.0, 2.0, 3.0]))
    assert bound.in_place
    assert_same(_run(bound), np.array([4.0, 0.0, 2.0]))


def test_inplace_is_reported() -> None:
    assert _bind("torch.nn.functional.relu", X, inplace=True).in_place
    assert not _bind("torch.nn.functional.relu", X).in_place
    assert _bind("torch.relu_", X).in_place


@pytest.mark.parametrize(
    ("path", "args", "kwargs", "message"),
    [
        pytest.param(
            "numpy.sum", (X,), {"foo": 1}, "sum() got an unexpected keyword 'foo'", id="a keyword"
        ),
        pytest.param(
            "numpy.exp", (X,), {"where": Y}, "exp() got an unexpected keyword 'where'", id="where="
        ),
        pytest.param("numpy.exp", (), {}, "exp() is missing its argument 'x'", id="no argument"),
        pytest.param(
            "numpy.reshape", (X,), {}, "reshape() is missing its argument 'shape'", id="no shape"
        ),
        pytest.param(
            "numpy.exp", (X, X, X), {}, "exp() takes 1 arguments, 3 were given", id="too many"
        ),
        pytest.param(
            "numpy.concatenate",
            (object(),),
            {},
            "concatenate() takes a list of arrays that is not known here",
            id="a list that is not known",
        ),
    ],
)
def test_a_call_that_does_not_fit_is_refused(
    path: str, args: tuple[Any, ...], kwargs: dict[str, Any], message: str
) -> None:
    with pytest.raises(OpError) as refused:
        _bind(path, *args, **kwargs)
    assert str(refused.value) == message


def test_a_name_that_is_no_op_is_not_found() -> None:
    assert lookup("numpy.load") is None
    assert lookup("torch.Tensor.backward") is None
    assert lookup("numpy.ndarray.T") is None
    assert lookup_property("numpy.ndarray.sum") is None


def test_properties_are_transposes() -> None:
    for path in ("numpy.ndarray.T", "torch.Tensor.T", "torch.Tensor.mT"):
        found = lookup_property(path)
        assert found is not None
        assert_same(_run(found.bind([X], {})), X.T)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "//": lambda x, y: x // y,
    "%": lambda x, y: x % y,
    "**": lambda x, y: x**y,
    "@": lambda x, y: x @ y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
}


@pytest.mark.parametrize("symbol", OPERATORS)
def test_an_operator_is_that_of_numpy(symbol: str) -> None:
    x, y = np.array([[2.0, 3.0], [1.0, 4.0]]), np.array([[2.0, 1.0], [0.5, 3.0]])
    assert_same(operator(symbol).evaluate(x, y), OPERATORS[symbol](x, y))


def test_an_operator_that_arrays_have_not_is_refused() -> None:
    with pytest.raises(OpError, match="the operator <=> is not understood"):
        operator("<=>")


def test_a_cast_to_integers_stops_the_gradient() -> None:
    bound = _bind("numpy.ndarray.astype", X, int)
    out = _run(bound)
    assert out.dtype.kind == "i"
    assert not np.any(bound.op.vjp_of(0)(Y, out, X, **bound.params))  # type: ignore[misc]
    assert _run(_bind("numpy.ndarray.astype", X > 0, np.float32)).dtype == np.float64


@pytest.mark.parametrize("name", ["expit", "softmax", "log_softmax", "logsumexp", "erf"])
def test_the_special_functions_of_scipy_are_known(name: str) -> None:
    found = lookup(f"scipy.special.{name}")
    assert found is not None
    formulas = {
        "expit": 1 / (1 + np.exp(-X)),
        "softmax": np.exp(X) / np.exp(X).sum(),
        "log_softmax": X - np.log(np.exp(X).sum()),
        "logsumexp": np.log(np.exp(X).sum()),
        "erf": np.vectorize(math.erf)(X),
    }
    assert_same(_run(found.bind([X], {})), formulas[name])


def test_looking_up_imports_no_torch() -> None:
    code = "import sys, gradlint.ops as o; o.lookup('torch.relu'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
