"""Straight-through estimators: held against the step taken for something smooth, where they are that."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of
from .judging import TORCH

STEP = (
    TORCH
    + """

class Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return {forward}

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return {backward}
"""
)


@pytest.mark.parametrize(
    ("forward", "backward", "verdict"),
    [
        pytest.param("torch.round(x)", "g", "correct", id="rounding as the identity"),
        pytest.param("torch.round(x * 7) / 7", "g", "correct", id="rounding to levels"),
        pytest.param("torch.sign(x)", "g", "correct", id="a sign as the identity"),
        pytest.param("torch.sign(x)", "g * (x.abs() <= 1)", "correct", id="a sign that is clipped"),
        pytest.param("(x > 0).float()", "g", "correct", id="a threshold as the identity"),
        pytest.param(
            "torch.round(x.clamp(-1, 1))",
            "g * (x.abs() <= 1)",
            "correct",
            id="clipped, then rounded",
        ),
        pytest.param(
            "torch.sign(x) * torch.floor(x.abs() + 0.5)", "g", "correct", id="away from zero"
        ),
        pytest.param("torch.round(x * 7) / 7", "g * 7", "unverified", id="a factor more"),
        pytest.param(
            "torch.sign(x)", "g * (x.abs() > 1)", "unverified", id="the mask the other way"
        ),
        pytest.param("(x > 0).float()", "g / (1 + x.abs()) ** 2", "unverified", id="a surrogate"),
    ],
)
def test_a_choice_in_place_of_a_slope(forward: str, backward: str, verdict: str) -> None:
    found = report_of(STEP.format(forward=forward, backward=backward))
    assert (problems(found), found.verdict.value) == ([], verdict), found.reason


def test_what_the_step_is_taken_for_is_told() -> None:
    found = report_of(STEP.format(forward="torch.round(x)", backward="g"))
    (row,) = found.gradients
    assert row.straight and row.loss == "Step.forward, with rounding taken for the identity"


NESTED = (
    TORCH
    + """

class Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, g):
        return g


class Levels(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x, scale)
        return Round.apply(x / scale) * scale

    @staticmethod
    def backward(ctx, g):
        x, scale = ctx.saved_tensors
        return g, g * (torch.round(x / scale) - {ratio})
"""
)


def test_a_function_that_another_one_applies_is_looked_into() -> None:
    found = report_of(NESTED.format(ratio="x / scale"))
    assert (problems(found), found.verdict.value) == ([], "correct"), found.reason
    assert {row.of for row in found.gradients} == {"x", "scale"}
    assert report_of(NESTED.format(ratio="x")).verdict.value == "unverified"


def test_a_function_that_a_function_defines_is_judged() -> None:
    text = """
def quantizer(bits):
    class Quantize(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            levels = 2 ** bits - 1
            return torch.round(x * levels) / levels

        @staticmethod
        def backward(ctx, g):
            return g

    return Quantize.apply
"""
    assert report_of(TORCH + text).verdict.value == "correct"
