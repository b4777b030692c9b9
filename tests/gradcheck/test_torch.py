"""torch: pairs of functions on tensors, layers, and `torch.autograd.Function`."""

from __future__ import annotations

from typing import Any

import pytest

from gradlint import Agreement, check_gradients

from .pairs import wrong

torch = pytest.importorskip("torch")
generator = torch.Generator().manual_seed(3)
X, W, B = (torch.randn(*shape, generator=generator) for shape in ((5, 3), (3, 4), (4,)))


def _function(backward: Any, forward: Any = None) -> Any:
    def times(ctx: Any, x: Any, w: Any) -> Any:
        ctx.save_for_backward(x, w)
        return x.exp() * w

    methods = {"forward": staticmethod(forward or times), "backward": staticmethod(backward)}
    return type("Times", (torch.autograd.Function,), methods)


def _right(ctx: Any, g: Any) -> Any:
    x, w = ctx.saved_tensors
    return g * x.exp() * w, (g * x.exp()).sum(0)


def test_a_pair_on_tensors_in_single_precision() -> None:
    def backward(dout: Any, x: Any, w: Any) -> Any:
        return dout.mm(w.t()), x.t().mm(dout)

    assert check_gradients(lambda x, w: x.mm(w), backward, X, W).is_right


def test_autograd_is_asked_about_what_is_wrong() -> None:
    check = wrong(lambda x, w: x.mm(w), lambda dout, x, w: (dout.mm(w.t()), -x.t().mm(dout)), X, W)
    assert check["w"].autograd is Agreement.OPPOSITE
    assert "central differences and torch autograd" in str(check)


def test_a_right_function() -> None:
    check = check_gradients(_function(_right), X, B[:3])
    assert [one.name for one in check.inputs] == ["x", "w"]


def test_the_apply_of_a_function_is_the_function() -> None:
    check = check_gradients(_function(_right).apply, X, B[:3])
    assert [one.name for one in check.inputs] == ["x", "w"]


def test_the_engine_sums_what_was_broadcast() -> None:
    def backward(ctx: Any, g: Any) -> Any:
        x, w = ctx.saved_tensors
        return g * x.exp() * w, g * x.exp()

    assert check_gradients(_function(backward), X, B[:3]).is_right


def test_a_function_with_setup_context_and_a_gate() -> None:
    class Scaled(torch.autograd.Function):  # type: ignore[misc,name-defined]
        @staticmethod
        def forward(x: Any, w: Any, factor: float) -> Any:
            return factor * x * w

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs[:2])
            ctx.factor = inputs[2]

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            x, w = ctx.saved_tensors
            dx = ctx.factor * g * w if ctx.needs_input_grad[0] else None
            return dx, ctx.factor * g * x, None

    assert [one.name for one in check_gradients(Scaled, X, X + 1, 2.0).inputs] == ["x", "w"]


def test_a_wrong_function_is_named_by_its_input() -> None:
    def backward(ctx: Any, g: Any) -> Any:
        x, w = ctx.saved_tensors
        return g * w, (g * x.exp()).sum(0)

    check = wrong(_function(backward), X, B[:3])
    assert [one.name for one in check.inputs if not one.is_right] == ["x"]


def test_too_few_gradients_are_counted() -> None:
    check = wrong(_function(lambda ctx, g: g), X, B[:3])
    assert check.problems == (
        "backward returns 1 gradient, and forward takes 2 inputs: one for each is needed, "
        "None where there is none",
    )  # fmt: skip


def test_a_gradient_that_is_not_contiguous_must_do() -> None:
    def backward(ctx: Any, g: Any) -> Any:
        dx, dw = _right(ctx, g)
        return g.view(-1).view(dx.shape) * dx / g, dw

    assert "not contiguous" in wrong(_function(backward), X, B[:3]).problems[0]


def test_a_straight_through_gate_that_autograd_confirms_is_not_accused() -> None:
    def forward(x: Any) -> Any:
        return x + (torch.round(3 * x) / 3 - x).detach()

    assert check_gradients(forward, lambda dout: dout, X).is_right


def test_a_layer_of_tensors() -> None:
    class Linear:
        def __init__(self) -> None:
            self.weight, self.bias = W.clone(), B.clone()

        def forward(self, x: Any) -> Any:
            self.x = x
            return x @ self.weight + self.bias

        def backward(self, grad: Any) -> Any:
            self.weight_grad, self.bias_grad = self.x.t() @ grad, grad.sum(0)
            return grad @ self.weight.t()

    names = {one.name for one in check_gradients(Linear(), X).inputs}
    assert names == {"x", "self.weight", "self.bias"}
