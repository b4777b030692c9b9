"""Observations as data: there and back, and nothing in them that JSON does not know."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from gradlint.health import Health
from gradlint.health.record import NotFinite
from gradlint.model import Span
from tests.health.trainings import HEALTHY, SIZE

FULL = replace(
    HEALTHY, step_size=SIZE, not_finite=NotFinite(3, "p", "inf", Span(9, 1, 9, 5, cell=2), ("exp",))
)


def test_observations_survive_the_way_through_json() -> None:
    assert Health.of(json.loads(json.dumps(FULL.as_data()))) == FULL


def test_what_is_not_finite_becomes_null() -> None:
    data = replace(FULL, losses=(math.inf, math.nan, 1.0)).as_data()
    assert data["losses"] == [None, None, 1.0]
    json.dumps(data, allow_nan=False)


def test_every_span_is_placed() -> None:
    moved = FULL.placed(lambda span: replace(span, line=span.line + 100))
    lines = [moved.span, moved.layers[0].span, moved.parameters[0].span]
    assert moved.not_finite is not None and moved.step_size is not None
    assert all(s.line > 100 for s in (*lines, moved.not_finite.span, moved.step_size.span))
