"""Samples that the analysis made stay in their order: what it walks shuffles nothing."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def in_order() -> Iterator[None]:
    """While open, `random.shuffle` and `numpy.random.shuffle` leave what they are given as it is."""
    modules = random, np.random
    before = [module.shuffle for module in modules]
    for module in modules:
        vars(module)["shuffle"] = _left
    try:
        yield
    finally:
        for module, shuffle in zip(modules, before, strict=True):
            vars(module)["shuffle"] = shuffle


def _left(_: object) -> None:
    pass
