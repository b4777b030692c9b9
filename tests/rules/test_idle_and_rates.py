"""Steps that are missing, stand in the wrong place, or have another size than the others."""

from __future__ import annotations

import pytest

from gradlint.model import Severity, Verdict

from ..analysing import line_of, mended, problems, report_of
from ..repair.scripts import NUMPY

STEP = "w2 -= lr * dw2"


@pytest.mark.parametrize(
    ("bad", "code", "severity"),
    [
        ("w2 -= lr * w2", "GL303", Severity.ERROR),
        ("w2 -= lr", "GL303", Severity.ERROR),
        ("w2 = w2", "GL303", Severity.ERROR),
        ("W2 = w2 - lr * dw2", "GL303", Severity.ERROR),
        ("w2 -= dw2", "GL306", Severity.WARNING),
        ("w2 -= lr * lr * dw2", "GL306", Severity.WARNING),
    ],
)
def test_a_step_gone_astray_is_written_like_the_others(
    bad: str, code: str, severity: Severity
) -> None:
    found = report_of(NUMPY.replace(STEP, bad))
    assert problems(found) == [(code, line_of(found.text, bad))]
    (finding,) = (f for f in found.findings if f.code == code)
    assert finding.severity is severity and finding.fix is not None and finding.fix.verified
    assert mended(found) == report_of(NUMPY).text


def test_a_parameter_that_nothing_moves_gets_a_step() -> None:
    found = report_of(NUMPY.replace(f"    {STEP}\n", ""))
    assert [code for code, _ in problems(found)] == ["GL305"]
    assert STEP in mended(found) and problems(report_of(mended(found))) == []


MODEL = """
import numpy as np

class Logistic:
    def fit(self, X, y):
        self.weights, self.bias = np.zeros(X.shape[1]), 0
        for _ in range(100):
            p = 1 / (1 + np.exp(-(X @ self.weights + self.bias)))
            dw, db = X.T @ (p - y) / len(y), np.mean(p - y)
            self.weights -= 0.1 * dw
            {step}
"""


@pytest.mark.parametrize(
    ("step", "found"),
    [
        pytest.param("pass", ["GL305"], id="no step at all"),
        pytest.param("self.bias -= 0.1 * db", [], id="a step"),
        pytest.param("self.moved(db)", [], id="a method that is handed the gradient"),
    ],
)
def test_the_gradient_of_an_attribute_is_idle_too(step: str, found: list[str]) -> None:
    report = report_of(MODEL.format(step=step))
    assert [code for code, _ in problems(report)] == found
    if found:
        assert "            self.bias -= 0.1 * db" in mended(report)


@pytest.mark.parametrize(
    "instead",
    [
        "if step % 2 == 1:\n        w2 -= lr * dw2",
        "print(np.linalg.norm(dw2))",
        "history.append(dw2)",
    ],
)
def test_a_gradient_that_is_used_in_another_way_is_no_mistake(instead: str) -> None:
    text = NUMPY.replace(STEP, instead).replace("lr = ", "history = []\nlr = ", 1)
    assert problems(report_of(text)) == []


def test_rates_of_their_own_are_no_mistake() -> None:
    assert problems(report_of(NUMPY.replace(STEP, "w2 -= 1.0 * dw2"))) == []


def test_a_gradient_that_is_made_beside_one_that_is_used_gets_its_step_in_the_same_line() -> None:
    made = """
        import numpy as np
        x, y = np.random.randn(9, 4), np.random.randn(9, 2)
        W, b = np.random.randn(4, 2), np.zeros(2)
        for epoch in range(20):
            out = x @ W + b
            loss = 0.5 * np.sum((out - y) ** 2)
            gW, gb = x.T @ (out - y), (out - y).sum(axis=0)
            print(loss); b -= 0.01 * gb
    """
    report = report_of(made)
    (found,) = [f for f in report.findings if f.severity.value != "note"]
    assert found.code == "GL305" and found.fix is not None and found.fix.verified
    assert found.fix.edits[0].content == "; W -= 0.01 * gW"
    stepped = report_of(made.replace("b -= 0.01 * gb", "b -= 0.01 * gb; W -= 0.01 * gW"))
    assert stepped.verdict is Verdict.CORRECT


@pytest.mark.parametrize(
    "step", ["dw2 *= 0.1; w2 -= dw2", "dw2 = dw2 * 0.1; w2 = w2 - dw2", "dw2 /= 10; w2 -= dw2"]
)
def test_a_gradient_that_has_the_rate_of_the_other_steps_in_it_is_no_mistake(step: str) -> None:
    text = NUMPY.replace(STEP, step).replace("lr *", "0.1 *")
    assert (report_of(text).verdict, problems(report_of(text))) == (Verdict.CORRECT, [])
    assert problems(
        report_of(
            text.replace("dw2 *= 0.1", "dw2 *= 0.2")
            .replace("10", "20")
            .replace("dw2 * 0.1", "dw2 * 0.3")
        )
    )
