"""What a failure says: the input, the worst element, scale and cosine, and the likely class of mistake."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradlint import Agreement, GradientMismatch, check_gradients

from .pairs import (
    IDS,
    SQUARE,
    TABLE,
    B,
    W,
    X,
    affine,
    affine_backward,
    mse,
    norm,
    relu,
    rows,
    sigmoid,
    softmax,
    wrong,
)


def _overwriting(dout: Any, table: Any, ids: Any) -> Any:
    d = np.zeros_like(table)
    d[ids] += dout
    return d


def _without_mean(dout: Any, cache: Any) -> Any:
    centred, deviation, gamma = cache
    return dout * gamma / deviation, (dout * centred).sum(axis=0)


WRONG = {
    "a mean where a sum belongs": (
        (affine, lambda d, c: (d @ c[1].T, c[0].T @ d, d.mean(axis=0)), X, W, B),
        "b",
        "off by 1/N with N = 5 (axis 0 of x",
    ),
    "a sum where a mean belongs": (
        (mse, lambda prediction, target: 2 * (prediction - target), X, -X),
        "prediction",
        "off by N with N = 15 (the size of prediction",
    ),
    "a minus": (
        (affine, lambda d, c: (d @ c[1].T, -c[0].T @ d, d.sum(axis=0)), X, W, B),
        "w",
        "a minus",
    ),
    "a minus and a mean": (
        (affine, lambda d, c: (d @ c[1].T, -c[0].T @ d / 5, d.sum(axis=0)), X, W, B),
        "w",
        "and a minus",
    ),
    "a factor": (
        (lambda x: x**2, lambda dout, x: dout * x, X),
        "x",
        "off by the factor 0.5",
    ),
    "transposed": (
        (affine, lambda d, c: (d @ c[1].T, d.T @ c[0], d.sum(axis=0)), X, W, B),
        "w",
        "transposed",
    ),
    "transposed where both sizes are the same": (
        (affine, lambda d, c: (d @ c[1].T, d.T @ c[0], d.sum(axis=0)), X, SQUARE, B[:3]),
        "w",
        "transposed",
    ),
    "not summed over the batch": (
        (affine, lambda d, c: (d @ c[1].T, c[0].T @ d, d), X, W, B),
        "b",
        "broadcast: not summed over axis 0",
    ),
    "a column for a row": (
        (affine, lambda d, c: (d @ c[1].T, c[0].T @ d, d.sum(axis=0)[:, None]), X, W, B),
        "b",
        "the numbers are right, the shape is not: (4, 1)",
    ),
    "summed over everything": (
        (affine, lambda d, c: (d @ c[1].T, c[0].T @ d, d.sum()), X, W, B),
        "b",
        "summed over axis 0, which belongs to b",
    ),
    "the mask is missing": ((relu, lambda dout, x: dout, X), "x", "the mask is missing"),
    "the mask is inverted": (
        (relu, lambda dout, x: dout * (x <= 0), X),
        "x",
        "the mask is inverted",
    ),
    "upstream is ignored": ((relu, lambda dout, x: (x > 0) * 1.0, X), "x", "upstream"),
    "upstream is ignored by a sum": (
        (softmax, lambda dout, out: out * (1 - out), X),
        "x",
        None,
    ),
    "only the diagonal": (
        (softmax, lambda dout, out: dout * out * (1 - out), X),
        "x",
        "only the diagonal of the Jacobian",
    ),
    "the slope is missing": (
        (sigmoid, lambda dout: dout, X),
        "z",
        "the factor out * (1 - out), the slope of a sigmoid",
    ),
    "exchanged": (
        (np.multiply, lambda dout, x, w: (dout * x, dout * w), X[:, :2], X[:, 1:]),
        None,
        "it is the gradient of",
    ),
    "flipped": (
        (lambda x: x[::-1] ** 2, lambda dout, x: 2 * dout * x[::-1], X),
        "x",
        "flipped along axis 0",
    ),
    "a repeated index": ((rows, _overwriting, TABLE, IDS), "table", "more than once"),
    "the terms of the mean": (
        (norm, _without_mean, X, np.array([0.5, 2.0, -1.0])),
        "x",
        "the mean and the variance along axis 0",
    ),
    "a centring left out": (
        (lambda x: x - x.mean(axis=0), lambda dout: dout, X),
        "x",
        "constant along axis 0",
    ),
    "zero everywhere": ((sigmoid, lambda dout: 0 * dout, X), "z", "zero everywhere"),
    "not a number": ((sigmoid, lambda dout: dout * np.nan, X), "z", "NaN"),
    "one row": (
        (lambda x: x**2, lambda dout, x: 2 * dout * x + (np.arange(5) > 3)[:, None], X),
        "x",
        "only index 4 of axis 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_gradient_is_named_with_its_likely_mistake(name: str) -> None:
    arguments, culprit, said = WRONG[name]
    check = wrong(*arguments)
    bad = [one for one in check.inputs if not one.is_right]
    assert culprit is None or [one.name for one in bad] == [culprit]
    assert said is None or said in (bad[0].likely or "")


def test_the_message_holds_all_that_a_person_needs() -> None:
    with pytest.raises(GradientMismatch) as mismatch:
        check_gradients(affine, lambda d, c: (d @ c[1].T, -2 * c[0].T @ d, d.sum(0)), X, W, B)
    lines = str(mismatch.value).splitlines()
    assert lines[0] == "<lambda>: the gradient of w is wrong"
    assert lines[1].startswith("  worst      element [") and ": got " in lines[1]
    assert lines[2] == "  scale      -2 times what it should be at every element"
    assert lines[3] == "  likely     off by the factor 2, and a minus too many or too few"
    assert "the gradient of x is right (15 elements)" in str(mismatch.value)


def test_scale_and_cosine_are_numbers() -> None:
    check = wrong(affine, lambda d, c: (d @ c[1].T, -c[0].T @ d, d.sum(0)), X, W, B)
    assert check["w"].agreement is Agreement.OPPOSITE
    assert check["w"].scale == pytest.approx(-1) and check["w"].cosine == pytest.approx(-1)
    worst = check["w"].worst
    assert worst is not None and worst.got == pytest.approx(-worst.expected)


def test_one_wrong_element_of_many_is_found() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        dx, dw, db = affine_backward(dout, cache)
        dw[2, 1] += 1e-3
        return dx, dw, db

    worst = wrong(affine, backward, X, W, B)["w"].worst
    assert worst is not None and worst.index == (2, 1)


def test_without_raising_the_check_is_returned() -> None:
    check = check_gradients(sigmoid, lambda dout: dout, X, raises=False)
    assert not check.is_right and check["z"].agreement is Agreement.DIFFERENT
