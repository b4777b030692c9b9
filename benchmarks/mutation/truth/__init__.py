"""Whether a script steps along the gradient of its loss, found out by running it; no gradlint here."""

from __future__ import annotations

from mutation.truth.deciding import Truth, decide
from mutation.truth.planning import Plan, plan_for

__all__ = ["Plan", "Truth", "decide", "plan_for"]
