"""`torch.autograd.Function`: contexts, several outputs, and what is owed to the caller."""

from __future__ import annotations

import pytest

from gradlint.model import Verdict

from ..analysing import problems, report_of, trace_of
from .judging import TORCH, assert_right, assert_wrong

LINEAR = (
    TORCH
    + """

class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x @ weight.t()

    @staticmethod
    def backward(ctx, grad_output):
        {names} = ctx.saved_tensors
        grad_x = grad_weight = None
        if ctx.needs_input_grad[0]:
            grad_x = grad_output @ weight
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t() @ x
        return {results}
"""
)


def linear(names: str = "x, weight", results: str = "grad_x, grad_weight") -> str:
    return LINEAR.format(names=names, results=results)


def test_gradients_that_are_asked_for_are_computed_and_judged() -> None:
    assert_right(linear(), "x", "weight")


def test_saved_tensors_in_another_order_are_caught() -> None:
    found = report_of(linear("weight, x"))
    assert found.verdict.value == "wrong"


def test_gradients_that_are_returned_in_another_order_are_caught() -> None:
    assert report_of(linear(results="grad_weight, grad_x")).verdict.value != "correct"


@pytest.mark.parametrize(("results", "count"), [("grad_x", 1), ("grad_x, grad_weight, grad_x", 3)])
def test_the_number_of_gradients_is_that_of_the_inputs(results: str, count: int) -> None:
    found = report_of(linear(results=results))
    (finding,) = [f for f in found.findings if f.code == "GL501"]
    assert finding.span.line == 18
    assert f"returns {count} gradient" in finding.message and "2 inputs" in finding.message


def test_further_none_gradients_are_allowed() -> None:
    assert_right(linear(results="grad_x, grad_weight, None"), "x", "weight")


def test_a_number_among_the_inputs_has_no_gradient() -> None:
    text = (
        TORCH
        + """
class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor ** 2

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.factor{power}, None
"""
    )
    assert_right(text.format(power=" ** 2"), "x")
    assert report_of(text.format(power="")).verdict.value != "correct"


CUBE = (
    TORCH
    + """
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x ** 3

    @staticmethod
    def setup_context(ctx, inputs, output):
        (x,) = inputs
        ctx.save_for_backward({kept})

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * 3 * x ** 2
"""
)


def test_the_context_may_be_set_up_apart_from_the_forward_pass() -> None:
    assert_right(CUBE.format(kept="x"), "x")


def test_the_output_that_is_kept_for_the_input_is_caught() -> None:
    assert report_of(CUBE.format(kept="output")).verdict.value in ("wrong", "suspect")


def test_each_output_has_a_cotangent_of_its_own() -> None:
    text = (
        TORCH
        + """
class SinCos(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s, c = torch.sin(x), torch.cos(x)
        ctx.save_for_backward(s, c)
        return s, c

    @staticmethod
    def backward(ctx, ds, dc):
        s, c = ctx.saved_tensors
        return ds * c {sign} dc * s
"""
    )
    assert_right(text.format(sign="-"), "x")
    assert_wrong(text.format(sign="+"), "return ds * c", "GL102", "GL114")


def test_a_surrogate_for_a_step_is_not_accused() -> None:
    text = (
        TORCH
        + """
class Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x > 0).float()

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output / (1 + x.abs()) ** 2
"""
    )
    found = report_of(text)
    assert (problems(found), found.verdict.value) == ([], "unverified")


IN_PLACE = (
    TORCH
    + """

class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        {forward}
        return x * 2

    @staticmethod
    def backward(ctx, grad_output):
        {backward}
        return grad_output * 2
"""
)


@pytest.mark.parametrize(
    ("forward", "backward", "codes"),
    [
        pytest.param("pass", "pass", [], id="nothing is changed"),
        pytest.param("pass", "grad_output = grad_output * 1.0", [], id="a name is bound again"),
        pytest.param("pass", "g = grad_output.clone(); g.mul_(3)", [], id="a copy is changed"),
        pytest.param("x.add_(1.0)", "pass", ["GL503"], id="the input is changed"),
        pytest.param("x.add_(1.0); ctx.mark_dirty(x)", "pass", [], id="the input is marked dirty"),
        pytest.param(
            "ctx.save_for_backward(x)", "ctx.saved_tensors[0].mul_(0.0)", ["GL503"],
            id="a saved tensor is changed",
        ),
        pytest.param("pass", "grad_output.view(-1)", ["GL502"], id="the gradient is flattened"),
        pytest.param("pass", "grad_output.view(grad_output.shape)", [], id="a view that always exists"),
        pytest.param(
            "pass", "grad_output = grad_output.contiguous(); grad_output.view(-1)", [],
            id="a view of what is contiguous",
        ),
        pytest.param("pass", "grad_output.reshape(-1)", [], id="a copy where it has to be"),
    ],
)  # fmt: skip
def test_what_a_function_may_do_with_tensors_that_are_not_its_own(
    forward: str, backward: str, codes: list[str]
) -> None:
    text = IN_PLACE.format(forward=forward, backward=backward)
    assert sorted({code for code, _ in problems(report_of(text))}) == codes


@pytest.mark.parametrize("index, codes", [("0", ["GL504"]), ("1", []), ("-1", [])])
def test_a_gradient_asks_whether_its_own_input_needs_it(index: str, codes: list[str]) -> None:
    text = linear().replace("needs_input_grad[1]", f"needs_input_grad[{index}]")
    assert [code for code, _ in problems(report_of(text))] == codes


def test_a_choice_in_place_of_the_slope_of_a_step_is_called_one() -> None:
    report = report_of(
        TORCH
        + """
class Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x >= 0).to(x.dtype)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output / (1 + x.abs()) ** 2
"""
    )
    assert problems(report) == []
    assert report.verdict is Verdict.UNVERIFIED
    assert "a step function has no slope" in (report.reason or "")


GATED = (
    TORCH
    + """

class Gated(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        {cut}
        s = torch.sigmoid(b)
        ctx.save_for_backward(a, s)
        return a * s

    @staticmethod
    def backward(ctx, g):
        a, s = ctx.saved_tensors
        return torch.cat([g * s, g * a * {slope}], dim=-1)
"""
)


CHUNK = "a, b = x.chunk(2, dim=-1)"


@pytest.mark.parametrize(
    "cut", [CHUNK, "h = x.size(-1) // 2; a, b = x[..., :h], x[..., h:]"], ids=["chunk", "slices"]
)
def test_halves_that_torch_would_broadcast_are_of_one_size(cut: str) -> None:
    assert_right(GATED.format(cut=cut, slope="s * (1 - s)"), "x")


def test_a_slope_of_one_half_that_is_wrong_is_caught() -> None:
    assert problems(report_of(GATED.format(cut=CHUNK, slope="(1 - s)")))


ATTENTION = (
    TORCH
    + """

class Scores(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k):
        ctx.save_for_backward(q, k)
        return torch.einsum("bid,bjd->bij", q, k)

    @staticmethod
    def backward(ctx, g):
        q, k = ctx.saved_tensors
        return torch.einsum("bij,bjd->bid", g, k), torch.einsum("{back}", g, q)
"""
)


def test_sums_of_products_say_how_many_axes_there_are() -> None:
    assert_right(ATTENTION.format(back="bij,bid->bjd"), "q", "k")
    assert problems(report_of(ATTENTION.format(back="bji,bid->bjd")))


def test_another_name_for_a_function_is_not_a_value_that_is_not_known() -> None:
    text = LINEAR.format(names="x, weight", results="grad_x, grad_weight")
    found = trace_of(f"{text}\nlinear_grad = Linear.apply\n")
    assert all(store.opaque is None for store in found.stores)


ALONG = (
    TORCH
    + """

class SoftMaximum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, dim):
        total = torch.log(torch.exp(x).sum(dim=dim, keepdim=True))
        ctx.save_for_backward(x, total)
        ctx.dim = dim
        return total.squeeze(dim)

    @staticmethod
    def backward(ctx, g):
        x, total = ctx.saved_tensors
        return {upstream} * torch.exp(x - total), None
"""
)


def test_an_input_that_is_the_number_of_an_axis_is_given_as_one() -> None:
    assert_right(ALONG.format(upstream="g.unsqueeze(ctx.dim)"), "x")
    assert problems(report_of(ALONG.format(upstream="-g.unsqueeze(ctx.dim)")))
