"""Kinks, large inputs, rounding, and what cannot be checked: said in one line, never guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradlint import Agreement, check_gradients

from .pairs import B, W, X, affine, relu, sigmoid, wrong


def test_elements_on_a_kink_are_left_out_one_by_one() -> None:
    x = X.copy()
    x[0, 0] = x[3, 1] = 0.0
    for slope_at_zero in (np.greater, np.greater_equal):
        check = check_gradients(relu, lambda d, x, at=slope_at_zero: d * at(x, 0), x)
        assert (check["x"].compared, check["x"].kinks) == (13, 2)


def test_where_all_is_a_kink_nothing_is_claimed() -> None:
    check = check_gradients(relu, lambda d, x: d * 17, np.zeros((2, 3)))
    assert check["x"].agreement is Agreement.UNKNOWN
    assert "was not checked (every element is at a kink)" in str(check)


def test_of_large_inputs_a_sample_is_compared() -> None:
    x = np.random.default_rng(0).normal(size=(60, 50))
    check = check_gradients(sigmoid, lambda d, a: d * a * (1 - a), x, elements=40)
    assert check["z"].agreement is Agreement.EQUAL and check["z"].compared == 40


def test_what_is_wrong_outside_of_the_sample_shows_along_random_directions() -> None:
    def backward(dout: Any, x: Any) -> Any:
        d = 2 * dout * x
        d[:, :5] *= 3
        return d

    x = np.random.default_rng(0).normal(size=(60, 50))
    assert not wrong(lambda x: x**2, backward, x, elements=4).is_right


def test_large_and_small_numbers_are_no_mistakes() -> None:
    for scale in (1e-6, 1e5):
        w = scale * W
        assert check_gradients(
            lambda x, w: x @ w, lambda d, x, w: (d @ w.T, x.T @ d), X, w
        ).is_right


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        pytest.param((sigmoid,), TypeError, "wants forward, backward", id="no backward"),
        pytest.param((dict, X), TypeError, "is a class", id="a class"),
        pytest.param(
            (lambda x: x + np.random.default_rng().normal(), lambda d: d, X),
            ValueError,
            "not deterministic",
            id="draws anew",
        ),
        pytest.param((lambda x: "text", lambda d: d, X), ValueError, "no array", id="no output"),
        pytest.param((np.log, lambda d: d, -np.abs(X)), ValueError, "NaN", id="not a number"),
        pytest.param(
            (affine, lambda d, c: (d, d), X, W, B),
            TypeError,
            "wrt=['x', 'w']",
            id="too few gradients",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_cannot_be_checked_is_an_error_of_usage(
    arguments: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as refused:
        check_gradients(*arguments)
    assert said in str(refused.value) and not isinstance(refused.value, AssertionError)


def test_wrt_says_what_the_gradients_are_of() -> None:
    check = check_gradients(affine, lambda d, c: (c[0].T @ d, d.sum(0)), X, W, B, wrt=["w", "b"])
    assert [one.name for one in check.inputs] == ["w", "b"]
    none = wrong(affine, lambda d, c: (None, d.sum(0)), X, W, B, wrt=["w", "b"])
    assert none["w"].likely == "no gradient is handed out"


def test_an_error_of_the_users_own_code_is_shown_as_it_is() -> None:
    def backward(dout: Any) -> Any:
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        check_gradients(sigmoid, backward, X)
