"""Looking for cycles less often while a script is analysed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (50_000, 20, 100)
"""An analysis makes many small values that live until its end: a sixth of it went into looking at them."""


@contextmanager
def rarely() -> Iterator[None]:
    """Collect cycles rarely, unless the program around is set to do so more rarely still."""
    before = gc.get_threshold()
    if not 0 < before[0] < _THRESHOLDS[0]:
        yield
        return
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
