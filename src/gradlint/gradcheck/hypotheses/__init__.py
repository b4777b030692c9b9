"""The likely class of a mistake, by cheap tests of hypotheses over the numbers; the first that fits is told.

A hypothesis is a change that makes what was handed out equal to the truth; it is tried, not guessed. Each is
a function from the clues to a sentence or None; the most specific come first.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradlint.gradcheck.hypotheses.clues import Clues
from gradlint.gradcheck.hypotheses.jacobian import (
    constant_along,
    diagonal,
    factor_left_out,
    other_input,
    upstream_ignored,
)  # fmt: skip
from gradlint.gradcheck.hypotheses.places import (
    flipped,
    mask,
    not_finite,
    nothing,
    one_wrong_line,
    repeated_index,
)  # fmt: skip
from gradlint.gradcheck.hypotheses.scale import proportional
from gradlint.gradcheck.hypotheses.shape import (
    not_summed,
    reshaped,
    summed_too_much,
    transposed,
)  # fmt: skip

__all__ = ["Clues", "likely"]

Hypothesis = Callable[[Clues], str | None]

_OF_SHAPE: tuple[Hypothesis, ...] = (transposed, reshaped, not_summed, summed_too_much)
_OF_VALUES: tuple[Hypothesis, ...] = (
    not_finite, nothing, proportional, mask, transposed, other_input, flipped,
    factor_left_out, repeated_index, upstream_ignored, diagonal, constant_along, one_wrong_line,
)  # fmt: skip


def likely(clues: Clues) -> str | None:
    """One sentence on what would give these numbers, None where nothing simple does."""
    with np.errstate(all="ignore"):
        if clues.got.shape == clues.true.shape:
            return _first(_OF_VALUES, clues)
        wanted = f"the shape is {clues.got.shape}, and {clues.name} has {clues.true.shape}"
        return _first(_OF_SHAPE, clues) or wanted


def _first(hypotheses: tuple[Hypothesis, ...], clues: Clues) -> str | None:
    return next((said for one in hypotheses if (said := one(clues)) is not None), None)
