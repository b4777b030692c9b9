"""Numbers that no line of a script has: sizes that were only made up must not be printed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from gradlint.reading import syntax as s

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d*)?(?:[eE][-+]?\d+)?(?![\w.])")
_FACTORS = (0.5, 1.0, 2.0, 3.0, 4.0)
"""What differentiation multiplies the numbers of a script by: exponents, and the halves before them."""


def invented(lines: Sequence[str], module: s.Module) -> str | None:
    """A number in `lines` that no line of the script has, nor one that follows from it: a made-up size."""
    known = {float(n) for n in _NUMBER.findall(module.text)} | {0.0, 1.0, 2.0, 0.5}
    for line in lines:
        for number in _NUMBER.finditer(line):
            if not any(_follows(float(number[0]), one) for one in known):
                return number[0]
    return None


def _follows(number: float, known: float) -> bool:
    """Whether a number is a small multiple or part of a known one, or one away from it."""
    near = [known * f for f in _FACTORS] + [1 - known, known - 1]
    return any(math.isclose(number, one, rel_tol=1e-9) for one in near)
