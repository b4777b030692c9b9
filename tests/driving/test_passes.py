"""How the two passes of a `torch.autograd.Function` are called, and what is held against them."""

from __future__ import annotations

import pytest

from ..analysing import problems, report_of
from .judging import TORCH, assert_right

OF_CLASS = (
    TORCH
    + """

class Power(torch.autograd.Function):
    @classmethod
    def slope(cls, x, n):
        return n * x ** (n - 1)

    @classmethod
    def forward(cls, ctx, x, n=3, inplace=False):
        ctx.save_for_backward(x)
        ctx.n = n
        return x ** n

    @classmethod
    def backward(cls, ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * cls.slope(x, {order}), None


def power(x):
    return Power.apply({given})
"""
)


def test_passes_of_the_class_are_given_the_class_and_the_context() -> None:
    assert_right(OF_CLASS.format(order="ctx.n", given="x, 3"), "x")
    assert report_of(OF_CLASS.format(order="2", given="x, 3")).verdict.value == "suspect"


@pytest.mark.parametrize(("given", "codes"), [("x, 3", []), ("x, 3, True", ["GL501"])])
def test_torch_wants_a_gradient_for_each_input_that_apply_is_given(
    given: str, codes: list[str]
) -> None:
    told = problems(report_of(OF_CLASS.format(order="ctx.n", given=given)))
    assert [code for code, _ in told] == codes


def test_the_object_is_the_context_where_the_passes_are_its_methods() -> None:
    text = """
class Scaled(torch.autograd.Function):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        self.save_for_backward(x)
        return self.factor * x ** 2

    def backward(self, grad_output):
        x, = self.saved_tensors
        return self.factor * {slope} * grad_output
"""
    assert_right(TORCH + text.format(slope="2 * x"), "x")
    assert report_of(TORCH + text.format(slope="x")).verdict.value == "suspect"


BISECTED = (
    TORCH
    + """

class Simplex(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        low = x.max(dim=-1, keepdim=True)[0] - 1
        width = x.max(dim=-1, keepdim=True)[0] - 1 / x.shape[-1] - low
        for _ in range(40):
            width = width / 2
            middle = low + width
            total = torch.clamp(x - middle, min=0).sum(-1, keepdim=True)
            low = torch.where(total >= 1, middle, low)
        p = torch.clamp(x - low, min=0)
        ctx.save_for_backward(p)
        return p

    @staticmethod
    def backward(ctx, g):
        p, = ctx.saved_tensors
        support = (p > 0).to(g.dtype)
        mean = (g * support).sum(-1, keepdim=True) / {count}
        return support * (g - mean)
"""
)


def test_the_derivative_of_what_a_search_finds_is_that_of_what_it_computes() -> None:
    assert_right(BISECTED.format(count="support.sum(-1, keepdim=True)"), "x")


def test_what_neither_the_steps_of_a_search_nor_its_slopes_confirm_is_not_accused() -> None:
    found = report_of(BISECTED.format(count="p.shape[-1]"))
    assert (problems(found), found.verdict.value) == ([], "unverified")


GUIDED = (
    TORCH
    + """

class GuidedReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * {mask}
"""
)


@pytest.mark.parametrize(
    ("mask", "verdict"),
    [
        pytest.param("(x > 0) * (g > 0)", "unverified", id="guided backpropagation is meant"),
        pytest.param("(g > 0)", "wrong", id="the mask of the gradient in the place of that of x"),
        pytest.param("(x > 0)", "correct", id="the derivative"),
    ],
)
def test_a_gradient_that_is_cut_where_it_is_negative(mask: str, verdict: str) -> None:
    assert report_of(GUIDED.format(mask=mask)).verdict.value == verdict


def test_a_copy_that_only_the_backward_pass_reads_may_be_changed() -> None:
    found = report_of(
        TORCH
        + """

class Shifted(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        table = torch.exp(x)
        ctx.save_for_backward(table.clone())
        return table.sum(-1)

    @staticmethod
    def backward(ctx, g):
        table, = ctx.saved_tensors
        table *= g.unsqueeze(-1)
        return table
"""
    )
    assert (problems(found), found.verdict.value) == ([], "correct")


def test_blocks_that_are_given_are_called_and_not_taken_for_arrays() -> None:
    text = """
class Chain(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, {name}):
        for block in {name}:
            x = block(x)
        return x * 1

    @staticmethod
    def backward(ctx, g):
        return g, None
"""
    for name in ("blocks", "things"):
        assert problems(report_of(TORCH + text.format(name=name))) == []


def test_places_that_forward_writes_to_are_different() -> None:
    assert_right(
        TORCH
        + """

class Scatter(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, rows):
        out = torch.zeros_like(x)
        out[rows] = x[rows] ** 2
        ctx.save_for_backward(x, rows)
        return out

    @staticmethod
    def backward(ctx, g):
        x, rows = ctx.saved_tensors
        dx = torch.zeros_like(x)
        dx[rows] = 2 * x[rows] * g[rows]
        return dx, None
""",
        "x",
    )


def test_what_is_summed_among_processes_is_not_known() -> None:
    found = report_of(
        """
import torch
import torch.distributed as dist


class Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x * 2
        dist.all_reduce(y)
        return y

    @staticmethod
    def backward(ctx, g):
        g = g * 3
        return g
"""
    )
    assert (problems(found), found.verdict.value) == ([], "unverified")


def test_a_gradient_of_each_row_that_only_fits_one_row_is_not_accused() -> None:
    found = report_of(
        TORCH
        + """

class Overlap(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, t):
        ctx.save_for_backward(x, t)
        return (x * t).sum(dim=1)

    @staticmethod
    def backward(ctx, g):
        x, t = ctx.saved_tensors
        return (t * 1.0).mul_(g), None


def overlap(x, t):
    return Overlap.apply(x.view(1, -1), t.view(1, -1))
"""
    )
    assert problems(found) == []
