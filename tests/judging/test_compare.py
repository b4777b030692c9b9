"""A written gradient against the true one: which differences count, and which are a constant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradlint.judging import compare
from gradlint.judging.compare import TOLERANCE, compare_decayed, without_penalty
from gradlint.model import Agreement

POINTS = [np.random.default_rng(k).normal(size=(4, 3)) for k in range(3)]
OTHERS = [np.random.default_rng(k + 10).normal(size=(4, 3)) for k in range(3)]


def _agreement(change: Any) -> Agreement:
    return compare([(change(true), true) for true in POINTS]).agreement


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda g: g, Agreement.EQUAL, id="the same"),
        pytest.param(lambda g: g * (1 + 1e-9), Agreement.EQUAL, id="the same up to rounding"),
        pytest.param(lambda g: 3 * g, Agreement.SCALED, id="three times"),
        pytest.param(lambda g: 2 * g, Agreement.SCALED, id="twice"),
        pytest.param(lambda g: g / np.linalg.norm(g), Agreement.SCALED, id="clipped to a norm"),
        pytest.param(lambda g: -g, Agreement.OPPOSITE, id="the opposite"),
        pytest.param(lambda g: g * 1.001 + 0.001, Agreement.DIFFERENT, id="nearly proportional"),
        pytest.param(lambda g: g * (g > 0), Agreement.DIFFERENT, id="masked"),
        pytest.param(lambda g: g * 0, Agreement.DIFFERENT, id="zero"),
        pytest.param(lambda g: g.T, Agreement.DIFFERENT, id="of another shape"),
        pytest.param(lambda g: g * np.nan, Agreement.UNKNOWN, id="not finite"),
    ],
)
def test_the_agreement_of_a_changed_gradient(change: Any, expected: Agreement) -> None:
    assert _agreement(change) is expected


def test_the_factor_is_told() -> None:
    assert compare([(2.5 * g, g) for g in POINTS]).scale == pytest.approx(2.5)


def test_a_factor_that_changes_its_sign_is_no_factor() -> None:
    pairs = [(s * g, g) for s, g in zip((1, -1, 1), POINTS, strict=True)]
    assert compare(pairs).agreement is Agreement.DIFFERENT


def test_a_single_number_needs_the_same_factor_everywhere() -> None:
    assert compare([(2.0, 1.0), (4.0, 2.0)]).agreement is Agreement.SCALED
    assert compare([(2.0, 1.0), (5.0, 2.0)]).agreement is Agreement.DIFFERENT


def test_gradients_that_vanish_say_nothing() -> None:
    assert compare([(0 * g, 0 * g) for g in POINTS]).agreement is Agreement.UNKNOWN


def test_the_tolerance_lies_between_rounding_and_mistakes() -> None:
    assert 1e-12 < TOLERANCE < 1e-3


def test_weight_decay_is_told_from_a_wrong_gradient() -> None:
    rows = [(g + 0.1 * w, g, w) for g, w in zip(POINTS, OTHERS, strict=True)]
    found = compare_decayed(rows)
    assert found.agreement is Agreement.EQUAL
    assert found.decay == pytest.approx(0.1)


def test_weight_decay_that_changes_is_a_wrong_gradient() -> None:
    rows = [(g + c * w, g, w) for c, g, w in zip((0.1, 0.2, 0.3), POINTS, OTHERS, strict=True)]
    assert compare_decayed(rows).agreement is Agreement.DIFFERENT


def test_the_slope_of_absolute_values_is_told_from_a_wrong_gradient() -> None:
    rows = [(3 * t + 0.2 * np.sign(p), t, p) for t, p in _drawn(3)]
    found = compare_decayed(rows)
    assert (found.agreement, found.decay) == (Agreement.SCALED, 0.0)
    assert found.scale == pytest.approx(3.0)
    assert found.shrink == pytest.approx(0.2)


def test_both_penalties_together_are_told_apart() -> None:
    rows = [(t + 0.1 * p - 0.2 * np.sign(p), t, p) for t, p in _drawn(3)]
    found = compare_decayed(rows)
    assert found.decay == pytest.approx(0.1)
    assert found.shrink == pytest.approx(-0.2)


def test_a_constant_beside_positive_parameters_is_no_penalty() -> None:
    rows = [(t + 0.2, t, np.abs(p)) for t, p in _drawn(3)]
    assert compare_decayed(rows).agreement is Agreement.DIFFERENT


def test_a_point_where_nothing_is_touched_tells_nothing_of_penalties() -> None:
    nothing = np.zeros(6)
    rows = [(t + 0.1 * p, t, p) for t, p in _drawn(2)]
    assert compare_decayed([*rows, (nothing, nothing, rows[0][2])]).decay == pytest.approx(0.1)


def _drawn(points: int) -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(5)
    return [(rng.normal(size=6), rng.normal(size=6)) for _ in range(points)]


def test_a_large_claim_is_held_against_all_of_its_entries() -> None:
    drawn = np.random.default_rng(5).normal(size=(2, 3, 2000))
    triples = [(true + 0.1 * p, true, p) for true, p in zip(*drawn, strict=True)]
    assert compare_decayed(triples).decay == pytest.approx(0.1)
    triples[0][0][1] += 1.0
    assert compare_decayed(triples).agreement is Agreement.DIFFERENT


@pytest.mark.parametrize(
    ("added", "decays", "shrinks"),
    [
        pytest.param(lambda p: 0.3 * p, True, False, id="weight decay"),
        pytest.param(lambda p: 0.2 * np.sign(p), False, True, id="a lasso"),
        pytest.param(lambda p: 0.3 * p + 0.2 * np.sign(p), True, True, id="both"),
    ],
)
def test_a_gradient_without_its_penalty_is_the_true_one(
    added: Any, decays: bool, shrinks: bool
) -> None:
    true, parameter = POINTS[0], OTHERS[0]
    bare = without_penalty(true + added(parameter), true, parameter, decays, shrinks)
    np.testing.assert_allclose(bare, true)


def test_a_mistake_is_not_taken_for_a_penalty() -> None:
    true, parameter = POINTS[0], OTHERS[0]
    bare = without_penalty(true * (true > 0) + 0.3 * parameter, true, parameter, True, False)
    assert compare([(bare, true)]).agreement is Agreement.DIFFERENT


def test_few_numbers_do_not_tell_a_penalty() -> None:
    assert without_penalty(np.ones(3), np.ones(3), np.arange(3.0), True, False) is None


def _entries(change: Any) -> list[tuple[Any, Any, Any]]:
    """Points at which one entry of an array has a slope: a bias of one user, with its parameter."""
    rng = np.random.default_rng(5)
    made = []
    for i in range(3):
        true, parameter, other = np.zeros(4), rng.normal(size=4), rng.normal()
        true[i] = rng.normal()
        claimed = np.zeros(4)
        claimed[i] = change(true[i], parameter[i], other)
        made.append((claimed, true, parameter))
    return made


def test_single_entries_at_several_points_tell_weight_decay() -> None:
    found = compare_decayed(_entries(lambda true, parameter, other: true + 0.3 * parameter))
    assert found.agreement is Agreement.EQUAL
    assert found.decay == pytest.approx(0.3)
    assert found.scales == pytest.approx((1.0, 1.0, 1.0))


def test_a_single_entry_with_another_factor_at_each_point_tells_nothing() -> None:
    found = compare_decayed(_entries(lambda true, parameter, other: true * (2 + abs(other))))
    assert found.agreement is Agreement.UNKNOWN
