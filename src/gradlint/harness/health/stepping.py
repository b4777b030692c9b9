"""How large a step may be: the sharpness where the training begins, and a rate that was tried.

Gradient descent on a loss whose Hessian has the largest eigenvalue L is stable below a rate of 2 / L
(Cohen et al., *Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability*, ICLR
2021). L comes from Hessian-vector products, two reverse passes each, by the Lanczos method with full
reorthogonalisation: a power iteration that forgets nothing, and that is not led astray by an eigenvalue
that is larger in size but negative.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradlint.harness.autograd import evaluated
from gradlint.harness.graph import LossGraph
from gradlint.harness.health.planning import Rate
from gradlint.health.record import StepSize

PRODUCTS = 30
"""Hessian-vector products at most; ten give two digits where one eigenvalue leads."""
SETTLED = 0.01
"""Relative change of the estimate that ends the search: a bound on a step needs no third digit."""
TRIED = 100
"""Steps over which a rate is tried."""
SECONDS = 2.0
"""For each of the two, the estimate and the trials."""
_PORTIONS = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
"""Parts of the stable rate that are tried, the largest first: the curvature may grow on the way."""


def step_size(torch: Any, graph: LossGraph, rate: Rate, scale: float) -> StepSize | None:
    """What is known of steps of `rate` along `scale` times the gradient of `graph`; None if nothing.

    All that is said is in the units of the script's own rate.
    """
    sharpness = sharpness_of(torch, graph)
    if sharpness is None or sharpness <= 0.0:
        return None
    sharpness *= scale
    found = StepSize(rate.value, sharpness, 2.0 / sharpness, rate.name, rate.span)
    trial = _trial(torch, graph, min(found.largest / 2, found.rate), scale)
    if trial is None:
        return found
    return replace(
        found, suggested=trial.rate, tried=trial.steps, first=trial.first, last=trial.last
    )


def rounded(rate: float) -> float:
    """`rate` with one digit, not larger than it was."""
    size = 10.0 ** math.floor(math.log10(rate))
    return float(f"{math.floor(rate / size * (1 + 1e-9)) * size:.0e}")


@dataclass(frozen=True, slots=True)
class TensorLoss:
    """A loss as torch computed it, with its graph, from `leaves`."""

    leaves: Sequence[Any]
    loss: Any


def sharpness_of(torch: Any, graph: LossGraph) -> float | None:
    """The largest eigenvalue of the Hessian of the loss at the values of `graph`, None if unknown."""
    return sharpness_at(torch, TensorLoss(*evaluated(torch, graph, graph.start())))


def sharpness_at(torch: Any, at: TensorLoss) -> float | None:
    """The largest eigenvalue of the Hessian of a loss in its leaves; its graph can be used again after."""
    if not at.loss.requires_grad or not math.isfinite(float(at.loss.detach())):
        return None
    slopes = torch.autograd.grad(at.loss, at.leaves, create_graph=True, allow_unused=True)
    used = [(x, g) for x, g in zip(at.leaves, slopes, strict=True) if g is not None]
    if not any(g.requires_grad for _, g in used):
        return 0.0
    leaves = [x for x, _ in used]
    flat = torch.cat([g.reshape(-1) for _, g in used])

    def product(vector: Any) -> Any:
        made = torch.autograd.grad(flat, leaves, vector, retain_graph=True, allow_unused=True)
        parts = [torch.zeros_like(x) if h is None else h for h, x in zip(made, leaves, strict=True)]
        return torch.cat([p.reshape(-1) for p in parts])

    return lanczos(torch, product, flat.detach())


def lanczos(torch: Any, product: Callable[[Any], Any], start: Any) -> float | None:
    """The largest eigenvalue of a symmetric matrix that is known by its products with vectors.

    It begins with `start`, a gradient, which leans to the steep directions; None where it is not finite.
    """
    size, began = float(start.norm()), time.monotonic()
    vector = start / size if size > 0.0 else torch.ones_like(start) / math.sqrt(start.numel())
    basis, diagonal, beside = [vector], list[float](), list[float]()
    found = -math.inf
    for _ in range(min(PRODUCTS, start.numel())):
        image = product(basis[-1])
        diagonal.append(float(image @ basis[-1]))
        for known in basis:
            image = image - (image @ known) * known
        before, found = found, _largest(diagonal, beside)
        rest = float(image.norm())
        if not math.isfinite(found) or not math.isfinite(rest):
            return None
        settled = abs(found - before) <= SETTLED * abs(found) and len(diagonal) > 3
        if settled or rest <= 1e-12 * abs(found) or time.monotonic() - began > SECONDS:
            break
        beside.append(rest)
        basis.append(image / rest)
    return found


def _largest(diagonal: Sequence[float], beside: Sequence[float]) -> float:
    matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    return float(np.linalg.eigvalsh(matrix)[-1]) if np.isfinite(matrix).all() else math.nan


@dataclass(frozen=True, slots=True)
class _Trial:
    """`steps` steps of gradient descent with `rate`: the loss fell from `first` to `last`."""

    rate: float
    steps: int
    first: float
    last: float


def _trial(torch: Any, graph: LossGraph, stable: float, scale: float) -> _Trial | None:
    """The largest of the rates that are tried with which the loss falls all the time."""
    began = time.monotonic()
    for portion in _PORTIONS:
        rate = rounded(stable * portion)
        losses = descended(torch, graph, rate * scale, began + SECONDS)
        if losses is not None and _falls(losses):
            return _Trial(rate, len(losses) - 1, losses[0], losses[-1])
    return None


def _falls(losses: Sequence[float]) -> bool:
    """Whether a loss fell at nearly all steps, and still does at the end."""
    moves = np.diff(np.asarray(losses))
    if not len(moves) or not np.isfinite(moves).all():
        return False
    late = moves[-max(len(moves) // 5, 1) :]
    return bool(np.mean(moves < 0) > 0.95 and np.all(late <= 0) and np.any(late < 0))


def descended(torch: Any, graph: LossGraph, rate: float, until: float) -> list[float] | None:
    """The losses of `TRIED` steps of gradient descent on `graph`; None where there is no time."""
    values, losses = graph.start(), list[float]()
    for _ in range(TRIED + 1):
        leaves, loss = evaluated(torch, graph, values)
        losses.append(float(loss.detach()))
        if not math.isfinite(losses[-1]) or losses[-1] > 1e3 * abs(losses[0]) + 1e-9:
            return losses
        if time.monotonic() > until:
            return None
        slopes = torch.autograd.grad(loss, leaves, allow_unused=True)
        for root, leaf, slope in zip(graph.roots, leaves, slopes, strict=True):
            if slope is not None:
                values[root] = (leaf - rate * slope).detach().numpy()
    return losses
