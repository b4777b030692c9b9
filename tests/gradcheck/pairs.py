"""Forward passes and right backward passes, to be broken by one change each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradlint import GradientCheck, GradientMismatch, check_gradients

_RNG = np.random.default_rng(7)
X, W, B = _RNG.normal(size=(5, 3)), _RNG.normal(size=(3, 4)), _RNG.normal(size=4)
SQUARE = _RNG.normal(size=(3, 3))
TABLE, IDS = _RNG.normal(size=(6, 3)), np.array([0, 2, 2, 5])
Function = Callable[..., Any]


def affine(x: Any, w: Any, b: Any) -> Any:
    return x @ w + b, (x, w)


def affine_backward(dout: Any, cache: Any) -> Any:
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def relu(x: Any) -> Any:
    return np.maximum(x, 0), x


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(x: Any) -> Any:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def norm(x: Any, gamma: Any) -> Any:
    centred = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
    return gamma * centred, (centred, np.sqrt(x.var(axis=0) + 1e-5), gamma)


def norm_backward(dout: Any, cache: Any) -> Any:
    centred, deviation, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - centred * (d * centred).mean(axis=0)) / deviation
    return dx, (dout * centred).sum(axis=0)


def mse(prediction: Any, target: Any) -> Any:
    return np.mean((prediction - target) ** 2)


def rows(table: Any, ids: Any) -> Any:
    return table[ids]


def rows_backward(dout: Any, table: Any, ids: Any) -> Any:
    d = np.zeros_like(table)
    np.add.at(d, ids, dout)
    return d


def wrong(*args: Any, **keywords: Any) -> GradientCheck:
    """What is found where something is wrong."""
    with pytest.raises(GradientMismatch) as mismatch:
        check_gradients(*args, **keywords)
    return mismatch.value.check
