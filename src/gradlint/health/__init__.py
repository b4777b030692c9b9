"""What ails a training: from observations of a run to symptoms. Pure functions; nothing is run here.

The settings of every call name the thresholds, so what diagnoses is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradlint.health.options import HealthOptions
from gradlint.health.thresholds import Thresholds

if TYPE_CHECKING:
    from gradlint.health.diagnosing import diagnose
    from gradlint.health.record import Health
    from gradlint.health.symptom import Symptom

__all__ = ["Health", "HealthOptions", "Symptom", "Thresholds", "diagnose"]

_PLACES = {"Health": "record", "Symptom": "symptom", "diagnose": "diagnosing"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
