"""From judgements and repairs to findings, in words for people."""

from gradlint.rules.findings import findings_for
from gradlint.rules.gradients import gradient_rows
from gradlint.rules.verdict import Outcome, outcome, worst

__all__ = ["Outcome", "findings_for", "gradient_rows", "outcome", "worst"]
