"""Reports made by hand, one of each kind, for the tests of what reports look like."""

from __future__ import annotations

from gradlint.health.record import (
    Health,
    Layer,
    LayerLook,
    NotFinite,
    Parameter,
    ParameterLook,
    StepSize,
)
from gradlint.model import (
    Agreement,
    Edit,
    FileReport,
    Finding,
    Fix,
    Gradient,
    Run,
    Severity,
    Span,
    Verdict,
)

WRONG_TEXT = """\
import torch

x, y = torch.randn(64, 250), torch.randn(64, 10)
w1, w_mid, w2 = torch.randn(250, 250), torch.randn(250, 250), torch.randn(250, 10)
for t in range(500):
    h = x.mm(w1)
    h_relu = h.clamp(min=0)
    mid = h_relu.mm(w_mid)
    mid_relu = mid.clamp(min=0)
    y_pred = mid_relu.mm(w2)
    loss = (y_pred - y).pow(2).sum()
    grad_y_pred = 2.0 * (y_pred - y)
    grad_w2 = mid_relu.t().mm(grad_y_pred)
    grad_mid = grad_y_pred.mm(w2.t())
    grad_mid[mid < 0] = 0
    grad_w_mid = h_relu.t().mm(grad_mid)
    grad_h = grad_mid.mm(w1.t())
    grad_h[h < 0] = 0
    grad_w1 = x.t().mm(grad_h)
    w1 -= 1e-6 * grad_w1
    w_mid -= 1e-6 * grad_w_mid
    w2 -= 1e-6 * grad_w2
"""


def gradient(name: str, of: str, line: int, **other: object) -> Gradient:
    """A gradient of the loss `loss`, right by static analysis unless `other` says otherwise."""
    known: dict[str, object] = {"loss": "loss", "static": Agreement.EQUAL} | other
    return Gradient(name=name, of=of, line=line, **known)  # type: ignore[arg-type]


def _confirmed(name: str, of: str, line: int, expected: str, *uses: str) -> Gradient:
    return gradient(
        name, of, line, expected=expected, uses=uses, autograd=Agreement.EQUAL,
        finite_difference=Agreement.EQUAL, max_relative_error=2.3e-7, cosine=1.0,
    )  # fmt: skip


WRONG_TENSOR = Finding(
    code="GL101",
    name="wrong-tensor",
    severity=Severity.ERROR,
    span=Span(17, 26, 17, 28),
    message="The gradient of `h_relu` is taken through `w1`, but `h_relu` went forward through "
    "`w_mid`. The line only runs because `D_in` and `H` are both 250.",
    expected="grad_mid.mm(w_mid.t())",
    fix=Fix("write `w_mid` for `w1`", (Edit(Span(17, 26, 17, 28), "w_mid"),), verified=True),
    confirmed_by=("static", "autograd", "finite-difference"),
)

HEALTH = Health(
    2, (0, 1), "loss", Span(11, 5, 11, 12), (650.5, 1.25e9),
    (
        Layer(
            "h_relu", "relu", "h", Span(7, 5, 7, 30), True, False, ("w1",),
            (LayerLook(0, 0.5, 0.0, -60.0, 61.0, 0.25), LayerLook(1, 0.0, 0.0, -9e7, -1.0, -3e6)),
        ),
    ),
    (
        Parameter(
            "w1", Span(20, 5, 20, 9), (250, 250), True, 250,
            (ParameterLook(0, 2e8, 6e5, 249.5, 200.0), ParameterLook(1, 0.0, 0.0, 2e3, 0.0, False)),
            Span(4, 1, 4, 50),
        ),
    ),
    NotFinite(1, "y_pred", "inf", Span(10, 5, 10, 30), ("exp",)),
    StepSize(1e-6, 3.4e8, 5.8e-9, "learning_rate", Span(20, 1, 20, 9), 1e-9, 100, 650.5, 20.0),
)  # fmt: skip

WRONG = FileReport(
    path="three_layer.py",
    verdict=Verdict.WRONG,
    text=WRONG_TEXT,
    findings=(WRONG_TENSOR,),
    gradients=(
        _confirmed("grad_w2", "w2", 13, "mid_relu.t().mm(grad_y_pred)", "mid_relu", "grad_y_pred"),
        _confirmed("grad_w_mid", "w_mid", 16, "h_relu.t().mm(grad_mid)", "h_relu", "grad_mid"),
        gradient(
            "grad_w1", "w1", 19, static=Agreement.DIFFERENT, autograd=Agreement.DIFFERENT,
            finite_difference=Agreement.DIFFERENT, max_relative_error=1.2, cosine=0.31,
            expected="x.t().mm(grad_mid.mm(w_mid.t()) * (h > 0))", uses=("x", "grad_mid", "w_mid"),
        ),
    ),
    run=Run("ok", "cpu", 3, None, health=(HEALTH,)),
)  # fmt: skip

CORRECT = FileReport(
    path="two_layer.py",
    verdict=Verdict.CORRECT,
    text="grad_w = x.T @ (p - y)\n",
    gradients=(
        gradient("grad_w", "w", 1, expected="x.T @ (p - y)", uses=("x", "p", "y")),
        gradient("grad_b", "b", 2, expected="(p - y).sum(axis=0)", uses=("p", "y")),
    ),
)

SUSPECT = FileReport(
    path="regression.py",
    verdict=Verdict.SUSPECT,
    text="loss = ((x @ w - y) ** 2).mean()\ndW = x.T @ (x @ w - y) \\\n    + reg * w\n",
    findings=(
        Finding(
            "GL202", "regularisation-not-in-loss", Severity.WARNING, Span(2, 6, 3, 14),
            "`dW` has the term `reg * w`, which is not the derivative of anything in the loss.",
            help="Add `0.5 * reg * (w ** 2).sum()` to the loss, or take the term out of `dW`.",
        ),
        Finding(
            "GL205", "common-scale", Severity.NOTE, Span(1, 1, 1, 5),
            "All gradients are 50 times those of the loss.", confirmed_by=(),
        ),
    ),
    gradients=(gradient("dW", "w", 2, static=Agreement.SCALED, scale=50.0),),
    run=Run("failed", "cpu", 0, "FileNotFoundError: data.csv (line 3)"),
)  # fmt: skip

UNVERIFIED = FileReport(
    path="opaque.py",
    verdict=Verdict.UNVERIFIED,
    reason="line 12: `scipy.signal.convolve` is not understood",
    text="x = 1\n",
)

NOT_APPLICABLE = FileReport("plot.py", Verdict.NOT_APPLICABLE, text="import numpy\n")

SYNTAX_ERROR = FileReport(
    path="broken.py",
    verdict=Verdict.UNREADABLE,
    reason="'(' was never closed (line 2)",
    text="import torch\ny = torch.mm(x\n",
    findings=(
        Finding(
            "GL001", "syntax-error", Severity.ERROR, Span(2, 13, 2, 14), "'(' was never closed.",
            confirmed_by=(),
        ),
    ),
)  # fmt: skip

MISSING = FileReport(
    path="missing.py",
    verdict=Verdict.UNREADABLE,
    reason="no such file; check the path",
    findings=(
        Finding(
            "GL002", "unreadable-file", Severity.ERROR, Span(1, 1, 1, 1),
            "missing.py: no such file; check the path", confirmed_by=(),
        ),
    ),
)  # fmt: skip

EVERY_KIND = (WRONG, CORRECT, SUSPECT, UNVERIFIED, NOT_APPLICABLE, SYNTAX_ERROR, MISSING)
