"""Made inputs: sizes of their own, and values that depend on nothing but their key and the seed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradlint.tracing.inputs import FILLINGS, SIZES, Form, Inputs, drawn

from ..analysing import report_of

KEYS = st.sampled_from(["x", "self.W", "cache[0]", "params['W1']", "y"])
SHAPES = st.lists(st.integers(1, 5), max_size=3).map(tuple)


@given(KEYS, SHAPES, st.sampled_from(FILLINGS), st.integers(0, 5))
def test_values_are_the_same_for_a_key_at_a_seed(
    key: str, shape: tuple[int, ...], filling: str, seed: int
) -> None:
    form = Form("array", len(shape), filling)
    made = drawn(key, form, shape, seed)
    assert made.shape == shape and np.all(np.isfinite(made))
    np.testing.assert_array_equal(made, drawn(key, form, shape, seed))


def test_values_differ_between_keys_and_between_seeds() -> None:
    form = Form("array", 2)
    first = drawn("x", form, (3, 4), 0)
    assert not np.allclose(first, drawn("w", form, (3, 4), 0))
    assert not np.allclose(first, drawn("x", form, (3, 4), 1))


def test_labels_are_below_the_number_of_classes_and_one_hot_rows_sum_to_one() -> None:
    labels = drawn("y", Form("array", 1, "labels", below=3), (50,), 0)
    assert labels.dtype.kind == "i" and set(labels) == {0, 1, 2}
    rows = drawn("y", Form("array", 2, "one-hot rows"), (6, 4), 0)
    np.testing.assert_array_equal(rows.sum(axis=1), np.ones(6))


def matrices(*keys: str) -> Inputs:
    return Inputs({key: Form("array", 2) for key in keys})


@given(st.integers(1, 5))
def test_axes_have_pairwise_different_sizes(count: int) -> None:
    inputs = matrices(*(f"x{i}" for i in range(count)))
    sizes = [size for i in range(count) for size in inputs.shape(f"x{i}")]
    assert len(set(sizes)) == len(sizes) and 1 not in sizes


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8))
def test_joined_axes_have_one_size_whatever_the_order(pairs: list[tuple[int, int]]) -> None:
    inputs = matrices("a", "b", "c")
    axes = [f"{key}:{i}" for key in "abc" for i in (0, 1)]
    for first, second in pairs:
        inputs.join(axes[first], axes[second])
    for first, second in pairs:
        assert inputs.size(axes[first]) == inputs.size(axes[second])


def test_a_pinned_size_holds_for_all_joined_axes_and_stays_small() -> None:
    inputs = matrices("a", "b")
    inputs.join("a:1", "b:0")
    inputs.pin("b:0", 12)
    assert inputs.shape("a")[1] == inputs.shape("b")[0] == 12
    inputs.pin("b:0", 10**9)
    assert inputs.size("a:1") == 12


def test_a_copy_learns_without_the_original() -> None:
    inputs = matrices("a", "b")
    other = inputs.copy()
    other.join("a:0", "b:0")
    assert inputs.size("a:0") != inputs.size("b:0")
    assert inputs.change("a", rank=4).shape("a") != inputs.shape("a")
    assert inputs.forms["a"].rank == 2 and inputs.size("a:0") in SIZES


def test_a_parameter_that_is_called_is_not_told_to_be_an_array() -> None:
    text = """
import numpy as np

def train(net, X, y, cost):
    delta = cost * 1.0
    return cost(X, y, derivative=True), delta
"""
    assert all(finding.code != "GL603" for finding in report_of(text).findings)
