"""Samples that the analysis made stay in their order: what it walks shuffles nothing."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def in_order() -> Iterator[None]:
    """While open, `random.shuffle` and `numpy.random.shuffle` leave what they are given as it is."""
    before = random.shuffle, np.random.shuffle
    random.shuffle = _left
    np.random.shuffle = _left
    try:
        yield
    finally:
        random.shuffle = before[0]
        np.random.shuffle = before[1]


def _left(_: object) -> None:
    pass
