"""From what was seen to all that is to be said of it."""

from __future__ import annotations

from gradlint.health import course, gradients, step_size, units, updates
from gradlint.health.record import Health
from gradlint.health.symptom import Symptom
from gradlint.health.thresholds import Thresholds
from gradlint.model import Severity

_CHECKS = (
    units.symmetric, units.dead, gradients.zero, course.exploding, course.not_finite, step_size.too_large,
    gradients.vanishing, units.saturated, course.loss_course, updates.ratios, updates.unchanged,
)  # fmt: skip
_BLUNT = ("GL708", "GL709", "GL710")
"""Symptoms that follow from any of the others and need not be said beside them."""


_EXPLAINED = {"GL701": ("GL703", "GL704"), "GL705": ("GL703", "GL704"), "GL703": ("GL704",)}
"""What each grave symptom explains: units that explode die, weights that are all 0 let nothing through."""


def diagnose(health: Health, limits: Thresholds) -> tuple[Symptom, ...]:
    """The symptoms of a training, the grave ones first; what one of them explains is left out."""
    found = [symptom for check in _CHECKS for symptom in check(health, limits)]
    grave = {x.code for x in found if x.severity is Severity.WARNING}
    explained = {code for cause in grave for code in _EXPLAINED.get(cause, ())}
    explained |= set(_BLUNT) if grave else set()
    return tuple(x for x in found if x.code not in explained)
