"""Losses that nobody wrote: built on the error that the gradients were made from, as a sum or a mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from gradlint.claims.spec import LossSpec
from gradlint.tracing import Trace
from gradlint.tracing.build import Builder

INFERRED: dict[str, str] = {
    "squared": "half the sum of squared errors",
    "binary": "the binary cross-entropy",
    "softmax": "the cross-entropy",
    "picked": "the cross-entropy",
}
"""What a family is called as a sum over all entries."""

_SUMS = {**INFERRED, "squared": "the sum of squared errors"}
_SHARES = {"all": "", "rows": " over the rows", "columns": " over the columns"}

Influence = Callable[[int], bool]
"""Whether a node was computed from a parameter."""


def inferred(build: Builder, spec: LossSpec, node: int, influenced: Influence) -> int:
    """The node of the loss `spec` of the error `node`."""
    terms, weight = _FAMILIES[spec.family](build, node, influenced)
    total = _reduced(build, terms, spec.share)
    if weight * spec.times == -1.0:
        return build("negative", total)
    if weight * spec.times == 1.0:
        return total
    return build("multiply", total, build.number(weight * spec.times))


def _reduced(build: Builder, terms: int, share: str) -> int:
    rank = len(build.trace.nodes[terms].shape)
    if share == "all":
        return build("mean", terms)
    if share and rank > 1:
        axis = 0 if share == "rows" else rank - 1
        others = tuple(i for i in range(rank) if i != axis)
        return build("mean", build("sum", terms, axis=others, keepdims=False))
    return build("sum", terms)


def in_scale(spec: LossSpec, traces: Sequence[Trace], scales: Sequence[float]) -> LossSpec | None:
    """An inferred loss as the sum or mean that is `scales` times as large in `traces`, if that has a name."""
    for other in _in_other_scales(spec):
        factors = [_factor(trace, other) for trace in traces]
        if len(factors) == len(scales) and np.allclose(factors, scales, rtol=1e-9):
            return other
    return None


def _in_other_scales(spec: LossSpec) -> Iterator[LossSpec]:
    for share in ("", *_SHARES):
        for times in (1.0, 2.0) if spec.family == "squared" else (1.0,):
            yield replace(spec, times=times, share=share, name=_named(spec.family, times, share))


def _named(family: str, times: float, share: str) -> str:
    half = "half " if family == "squared" and times == 1.0 else ""
    if share == "all" and family == "squared":
        return f"{half}the mean of squared errors"
    return f"{half}{_SUMS[family]}" + (f", averaged{_SHARES[share]}" if share else "")


def _factor(trace: Trace, spec: LossSpec) -> float:
    """How many times as large as the plain sum a loss is in `trace`."""
    node = trace.at(spec.sites[0])
    shape = () if node is None else trace.nodes[node].shape
    counts = {"all": shape, "rows": shape[:1], "columns": shape[-1:]}
    return spec.times / float(np.prod(counts.get(spec.share, ())))


def sides(trace: Trace, node: int, influenced: Influence) -> tuple[int, int]:
    """The output and the target of a difference, or of a quotient: `-y / p`."""
    left, right = trace.nodes[node].inputs
    if trace.nodes[node].op == "divide":
        return right, unsigned(trace, left)
    return (left, right) if influenced(left) else (right, left)


def unsigned(trace: Trace, node: int) -> int:
    """What is behind a minus sign."""
    return trace.nodes[node].inputs[0] if trace.nodes[node].op == "negative" else node


_Terms = tuple[int, float]
"""The terms of a sum, entry by entry, and what the sum is multiplied by."""


def _squared(build: Builder, node: int, influenced: Influence) -> _Terms:
    return build("multiply", node, node), 0.5


def _binary(build: Builder, node: int, influenced: Influence) -> _Terms:
    output, target = sides(build.trace, node, influenced)
    one = build.number(1.0)
    hit = build("multiply", target, build("log", output))
    miss = build(
        "multiply", build("subtract", one, target), build("log", build("subtract", one, output))
    )
    return build("add", hit, miss), -1.0


def _softmax(build: Builder, node: int, influenced: Influence) -> _Terms:
    output, target = sides(build.trace, node, influenced)
    return build("multiply", target, build("log", output)), -1.0


def _picked_entropy(build: Builder, node: int, influenced: Influence) -> _Terms:
    return build("log", build.trace.nodes[node].inputs[0]), -1.0


_FAMILIES: dict[str, Callable[[Builder, int, Influence], _Terms]] = {
    "squared": _squared,
    "binary": _binary,
    "softmax": _softmax,
    "picked": _picked_entropy,
}
