"""Labels among what is made: gathered, scattered, encoded and given to losses of classes."""

from __future__ import annotations

import pytest

from ..analysing import report_of
from .judging import TORCH, assert_right

CLASSES = (
    TORCH
    + """
import torch.nn.functional as F


class Scores(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, target, smoothing):
        ctx.save_for_backward(logits, target)
        ctx.smoothing = smoothing
        return {forward}

    @staticmethod
    def backward(ctx, g):
        logits, target = ctx.saved_tensors
        p = torch.softmax(logits, dim=1)
        {first}
        return {gradient}, None, None
"""
)

SMOOTHED = "torch.full_like(logits, {0} / logits.size(1)).scatter_(1, target.unsqueeze(1), 1 - {0})"


@pytest.mark.parametrize(
    ("forward", "first", "gradient"),
    [
        pytest.param(
            "F.cross_entropy(logits, target)", "pass",
            "(p - F.one_hot(target, logits.shape[1])) * g / logits.shape[0]", id="one-hot",
        ),
        pytest.param(
            "-torch.log_softmax(logits, 1).gather(1, target.unsqueeze(1)).squeeze(1)",
            "p.scatter_add_(1, target.unsqueeze(1), torch.full_like(p, -1.0))",
            "p * g.unsqueeze(1)", id="gathered",
        ),
        pytest.param(
            f"-(torch.log_softmax(logits, 1) * {SMOOTHED.format('smoothing')}).sum(1)",
            f"hot = {SMOOTHED.format('ctx.smoothing')}",
            "(p * hot.sum(1, keepdim=True) - hot) * g.unsqueeze(1)", id="scattered",
        ),
    ],
)  # fmt: skip
def test_labels_are_known_by_their_use(forward: str, first: str, gradient: str) -> None:
    assert_right(CLASSES.format(forward=forward, first=first, gradient=gradient), "logits")
    wrong = CLASSES.format(forward=forward, first=first, gradient=f"2 * {gradient}")
    assert report_of(wrong).verdict.value in ("wrong", "suspect")


def test_what_is_infinite_on_the_way_and_left_out_is_judged_by_slopes() -> None:
    assert_right(
        TORCH
        + """

class Others(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, target):
        hot = torch.zeros_like(logits).scatter_(1, target.unsqueeze(1), 1.0).bool()
        left = logits.clone()
        left[hot] = -torch.inf
        q = left.softmax(dim=1)
        loss = q * left.log_softmax(dim=1)
        loss[hot] = 0
        total = loss.sum(dim=1)
        ctx.save_for_backward(q, left, hot)
        return total

    @staticmethod
    def backward(ctx, g):
        q, left, hot = ctx.saved_tensors
        safe = torch.where(hot, torch.zeros_like(left), left)
        mean = (q * safe).sum(dim=1, keepdim=True)
        return q * (safe - mean) * g.unsqueeze(1), None
""",
        "logits",
    )


def test_a_backward_pass_that_only_refuses_is_none() -> None:
    text = """
class Lookup(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, table):
        return torch.argmin((x.unsqueeze(1) - table) ** 2, dim=1)

    @staticmethod
    def backward(ctx, g):
        raise NotImplementedError("an index has no gradient")
"""
    assert report_of(TORCH + text).verdict.value == "not-applicable"


def test_an_output_that_is_counted_has_no_gradient() -> None:
    text = """
class Positive(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0), (x > 0).sum(dim=-1)

    @staticmethod
    def backward(ctx, g, counted):
        x, = ctx.saved_tensors
        return g * (x > 0)
"""
    assert_right(TORCH + text, "x")
