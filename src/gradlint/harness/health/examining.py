"""From a watched run to its health, with the step size where the training goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gradlint.harness.confirm import Confirmation
from gradlint.harness.health.planning import Rate, plan_health, rate_of
from gradlint.harness.health.stepping import step_size
from gradlint.harness.health.watch import Watch
from gradlint.harness.plan import Plan
from gradlint.health import Health
from gradlint.health.record import StepSize
from gradlint.health.step_size import goes_wrong

_ALONG = 0.9
"""Cosine with the true gradient, in size, from which a step tells the scale of all steps."""


def watch_for(plan: Plan, noted: Callable[[int], None]) -> Watch | None:
    """What watches the health of the training that `plan` is about, if that is wanted and can be.

    `noted` is told of each step.
    """
    wanted = plan.job.health
    if wanted is None or wanted.steps <= 0 or plan.job.loop is None:
        return None
    found = plan_health(plan)
    if found is None:
        return None
    return Watch(found, wanted.steps, wanted.seconds, wanted.thresholds, noted)


def examined(torch: Any, plan: Plan, watch: Watch, confirmation: Confirmation) -> Health:
    """The health that `watch` saw; the step size is asked about where something is wrong."""
    watch.leave()
    health = watch.health()
    if not goes_wrong(health, watch.limits):
        return health
    return replace(health, step_size=_step_size(torch, plan, confirmation))


def _step_size(torch: Any, plan: Plan, confirmation: Confirmation) -> StepSize | None:
    rate, first = rate_of(plan.scout.trace, plan.claims), confirmation.first
    if rate is None or first is None:
        return None
    try:
        return step_size(torch, first.graph, rate, _scale(confirmation))
    except (RuntimeError, TypeError, ValueError, NotImplementedError, IndexError):
        return None


def _scale(confirmation: Confirmation) -> float:
    """How many times the true gradient the script steps along; 1 where its gradients do not say."""
    found = []
    for evidence in confirmation.evidence:
        for computed, true in evidence.exact[:1]:
            a, b = np.ravel(computed), np.ravel(true)
            sizes = float(np.linalg.norm(a)), float(np.linalg.norm(b))
            if a.shape == b.shape and min(sizes) > 0 and abs(a @ b) > _ALONG * sizes[0] * sizes[1]:
                found.append(sizes[0] / sizes[1])
    return float(np.median(found)) if found else 1.0


__all__ = ["Rate", "examined", "watch_for"]
