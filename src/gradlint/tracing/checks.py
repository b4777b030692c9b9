"""Functions that hold gradients against differences: long loops that leave everything as it was."""

from __future__ import annotations

import re

_CHECK = re.compile(
    r"grad(ient)?s?_?check|check_?(\w+_)?grad|grad(ient)?s?_?num\w*check", re.IGNORECASE
)


def says_check(place: str) -> bool:
    """Whether what is called at `place` is named like a gradient check: `gradCheck`, `check_gradients`."""
    return _CHECK.search(place.rpartition(".")[2]) is not None
