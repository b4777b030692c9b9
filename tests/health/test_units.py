"""Dead, saturated and symmetric units."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradlint.health.record import Layer, Parameter
from gradlint.model import Severity
from tests.health.trainings import HEALTHY, codes, layer, parameter, told

DEAD = replace(
    HEALTHY,
    losses=(8.0,) + (639.48,) * 29,
    layers=(layer([0.5, 0.0, 0.0, 0.0]),),
    parameters=(parameter("w1", [1.0, 0.0, 0.0, 0.0]), parameter("w2", [1.0, 0.0, 0.0, 0.0])),
)


def test_a_healthy_training_has_no_symptom() -> None:
    assert told(HEALTHY) == []


def test_a_layer_that_dies_is_told_with_the_step_the_input_and_the_loss_that_stands_still() -> None:
    (symptom,) = told(DEAD)
    assert (symptom.code, symptom.severity, symptom.span.line) == ("GL703", Severity.WARNING, 8)
    for words in ("after the first update", "z is at most -1.5", "exactly 0", "639.48"):
        assert words in symptom.message


def test_a_layer_that_is_dead_from_the_start_is_blamed_on_the_start() -> None:
    looks = (layer([0.0]),)
    zero = (parameter("w1", [0.0]), parameter("w2", [3.0]))
    (symptom,) = told(replace(HEALTHY, steps=1, losses=(8.0,), layers=looks, parameters=zero))
    assert symptom.message.startswith("from the start")
    assert "biases" in (symptom.help or "")


@pytest.mark.parametrize(
    "silent",
    [
        pytest.param(layer([0.5, 0.0, 0.0, 0.5]), id="units that come back"),
        pytest.param(layer([0.5, 0.0, 0.0, 0.0], hidden=False), id="an output that is cut at zero"),
        pytest.param(layer([0.5, 0.2, 0.2, 0.2]), id="most units inactive, as is usual"),
        pytest.param(layer([1.0, 0.0, 0.0, 0.0], kind="sigmoid"), id="another activation"),
    ],
)
def test_a_layer_that_is_not_dead_is_left_alone(silent: Layer) -> None:
    assert codes(replace(HEALTHY, layers=(silent,))) == []


def test_one_input_at_a_time_may_leave_all_units_inactive_while_the_weights_still_move() -> None:
    inactive = layer([0.0] * 8, single=True)
    assert codes(replace(HEALTHY, layers=(inactive,))) == []


def test_a_layer_with_nearly_all_units_inactive_is_a_note() -> None:
    (symptom,) = told(replace(HEALTHY, layers=(layer([0.03] * 6),)))
    assert (symptom.code, symptom.severity) == ("GL703", Severity.NOTE)
    assert "97%" in symptom.message


def test_saturated_units_are_a_note_with_the_part_seen_and_the_part_allowed() -> None:
    flat = layer([0.5] * 4, saturated=0.8, kind="tanh")
    (symptom,) = told(replace(HEALTHY, layers=(flat,)))
    assert (symptom.code, symptom.severity) == ("GL707", Severity.NOTE)
    assert "80%" in symptom.message and "50%" in symptom.message


def test_the_part_that_may_be_saturated_is_a_setting() -> None:
    flat = replace(HEALTHY, layers=(layer([0.5] * 4, saturated=0.8, kind="tanh"),))
    assert codes(flat, saturated_part=0.9) == []


def test_a_saturated_output_is_what_a_classifier_wants() -> None:
    flat = layer([0.5] * 4, saturated=0.9, kind="sigmoid", hidden=False)
    assert codes(replace(HEALTHY, layers=(flat,))) == []


def _alike(flags: list[bool], **other: object) -> Parameter:
    made = parameter("w1", [1.0] * len(flags))
    looks = tuple(replace(x, alike=y) for x, y in zip(made.looks, flags, strict=True))
    return replace(made, looks=looks, **other)  # type: ignore[arg-type]


def test_units_that_start_alike_and_stay_alike_are_symmetric() -> None:
    ill = replace(HEALTHY, parameters=(_alike([True] * 5), parameter("w2", [1.0] * 5)))
    (symptom,) = told(ill)
    assert (symptom.code, symptom.severity) == ("GL705", Severity.WARNING)
    assert "8 units" in symptom.message and "symmetric" in symptom.message


@pytest.mark.parametrize(
    ("flags", "other"),
    [
        pytest.param(
            [True, False, False], {}, id="zeros that random weights after them tell apart"
        ),
        pytest.param([True] * 3, {"hidden": False}, id="an output layer that starts at zero"),
        pytest.param([True] * 3, {"units": 0}, id="it is not known which axis the units are on"),
        pytest.param([True], {}, id="one look says nothing of what they become"),
    ],
)
def test_other_equal_weights_are_left_alone(flags: list[bool], other: dict[str, object]) -> None:
    made = (_alike(flags, **other), parameter("w2", [1.0] * len(flags)))
    assert codes(replace(HEALTHY, parameters=made)) == []
