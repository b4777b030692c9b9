"""What was not checked is never called correct, and what is right is never accused."""

from __future__ import annotations

import pytest

from gradlint.model import Severity, Verdict
from tests.analysing import problems, report_of

NET = """
    import numpy as np

    x, y = np.random.randn(12, 5), np.random.randn(12, 2)
    w1, w2, w3 = np.random.randn(5, 4), np.random.randn(4, 4), np.random.randn(4, 2)
    lr = 0.01
    for step in range(20):
        h1 = np.tanh(x @ w1)
        h2 = np.tanh(h1 @ w2)
        out = h2 @ w3
        loss = 0.5 * np.sum((out - y) ** 2)
        d3 = out - y
        dw3 = h2.T @ d3
        d2 = d3 @ w3.T * (1 - h2**2)
        dw2 = h1.T @ d2
        d1 = d2 @ w2.T * (1 - h1**2)
        dw1 = x.T @ d1
        w3 -= lr * dw3
        w2 -= lr * dw2
        w1 -= lr * dw1
"""

LOOPS = """
    import numpy as np

    x, y = np.random.randn(20, 3), np.random.randn(20, 1)
    w = np.random.randn(3, 1)
    for t in range(50):
        error = x @ w - y
        loss = np.sum(error ** 2)
        gradient = 2 * x.T @ error
        w -= 0.001 * gradient
    v = np.random.randn(3, 1)
    for t in range(50):
        error = x @ v - y
        loss = np.sum(error ** 2)
        gradient = 2 * x.T @ error
        v -= 0.001 * gradient
"""


def test_the_network_is_right_before_it_is_spoilt() -> None:
    assert report_of(NET).verdict is Verdict.CORRECT


@pytest.mark.parametrize(
    ("step", "verdict", "said"),
    [
        pytest.param(
            "w3 = w2 - lr * dw2", Verdict.WRONG, "w2", id="the step of one weight is stored in another"
        ),
        pytest.param("pass", Verdict.SUSPECT, "dw2", id="a gradient is computed and never used"),
    ],
)  # fmt: skip
def test_a_gradient_that_moves_nothing_is_told(step: str, verdict: Verdict, said: str) -> None:
    found = report_of(NET.replace("w2 -= lr * dw2", step))
    assert found.verdict is verdict
    assert any(said in finding.message for finding in found.findings)


def test_a_parameter_set_to_its_step_is_an_error_with_a_verified_fix() -> None:
    (finding,) = report_of(NET.replace("w2 -= lr * dw2", "w2 = lr * dw2")).findings
    assert (finding.code, finding.severity) == ("GL304", Severity.ERROR)
    assert finding.fix is not None and finding.fix.verified
    assert finding.fix.edits[0].content == "w2 -= lr * dw2"


def test_a_step_along_something_that_is_no_gradient_is_found() -> None:
    found = report_of(NET.replace("dw2 = h1.T @ d2", "dw2 = h1.T @ h2"))
    assert found.verdict is Verdict.WRONG


def test_two_training_loops_are_judged_each_by_its_own_loss() -> None:
    found = report_of(LOOPS)
    assert found.verdict is Verdict.CORRECT
    assert [g.of for g in found.gradients] == ["w", "v"]


def test_the_mistake_of_the_second_loop_is_found_in_the_second_loop() -> None:
    parts = LOOPS.rsplit("v -= 0.001", 1)
    found = report_of("v += 0.001".join(parts))
    assert problems(found) == [("GL301", 15)]


AGAIN = (
    LOOPS.replace("v = np.random.randn(3, 1)\n", "\n").replace("@ v", "@ w").replace("v -=", "w -=")
)


def test_a_parameter_that_a_second_loop_trains_again_is_judged_in_both() -> None:
    assert report_of(AGAIN).verdict is Verdict.CORRECT
    parts = AGAIN.rsplit("w -= 0.001", 1)
    assert problems(report_of("w += 0.001".join(parts))) == [("GL301", 15)]


def test_a_function_that_trains_again_with_other_lines_is_not_called_correct() -> None:
    text = """
        import numpy as np
        X, y = np.random.randn(30, 3), np.random.randn(30, 1)
        w = np.random.randn(3, 1)

        def train(w, ridge):
            for step in range(50):
                e = X @ w - y
                loss = 0.5 * np.sum(e ** 2)
                g = X.T @ e
                if ridge:
                    g = g + 3.0 * w
                w -= 0.01 * g
            return w

        w = train(w, False)
        w = train(w, {again})
    """
    assert report_of(text.format(again=False)).verdict is Verdict.CORRECT
    found = report_of(text.format(again=True))
    assert found.verdict is Verdict.UNVERIFIED
    assert "moved again" in (found.reason or "")


def test_micro_batches_are_walked_in_full_although_sizes_shrink() -> None:
    text = """
        import numpy as np

        X = np.random.randn(60, 4)
        y = np.random.randn(60, 2)
        W, b = np.random.randn(4, 2), np.zeros(2)
        for step in range(80):
            grad_W, grad_b = np.zeros_like(W), np.zeros_like(b)
            for k in range(0, 60, 15):
                diff = X[k : k + 15] @ W + b - y[k : k + 15]
                grad_W += X[k : k + 15].T @ diff / 60
                grad_b = diff.sum(axis=0) / 60
            W -= 0.05 * grad_W
            b -= 0.05 * grad_b
    """
    assert problems(report_of(text)) == [("GL108", 11)]
    assert report_of(text.replace("grad_b = diff", "grad_b += diff")).verdict is Verdict.CORRECT


def test_a_backward_function_that_nothing_calls_is_unverified_with_its_line() -> None:
    text = """
        import numpy as np

        def affine_backward(dout, cache):
            x, w = cache
            return dout @ w.T, x.T @ dout
    """
    found = report_of(text)
    assert found.verdict is Verdict.UNVERIFIED
    assert "affine_backward" in (found.reason or "") and "line 3" in (found.reason or "")


def test_a_rate_that_is_typed_in_does_not_stop_the_analysis() -> None:
    assert (
        report_of(NET.replace("lr = 0.01", 'lr = float(input("rate? "))')).verdict
        is Verdict.CORRECT
    )
