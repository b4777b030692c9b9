"""Step sizes, steps against what they move, and parameters that do not move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gradlint.health import Health
from gradlint.model import Severity
from tests.health.trainings import HEALTHY, SIZE, codes, falling, layer, parameter, told


def _changed(parameter_: Any, **look: Any) -> Any:
    return replace(parameter_, looks=tuple(replace(x, **look) for x in parameter_.looks))


def test_a_step_beyond_the_stable_one_is_told_with_how_many_times_and_what_to_take() -> None:
    ill = replace(HEALTHY, losses=falling(2.0, 3.0), step_size=SIZE)
    (symptom,) = [x for x in told(ill) if x.code == "GL711"]
    assert (symptom.severity, symptom.span.line) == (Severity.WARNING, 5)
    assert "lr is 0.01, 100 times the largest stable step" in symptom.message
    assert "try lr = 5e-05" in (symptom.help or "") and "(tried)" in (symptom.help or "")


def test_a_rate_that_was_not_tried_is_not_said_to_be() -> None:
    untried = replace(SIZE, suggested=None, tried=0, first=None, last=None)
    (symptom,) = [
        x for x in told(replace(HEALTHY, losses=falling(2.0, 3.0), step_size=untried))
        if x.code == "GL711"
    ]  # fmt: skip
    assert "try lr = 5e-05" in (symptom.help or "") and "tried)" not in (symptom.help or "")


@pytest.mark.parametrize(
    "silent",
    [
        pytest.param(HEALTHY, id="a training that goes well at any step"),
        pytest.param(
            replace(HEALTHY, losses=(8.0, 300.0, *falling(100.0, 0.7))), id="a start over a hill"
        ),
        pytest.param(
            replace(HEALTHY, layers=(layer([0.0] * 9),), parameters=(parameter("w1", [0.0] * 9),)),
            id="units that were dead before the first step",
        ),
    ],
)
def test_nothing_is_said_of_the_step_where_it_did_no_harm(silent: Health) -> None:
    assert "GL711" not in codes(replace(silent, step_size=SIZE))


def test_a_small_step_is_not_blamed_for_an_explosion() -> None:
    small = replace(SIZE, rate=1e-6, suggested=1e-6)
    assert "GL711" not in codes(replace(HEALTHY, losses=falling(2.0, 3.0), step_size=small))


def test_steps_out_of_proportion_are_a_note() -> None:
    large = (_changed(parameter("w1", [1.0] * 5), update=50.0), parameter("w2", [1.0] * 5))
    (symptom,) = told(replace(HEALTHY, parameters=large))
    assert (symptom.code, symptom.severity) == ("GL709", Severity.NOTE)
    assert "50 times" in symptom.message and "at most 10" in symptom.message


def test_a_bias_that_starts_at_zero_is_not_out_of_proportion() -> None:
    bias = _changed(parameter("b", [1.0] * 5), weight=0.0)
    assert codes(replace(HEALTHY, parameters=(bias, parameter("w2", [1.0] * 5)))) == []


def test_a_parameter_that_never_changes_is_told_with_why() -> None:
    lost = (_changed(parameter("w1", [1.0] * 5), moved=False), parameter("w2", [1.0] * 5))
    (symptom,) = told(replace(HEALTHY, parameters=lost))
    assert symptom.code == "GL710" and "rounding" in symptom.message
    zero = (parameter("w1", [0.0] * 5), parameter("w2", [1.0] * 5))
    (symptom,) = told(replace(HEALTHY, parameters=zero))
    assert symptom.code == "GL710" and "exactly 0" in symptom.message


def test_what_a_grave_symptom_explains_is_not_said_beside_it() -> None:
    zero = (parameter("w1", [0.0] * 5), parameter("w2", [1.0] * 5))
    ill = replace(HEALTHY, losses=falling(2.0, 3.0), parameters=zero)
    assert codes(ill) == ["GL701"]
