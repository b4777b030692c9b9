"""What ails a training: from observations of a run to symptoms. Pure functions; nothing is run here."""

from gradlint.health.diagnosing import diagnose
from gradlint.health.options import HealthOptions
from gradlint.health.record import Health
from gradlint.health.symptom import Symptom
from gradlint.health.thresholds import Thresholds

__all__ = ["Health", "HealthOptions", "Symptom", "Thresholds", "diagnose"]
