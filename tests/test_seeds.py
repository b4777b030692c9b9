"""The scripts that users brought, where GRADLINT_SEEDS names the folder that holds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradlint.model import Agreement, FileReport, Verdict

from .analysing import errors, mended, problems, report_of

FOLDER = os.environ.get("GRADLINT_SEEDS", "")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="GRADLINT_SEEDS does not name the folder of the users' scripts"
)
CORRECT = (
    "s000_three_layer_answer.py",
    "s000_two_layer_cuda.py",
    "s001_two_layer_is_it_a_mistake.py",
    "s002_numpy_two_layer.py",
    "s002_numpy_linear_regression.py",
)
WITHOUT_BACKWARD_PASS = (
    "s002_autograd_scalar.py",
    "s002_torch_autograd_two_layer.py",
    "s002_torch_simple_net.py",
)
WRONG = "s000_three_layer_wrong_weight.py"


def _text(name: str) -> str:
    return (Path(FOLDER) / name).read_text(encoding="utf-8")


def _report(name: str) -> FileReport:
    return report_of(_text(name))


@pytest.mark.parametrize("name", CORRECT)
def test_a_right_script_is_correct(name: str) -> None:
    found = _report(name)
    assert (found.verdict, problems(found)) == (Verdict.CORRECT, []), found.reason
    assert found.gradients


@pytest.mark.parametrize("name", WITHOUT_BACKWARD_PASS)
def test_a_script_that_leaves_it_to_autograd_is_not_accused(name: str) -> None:
    found = _report(name)
    assert found.findings == ()
    assert found.verdict in (Verdict.NOT_APPLICABLE, Verdict.UNVERIFIED)


def test_the_wrong_weight_is_the_only_error_and_its_fix_is_verified() -> None:
    found = _report(WRONG)
    (line,) = [n for n, text in enumerate(found.text.splitlines(), 1) if "grad_h_relu =" in text]
    assert errors(found) == [("GL101", line)]
    assert "w_mid" in mended(found).splitlines()[line - 1]
    assert report_of(mended(found)).verdict is Verdict.CORRECT


def test_the_message_says_that_the_wrong_weight_only_fits_by_luck() -> None:
    (finding,) = _report(WRONG).findings
    assert "D_in == H (both 250)" in finding.message


def test_only_the_first_weights_of_the_wrong_script_have_a_wrong_gradient() -> None:
    wrong = [g.of for g in _report(WRONG).gradients if g.static is not Agreement.EQUAL]
    assert wrong == ["w1"]


def test_the_table_shows_what_the_gradient_of_the_last_layer_needs() -> None:
    (row,) = [g for g in _report("s001_two_layer_is_it_a_mistake.py").gradients if g.of == "w2"]
    assert set(row.uses) == {"grad_y_pred", "h_relu"}
