"""Factors that are a matter of convention in a function that is judged by itself.

A layer whose parameters' gradients are divided by the batch size, while that of its input is not, is right
where the loss is a mean whose own gradient leaves the division out (the courses teach it so).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import prod

import numpy as np

from gradlint.claims.names import says_loss
from gradlint.driving import is_layer
from gradlint.driving.contexts import AutogradDrive
from gradlint.driving.engines import EngineDrive
from gradlint.judging import Truth
from gradlint.judging.case import Point
from gradlint.judging.compare import compare
from gradlint.model import Agreement, Severity
from gradlint.reading import syntax as s
from gradlint.reading.walking import descend
from gradlint.rules.losses import is_maximised
from gradlint.rules.subject import Subject
from gradlint.tracing import Driven, Trace
from gradlint.tracing.guesses import says_parameter


def takes_mean_late(subject: Subject) -> bool:
    """Whether those of the inputs are exact and those of all parameters divided by one and the same size."""
    judgement = subject.judgement
    if judgement is None or not _leaves_factors_open(subject):
        return False
    exact = [
        claim.place for claim, found in zip(subject.case.claims, judgement.comparisons, strict=True)
        if found.agreement is Agreement.EQUAL
    ]  # fmt: skip
    if any(says_parameter(place) for place in exact):
        return False
    left = [c.scale for c in judgement.comparisons if c.agreement is not Agreement.EQUAL]
    if not exact or not left or any(scale is None or scale <= 0 for scale in left):
        return False
    sizes = [1 / scale for scale in left if scale]
    whole = abs(sizes[0] - round(sizes[0])) < 1e-6 and round(sizes[0]) > 1
    return whole and max(sizes) - min(sizes) < 1e-6 and _is_a_size(subject, round(sizes[0]))


def _is_a_size(subject: Subject, count: int) -> bool:
    """Whether a number is that of the entries along some axes of what was made, or a count that was."""
    trace, inputs = subject.case.trace, subject.case.facts.inputs
    shapes = {trace.nodes[node].shape for node in (*trace.inputs, *trace.upstream)}
    counts = (key for key, form in inputs.forms.items() if form.kind == "count")
    return any(inputs.size(key) == count for key in counts) or any(
        prod(axes) == count
        for shape in shapes
        for number in range(1, len(shape) + 1)
        for axes in combinations(shape, number)
    )


def is_half_read(subject: Subject) -> bool:
    """Whether some of what a function hands out is not known, and the rest differs by constants alone.

    A mean over the batch in the gradients of the parameters is told from a mistake by that of the input.
    """
    judgement = subject.judgement
    if judgement is None or not subject.case.trace.unread or not _leaves_factors_open(subject):
        return False
    wrong = [c for c in judgement.comparisons if c.is_wrong]
    return bool(wrong) and all(c.scale is not None and c.scale > 0 for c in wrong)


def is_constant(subject: Subject) -> bool:
    """Whether all that a function hands out is right up to one positive constant."""
    judgement = subject.judgement
    if judgement is None or not _leaves_factors_open(subject) or judgement.consistent:
        return False
    scales = [c.scale for c in judgement.comparisons]
    if any(scale is None or scale <= 0 for scale in scales):
        return False
    known = [scale for scale in scales if scale is not None]
    return max(known) - min(known) < 1e-6 * max(known)


def _leaves_factors_open(subject: Subject) -> bool:
    """Whether a function is judged by itself of which the caller may take the factors that it leaves out.

    What an autograd calls, torch's or a small one, gets the gradient of all that follows.
    """
    module = subject.module
    return isinstance(module, Driven) and not isinstance(module.drive, EngineDrive | AutogradDrive)


def alters_gradient(subject: Subject) -> bool:
    """Whether a function of torch's autograd is there only for its backward pass: it hands its input on.

    So gradients are reversed, scaled or clipped on their way.
    """
    objective = subject.case.trace.objective
    if not isinstance(subject.module, Driven) or objective is None:
        return False
    if not isinstance(subject.module.drive, AutogradDrive):
        return False
    return all(_is_handed_on(subject.case.trace, out) for out, _ in objective.outputs)


def is_guided(subject: Subject) -> bool:
    """Whether a function of torch's autograd hands on the true gradient where it is positive, else nothing.

    Guided backpropagation shows what speaks for a class, and means no derivative.
    """
    objective, judgement = subject.case.trace.objective, subject.judgement
    if objective is None or judgement is None or not isinstance(subject.module, Driven):
        return False
    if not isinstance(subject.module.drive, AutogradDrive) or len(objective.outputs) != 1:
        return False
    walked = list(zip(subject.case.points, judgement.truths, strict=False))
    return bool(subject.wrong) and all(
        _is_cut(point, true, i) for point, true in walked for i in subject.wrong
    )


def _is_cut(point: Point, true: Truth, i: int) -> bool:
    """Whether a claim is the truth but for entries at which it is nothing, and what comes in is negative."""
    root, objective = point.roots[i], point.frozen.objective
    if root is None or objective is None or objective.outputs[0][1] is None:
        return False
    upstream = np.asarray(point.frozen.value(objective.outputs[0][1]))
    claimed, truth = np.asarray(point.claims[i].value), true.gradient(point.frozen, root)
    if not claimed.shape == truth.shape == upstream.shape:
        return False
    return bool(np.allclose(claimed, np.where(upstream > 0, truth, 0.0), rtol=1e-9))


def _is_handed_on(trace: Trace, node: int) -> bool:
    while trace.nodes[node].op in ("copy", "reshape", "reshape_as"):
        node = trace.nodes[node].inputs[0]
    return node in trace.inputs


def is_likelihood(subject: Subject) -> bool:
    """Whether a function judged by itself climbs what is called a loss: the logarithm of a likelihood."""
    judgement = subject.judgement
    if judgement is None or not isinstance(subject.module, Driven):
        return False
    points = zip(subject.case.points, judgement.truths, strict=False)
    negative = all(float(np.sum(point.frozen.value(true.loss))) < 0 for point, true in points)
    logs = any(node.op.startswith("log") for node in subject.case.trace.nodes)
    return negative and logs and is_maximised(judgement)


def passes_on(subject: Subject) -> str | None:
    """Of what a layer hands on unchanged what comes from upstream, although it should not by itself.

    That is right where the gradient of the loss is taken with the activation: `p - y` has the softmax in it.
    """
    judgement = subject.judgement
    if judgement is None or not isinstance(subject.module, Driven):
        return None
    if isinstance(subject.module.drive, EngineDrive):
        return None  # an operator of a small autograd has no loss behind it
    for claim, found in zip(subject.case.claims, judgement.comparisons, strict=True):
        nodes = subject.case.trace.nodes
        fits = np.shape(claim.value) == nodes[claim.root].shape
        handed_on = fits and claim.gradient is not None and nodes[claim.gradient].is_leaf
        if not found.is_right and handed_on and np.any(claim.value):
            return claim.place
    return None


def gives_delta(subject: Subject) -> str | None:
    """What a cross-entropy is given whose gradient it does not hand out, but `output - target`.

    That is the gradient in what goes into the softmax or sigmoid before the loss, as the last layer of a
    network wants it.
    """
    judgement = subject.judgement
    if judgement is None or not isinstance(subject.module, Driven) or len(subject.case.claims) > 1:
        return None
    wrong = all(found.is_wrong for found in judgement.comparisons)
    logs = any(node.op.startswith("log") for node in subject.case.trace.nodes)
    return subject.case.claims[0].place if wrong and logs and _is_delta(subject) else None


def _is_delta(subject: Subject) -> bool:
    """Whether the only claim is, at every point, one multiple of its input less what it does not reach."""
    walked = [(point.trace, point.claims[0]) for point in subject.case.points if point.claims]
    if not walked or len(walked) < len(subject.case.points):
        return False
    first, claim = walked[0]
    return any(
        compare([
            (claim.value, trace.value(claim.root) - trace.value(other))
            for trace, claim in walked
            if other < len(trace.nodes) and trace.nodes[other].shape == np.shape(claim.value)
        ]).agreement in (Agreement.EQUAL, Agreement.SCALED)
        for other in _targets_like(first, claim.root, np.shape(claim.value))
    )  # fmt: skip


def _targets_like(trace: Trace, root: int, shape: tuple[int, ...]) -> Iterator[int]:
    """What may be the target of an output `root` of this shape: an input, or one-hot rows made of labels."""
    for other, node in enumerate(trace.nodes):
        if node.shape == shape and not trace.depends([other], root):
            yield other


def penalises(subject: Subject) -> str | None:
    """Of what a layer's gradient has a penalty in it, which only the loss of a network can ask for."""
    judgement = subject.judgement
    if judgement is None or not is_layer(subject.module):
        return None
    pairs = zip(subject.case.claims, judgement.comparisons, strict=True)
    return next((claim.place for claim, found in pairs if found.is_penalised), None)


def severity(subject: Subject) -> Severity:
    """A warning where the losses in sight take no mean, a note where one does or none is in sight."""
    functions = (n for n in descend(subject.module.everything) if isinstance(n, s.FunctionDef))
    losses = [f for f in functions if says_loss(f.name)]
    summed = losses and not any(_divides(f.body) for f in losses)
    return Severity.WARNING if summed else Severity.NOTE


def _divides(body: s.Block) -> bool:
    return any(
        (isinstance(n, s.BinOp) and n.op == "/")
        or (isinstance(n, s.Attribute) and n.attr == "mean")
        for n in descend(body)
    )
