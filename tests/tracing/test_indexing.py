"""Subscripts read and write as numpy does, views and copies included."""

from __future__ import annotations

import pytest

from .running import DATA, assert_walks_as_it_runs


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a = x[1]", id="a row"),
        pytest.param("a = x[-1, 0] * s", id="a number, counted from the end"),
        pytest.param("a = x[:, 1:]", id="a slice of columns"),
        pytest.param("a = v[::-1]", id="a reversed slice"),
        pytest.param("a = x[:, ::2]", id="a slice with a step"),
        pytest.param("a = v[None, :] * w.T", id="a new axis by None"),
        pytest.param("a = v[:, np.newaxis] * w", id="a new axis by newaxis"),
        pytest.param("a = x[..., 0]", id="an ellipsis"),
        pytest.param("a = v[v > 0]", id="a mask"),
        pytest.param("a = x[x < 0].sum()", id="a mask of a matrix"),
        pytest.param("k = np.array([2, 0, 2])\na = v[k]", id="an integer array with a repeat"),
        pytest.param("k = np.array([2, 0])\na = x[range(2), k]", id="a pair of integer arrays"),
        pytest.param("k = np.array([2, 0])\na = x[np.arange(x.shape[0]), k]", id="picked labels"),
        pytest.param("a = x[[0, 0, 1]]", id="a list"),
        pytest.param("a = np.zeros((2, 2))\na[0] = 1.5\na[1, 1] = s", id="items are set"),
        pytest.param("a = x.copy()\na[a < 0] = 0", id="a mask is set"),
        pytest.param("a = x.copy()\na[:, 1] += v[0]", id="a column is added to"),
        pytest.param("a = x.copy()\na[range(2), [2, 0]] -= 1", id="picked items are reduced"),
        pytest.param("a = v.copy()\na[[0, 0]] += 1", id="a repeated index is added to once"),
        pytest.param("a = v.copy()\nnp.add.at(a, [0, 0], 1.0)", id="add.at adds a repeat twice"),
        pytest.param("a = x.copy()\na[1] *= 2\na[1][0] = 9", id="an item of a row"),
    ],
)
def test_a_subscript_means_what_it_means_in_numpy(text: str) -> None:
    assert_walks_as_it_runs(f"{DATA}{text}\nc = a * 1", "c")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("b = a[0]\nb += 1", id="a row is a view"),
        pytest.param("b = a[:, 1:]\nb *= 2", id="a slice is a view"),
        pytest.param("b = a.T\nb[0] = 5", id="a transpose is a view"),
        pytest.param("b = a.reshape(-1)\nb[0] = 5", id="a reshaped array is a view"),
        pytest.param("b = a.T[0]\nb -= 1", id="a view of a view reaches the array"),
        pytest.param("b = a[[0, 1]]\nb += 1", id="an integer array gives a copy"),
        pytest.param("b = a[a > 0]\nb += 1", id="a mask gives a copy"),
        pytest.param("b = a.copy()\nb += 1", id="a copy is a copy"),
        pytest.param("b = a + 0\nb += 1", id="a sum is a new array"),
        pytest.param("b = a.flatten()\nb += 1", id="flatten copies"),
        pytest.param("b = a.ravel()\nb[1] = 4", id="ravel is a view"),
        pytest.param("b = np.ravel(a.T)\nb += 1", id="ravel of a transpose copies"),
        pytest.param("b = a[:, 1:].reshape(-1)\nb += 1", id="reshape copies where it must"),
        pytest.param("b = a.swapaxes(0, 1)\nb[2] *= 3", id="swapped axes are a view"),
        pytest.param("b = np.moveaxis(a, 0, 1)\nb[2, 1] -= 3", id="moved axes are a view"),
        pytest.param("b = np.expand_dims(a, 1)\nb[:, 0, 1] += 3", id="a new axis is a view"),
        pytest.param("b = a[0][None].squeeze()\nb += 3", id="squeeze is a view"),
        pytest.param("b, d = np.split(a, 2)\nd += 3", id="the parts of a split are views"),
        pytest.param("b, d = np.array_split(a, [1], axis=1)\nd += 3", id="unequal parts too"),
        pytest.param("b = np.array(a)\nb += 1", id="np.array copies"),
        pytest.param("b = a\nb[0, 0] = 7", id="another name is the same array"),
        pytest.param("b = [a]\nb[0] += 1", id="a list holds the array itself"),
        pytest.param("def f(q):\n    q += 1\nb = f(a)", id="a function changes its argument"),
        pytest.param("def f(q):\n    q = q + 1\nb = f(a)", id="a function rebinds its parameter"),
        pytest.param("np.maximum(a, 0, out=a)", id="an out argument is written to"),
    ],
)
def test_a_change_reaches_what_it_reaches_in_numpy(text: str) -> None:
    assert_walks_as_it_runs(f"{DATA}a = x * 1\n{text}\nc = a * 1", "c")


def test_a_view_follows_a_later_change_of_its_array() -> None:
    assert_walks_as_it_runs(f"{DATA}a = x * 1\nb = a[0]\na += 1\nc = b * 1", "c")


def test_a_number_taken_from_an_array_stays_what_it_was() -> None:
    assert_walks_as_it_runs(f"{DATA}a = x * 1\nb = a[0, 1]\na += 1\nc = b * 1", "c")
