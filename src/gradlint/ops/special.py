"""The special functions that numpy has not: the error function, stable sigmoid and softmax."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradlint.ops.op import Array

_erf = np.vectorize(math.erf, otypes=[float])


def erf(x: Any) -> Array:
    """The error function, entry by entry."""
    return np.asarray(_erf(x)) if np.size(x) else np.zeros(np.shape(x))


def erf_slope(x: Any) -> Array:
    """Its derivative, 2/sqrt(pi) exp(-x^2)."""
    return np.asarray(2 / math.sqrt(math.pi) * np.exp(-np.square(x)))


def sigmoid(x: Any) -> Array:
    """1 / (1 + exp(-x)), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(x, dtype=float))))


def softplus(x: Any) -> Array:
    """log(1 + exp(x)), without overflow."""
    return np.asarray(np.logaddexp(0, x))


def log_softmax(x: Any, axis: Any = -1) -> Array:
    """x minus the logarithm of the sum of exponentials along `axis`."""
    shifted = np.asarray(x - np.max(x, axis=axis, keepdims=True))
    return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True)))


def softmax(x: Any, axis: Any = -1) -> Array:
    """Exponentials along `axis`, divided by their sum."""
    return np.asarray(np.exp(log_softmax(x, axis)))
