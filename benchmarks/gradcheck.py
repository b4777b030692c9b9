"""The other side: `torch.autograd.gradcheck` on the network of `confirmation.py`."""

from __future__ import annotations

from typing import Any


def passes(torch: Any, slope: str) -> bool:
    """Whether gradcheck accepts the hand-written gradient with `slope`, an expression in `h`."""
    torch.manual_seed(0)
    x, y = torch.randn(16, 1000).double(), torch.randn(16, 100).double()
    w = (0.03 * torch.randn(1000, 100).double()).requires_grad_()
    made = compile(slope, "<slope>", "eval")

    class Network(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, w: Any) -> Any:
            h = torch.tanh(x @ w)
            ctx.save_for_backward(h)
            return ((h - y) ** 2).sum()

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            (h,) = ctx.saved_tensors
            return grad_output * (x.t() @ (2 * (h - y) * eval(made, {"h": h})))

    return bool(torch.autograd.gradcheck(Network.apply, (w,), raise_exception=False))
