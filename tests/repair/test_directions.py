"""Values are recognised as multiples of what is known, whatever their shape and sign."""

from __future__ import annotations

import numpy as np
import pytest

from gradlint.repair.directions import Directions

RNG = np.random.default_rng(0)
COTANGENT = RNG.normal(size=(3, 4))
KNOWN = Directions([RNG.normal(size=(3, 4)), COTANGENT, np.zeros((2, 2)), np.float64(3.0)])


def test_a_multiple_with_either_sign_goes_along_a_known_array() -> None:
    assert KNOWN.along(2.5 * COTANGENT)
    assert KNOWN.along(-0.1 * COTANGENT)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(COTANGENT + 1e-3, id="another direction"),
        pytest.param(COTANGENT.T, id="another shape"),
        pytest.param(np.zeros((3, 4)), id="zeros"),
        pytest.param(np.zeros((2, 2)), id="zeros that are known"),
        pytest.param(np.full((3, 4), np.inf), id="not finite"),
        pytest.param(COTANGENT > 0, id="flags"),
        pytest.param(3.0, id="a number"),
    ],
)
def test_what_has_no_known_direction(value: object) -> None:
    assert not KNOWN.along(value)
    assert KNOWN.ratio(value) is None


def test_the_ratio_is_that_of_the_entries() -> None:
    ratio = KNOWN.ratio(-4.0 * COTANGENT)
    assert ratio is not None
    np.testing.assert_allclose(ratio, -4.0)
    assert KNOWN.ratio(COTANGENT.astype(int)) is None


def test_a_ratio_must_hold_for_every_entry() -> None:
    bent = COTANGENT.copy()
    bent[0, 0] *= 1 + 1e-4 / abs(bent[0, 0])
    assert KNOWN.ratio(bent) is None
