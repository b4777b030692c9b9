"""What is said of a mistake: the severity, the reason, the luck, and the factor by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradlint.model import FileReport, Finding, Severity, Verdict

from ..analysing import report_of
from ..repair.scripts import NUMPY, TORCH


def _only(found: FileReport) -> Finding:
    (finding,) = found.findings
    return finding


def test_a_wrong_gradient_of_a_written_loss_is_an_error() -> None:
    finding = _only(report_of(NUMPY.replace("(1 - a2 ** 2)", "(1 - a2)")))
    assert (finding.code, finding.severity) == ("GL105", Severity.ERROR)
    assert finding.confirmed_by == ("static",)


def test_a_common_constant_is_a_note_and_the_verdict_correct() -> None:
    found = report_of(NUMPY.replace("d3 = 2 * (out - Y) / N", "d3 = 2 * (out - Y)"))
    finding = _only(found)
    assert (finding.code, finding.severity, found.verdict) == (
        "GL205",
        Severity.NOTE,
        Verdict.CORRECT,
    )
    assert "N = 32" in finding.message


def test_the_message_says_by_which_luck_the_line_runs() -> None:
    equal = NUMPY.replace("D, H, M, K = 32, 6, 9, 7, 4", "D, H, M, K = 32, 9, 9, 9, 9")
    finding = _only(report_of(equal.replace("d1 = d2 @ w2.T", "d1 = d2 @ w3.T")))
    assert finding.code == "GL101"
    assert "The line only runs because" in finding.message and "(both 9)" in finding.message


def test_the_finding_points_at_the_expression_that_is_wrong() -> None:
    text = NUMPY.replace("(1 - a2 ** 2)", "(1 - a2)")
    span = _only(report_of(text)).span
    line = text.splitlines()[span.line - 1]
    assert "a2" in line[span.column - 1 : span.end_column - 1]


def test_a_fix_beside_a_decay_that_the_loss_leaves_out_is_verified_but_for_it() -> None:
    decaying = NUMPY.replace("    w3 -= lr", "    dw3 += 0.01 * w3\n    w3 -= lr")
    assert decaying != NUMPY
    found = report_of(decaying.replace("(1 - a2 ** 2)", "(1 - a2)"))
    (finding,) = (f for f in found.findings if f.severity is Severity.ERROR)
    assert finding.fix is not None and finding.fix.verified
    assert "but for a regularisation that the loss does not have" in (finding.fix.grounds or "")


def test_the_expected_line_is_the_line_as_it_should_read() -> None:
    finding = _only(report_of(TORCH.replace("2.0 * (y_pred - y)", "2.0 * (y - y_pred)")))
    assert finding.expected == "grad_y = 2.0 * (y_pred - y)"


LOADED = "from data import load\n" + NUMPY.replace(
    "X, Y = np.random.randn(N, D), np.random.randn(N, K)", "X, Y = load()"
)
MAGIC = "from tricks import magic\n" + NUMPY.replace("a2.T @ d3", "magic(a2, d3)")


def test_a_flat_target_against_a_column_is_a_warning() -> None:
    text = """
        import numpy as np
        X, y, w = np.random.randn(30, 4), np.random.randn(30), np.zeros((4, 1))
        for step in range(50):
            p = X @ w
            loss = np.mean((p - y) ** 2)
            dw = 2 * X.T @ (p - y.reshape(-1, 1)) / 30
            w -= 0.1 * dw
    """
    found = report_of(text)
    assert "GL601" in [f.code for f in found.findings]
    assert found.verdict in (Verdict.WRONG, Verdict.SUSPECT)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        pytest.param("import numpy as np\nx = np.ones(3)\n", Verdict.NOT_APPLICABLE, id="no descent"),
        pytest.param("x = 1\n", Verdict.NOT_APPLICABLE, id="no arrays"),
        pytest.param(NUMPY, Verdict.CORRECT, id="all gradients right"),
        pytest.param(LOADED, Verdict.CORRECT, id="data that follow from their use"),
        pytest.param(MAGIC, Verdict.UNVERIFIED, id="an unknown step"),
    ],
)  # fmt: skip
def test_the_verdict(text: str, verdict: Verdict) -> None:
    assert report_of(text).verdict is verdict


def test_an_unverified_script_says_why_and_on_which_line() -> None:
    found = report_of(MAGIC)
    assert found.reason is not None and "magic" in found.reason and "line" in found.reason


def test_two_mistakes_are_both_found_the_one_nearest_the_loss_included() -> None:
    wrong = NUMPY.replace("(1 - a2 ** 2)", "(1 - a2)").replace(
        "dw3 = a2.T @ d3", "dw3 = a2.T @ d3 / N"
    )
    assert {f.code for f in report_of(wrong).findings} == {"GL105", "GL103"}


def test_it_says_so_too_where_a_mask_is_what_does_not_fit() -> None:
    fixture = Path(__file__).parents[2] / "fixtures" / "three_layer_wrong_weight.py"
    finding = _only(report_of(fixture.read_text(encoding="utf-8")))
    assert "The line only runs because D_in == H (both 40)" in finding.message
