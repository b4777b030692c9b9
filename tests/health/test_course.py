"""The course of the loss, and the gradients behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradlint.health.record import NotFinite
from gradlint.model import Severity, Span
from tests.health.trainings import HEALTHY, STEPS, codes, falling, parameter, told

LOST = NotFinite(6, "p", "nan", Span(9, 5, 9, 30), ("log",))


def _with(*losses: float | None) -> list[str]:
    return codes(replace(HEALTHY, losses=losses))


def test_a_loss_beyond_all_bounds_is_an_explosion_with_both_numbers() -> None:
    (symptom,) = told(replace(HEALTHY, losses=falling(2.0, 3.0)))
    assert (symptom.code, symptom.severity, symptom.span.line) == ("GL701", Severity.WARNING, 10)
    assert "from 2 to" in symptom.message and "1000 times" in symptom.message


def test_an_explosion_that_ends_in_nan_is_one_finding_that_names_the_first() -> None:
    (symptom,) = told(
        replace(HEALTHY, losses=(2.0, 9e9, 8e30, None), not_finite=replace(LOST, step=3))
    )
    assert symptom.code == "GL701" and "p is the first to be NaN" in symptom.message


def test_nan_out_of_the_blue_is_told_in_its_line_with_what_to_write() -> None:
    (symptom,) = told(replace(HEALTHY, losses=(2.0, 1.9, 1.8, None), not_finite=LOST))
    assert (symptom.code, symptom.span.line) == ("GL702", 9)
    assert "logarithm of 0" in (symptom.help or "")


def test_a_rise_is_a_note() -> None:
    (symptom,) = told(replace(HEALTHY, losses=falling(1.0, 1.05)))
    assert (symptom.code, symptom.severity) == ("GL708", Severity.NOTE)


def test_a_loss_that_stands_still_is_a_note_with_what_was_expected() -> None:
    (symptom,) = told(replace(HEALTHY, losses=falling(1.0, 1 - 1e-8)))
    assert symptom.code == "GL708" and "0.1%" in symptom.message


def test_a_loss_that_jumps_to_and_fro_is_a_note() -> None:
    (symptom,) = told(replace(HEALTHY, losses=(1.0, 1.5) * 15))
    assert symptom.code == "GL708" and "oscillates" in symptom.message


@pytest.mark.parametrize(
    "losses",
    [
        pytest.param((1.0, 900.0, 300.0, *falling(100.0)), id="a leap that it comes back from"),
        pytest.param((4.0, 1.0, 7.0, 2.0, 9.0, 3.0, 8.0, 2.0, 6.0, 1.0) * 3, id="noise of batches"),
        pytest.param((1.0,) * 5, id="too few steps to say"),
        pytest.param((None,) * STEPS, id="never computed"),
        pytest.param(tuple(-x for x in falling(1.0, 1.1)), id="a negative loss that falls"),
    ],
)
def test_a_loss_that_is_no_symptom_is_left_alone(losses: tuple[float | None, ...]) -> None:
    assert _with(*losses) == []


def test_of_a_loss_that_is_not_written_down_only_nan_is_told() -> None:
    assert codes(replace(HEALTHY, losses=falling(2.0, 3.0), written=False)) == []


def test_zero_gradients_are_told_where_the_loss_never_fell() -> None:
    zero = (parameter("w1", [0.0] * 5), parameter("w2", [0.0] * 5))
    ill = replace(HEALTHY, losses=(2.0,) * STEPS, parameters=zero, layers=())
    (symptom,) = told(ill)
    assert (symptom.code, symptom.severity) == ("GL704", Severity.WARNING)
    assert "from the start all gradients are exactly 0" in symptom.message


def test_zero_gradients_at_a_minimum_are_what_is_wanted() -> None:
    zero = (parameter("w1", [1.0, 0.0, 0.0]), parameter("w2", [1.0, 0.0, 0.0]))
    assert codes(replace(HEALTHY, losses=falling(8.0, 0.1), parameters=zero)) == []
    assert codes(replace(HEALTHY, losses=(8.0,) + (3.0,) * 29, parameters=zero)) == []


def test_vanishing_gradients_are_told_layer_by_layer() -> None:
    deep = tuple(parameter(f"w{k}", [10.0 ** (2 * k - 9)] * 5) for k in (1, 2, 3, 4))
    (symptom,) = told(replace(HEALTHY, parameters=deep))
    assert (symptom.code, symptom.severity) == ("GL706", Severity.NOTE)
    assert "0.1 in w4, 0.001 in w3, 1e-05 in w2, 1e-07 in w1" in symptom.message


def test_gradients_that_fall_a_little_or_recover_are_left_alone() -> None:
    usual = (parameter("w1", [0.01] * 5), parameter("w2", [1.0] * 5))
    assert codes(replace(HEALTHY, parameters=usual)) == []
    slow = (parameter("w1", [1e-6, 1e-3, 1e-1]), parameter("w2", [1.0] * 3))
    assert codes(replace(HEALTHY, parameters=slow)) == []
