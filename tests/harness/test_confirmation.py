"""What the witnesses say of whole scripts, right and wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gradlint.analysis import numbered_subjects
from gradlint.harness.job import job_of
from gradlint.harness.result import RunResult, Witness
from gradlint.model import Agreement
from gradlint.reading import read_module
from tests.harness import scripts
from tests.harness.conftest import Send

Confirm = Callable[..., RunResult]

RIGHT = [
    pytest.param(scripts.NUMPY, 3, id="numpy with a masked copy"),
    pytest.param(scripts.TORCH, 3, id="torch in single precision with a tiny rate"),
    pytest.param(scripts.PYTHON, 3, id="plain Python floats that sum over points"),
    pytest.param(scripts.MINI_BATCHES, 3, id="mini-batches drawn at random inside the loop"),
    pytest.param(scripts.MINI_BATCHES_OF_A_SIZE, 3, id="mini-batches larger than the small data"),
    pytest.param(scripts.GUARDED, 3, id="a guard that keeps a root from zero"),
    pytest.param(scripts.FUNCTIONS, 3, id="a function that returns the new parameter"),
    pytest.param(scripts.CLASS, 3, id="parameters that are attributes of an object"),
    pytest.param(scripts.PARAMETERS_IN_A_DICT, 3, id="parameters in a dictionary"),
    pytest.param(scripts.MOMENTUM, 3, id="momentum and a loss that is only printed"),
    pytest.param(scripts.DECAYED, 3, id="weight decay beside a loss that nobody wrote"),
    pytest.param(scripts.ADAM, 3, id="the gradient that is fed to Adam"),
    pytest.param(scripts.CLIPPED, 3, id="a gradient that is clipped in place"),
    pytest.param(scripts.COLUMNS, 3, id="a column of a parameter that is set"),
    pytest.param(scripts.NO_LOOP, 1, id="one step without a loop"),
    pytest.param(
        scripts.PREDICTED_BEFORE, 3, id="predictions made before the loop and after each step"
    ),
    pytest.param(scripts.SUMMED_FROM_A_BIAS, 3, id="a sum over features that starts from the bias"),
    pytest.param(scripts.KEPT_FOR_A_WHILE, 3, id="a parameter that is kept under another name"),
    pytest.param(scripts.KEPT_AS_IT_WAS, 3, id="a copy of a parameter that stays as it was"),
    pytest.param(
        scripts.BAGS, 3, id="a loop that steps once for each word of bags of several lengths"
    ),
    pytest.param(scripts.CUT, 3, id="a gradient of which some items are clipped"),
    pytest.param(scripts.DECAYED_ROW, 3, id="a row that decays alone"),
    pytest.param(scripts.NON_ASCII, 3, id="names that are not ASCII"),
]


@pytest.mark.parametrize("source, steps", RIGHT)
def test_both_witnesses_agree_with_a_right_script(
    confirm: Confirm, source: str, steps: int
) -> None:
    result = confirm(source)
    assert (result.status, result.iterations, result.detail) == ("ok", steps, None)
    assert result.witnesses
    assert [_said(w) for w in result.witnesses] == [("equal", "equal")] * len(result.witnesses)


WRONG = [
    pytest.param(
        scripts.NUMPY, "grad_p.dot(w2.T)", "2 * grad_p.dot(w2.T)",
        {"w1": "scaled", "w2": "equal"}, id="a constant on one path",
    ),
    pytest.param(
        scripts.NUMPY, "grad_h[h <= 0] = 0", "pass",
        {"w1": "different", "w2": "equal"}, id="a mask that is missing",
    ),
    pytest.param(
        scripts.TORCH, "(1 - h ** 2)", "(1 - h)",
        {"w1": "different", "b1": "different", "w2": "equal"}, id="the slope of tanh",
    ),
    pytest.param(
        scripts.TORCH, "w2 -= 1e-6", "w2 += 1e-6",
        {"w1": "equal", "b1": "equal", "w2": "opposite"}, id="one update that climbs",
    ),
    pytest.param(
        scripts.MINI_BATCHES, "xb.T @ error", "x[rows].T @ error",
        {"w": "different"}, id="another batch than that of the forward pass",
    ),
    pytest.param(
        scripts.CLASS, "self.bias -= rate * delta.sum(axis=0)",
        "self.bias = self.bias - rate * delta",
        {"self.weights": "equal", "self.bias": "different"}, id="a bias that is not summed",
    ),
    pytest.param(
        scripts.PYTHON, "dm += 2 * error * x", "dm = 2 * error * x",
        {"m": "different", "b": "equal"}, id="a sum that is overwritten",
    ),
    pytest.param(
        scripts.ADAM, "g = 2 * x.T @ error", "g = -2 * x.T @ error",
        {"w": "opposite"}, id="the wrong sign before an optimiser",
    ),
]  # fmt: skip


@pytest.mark.parametrize("source, right, wrong, expected", WRONG)
def test_exactly_the_wrong_gradient_is_told(
    confirm: Confirm, source: str, right: str, wrong: str, expected: dict[str, str]
) -> None:
    assert right in source
    result = confirm(source.replace(right, wrong))
    assert {w.place: w.autograd.value for w in result.witnesses} == expected
    assert {w.place: w.finite_difference.value for w in result.witnesses} == expected


def test_a_wrong_gradient_comes_with_its_error_and_angle(confirm: Confirm) -> None:
    wrong = scripts.NUMPY.replace("2.0 * (p - y)", "6.0 * (p - y)")
    for witness in confirm(wrong).witnesses:
        assert witness.scale == pytest.approx(3.0)
        assert witness.cosine == pytest.approx(1.0)
        assert witness.max_relative_error == pytest.approx(2.0)


def test_the_loss_of_each_observed_step_is_told(confirm: Confirm) -> None:
    losses = confirm(scripts.NUMPY).losses
    assert len(losses) == 3
    assert losses[0] > losses[1] > losses[2] > 0


def test_a_gradient_that_vanishes_is_not_judged_by_its_rounding(confirm: Confirm) -> None:
    result = confirm("""
        import numpy as np

        x = np.linspace(-3, 3, 40).reshape(-1, 1)
        y = np.sin(x)
        w = np.ones((1, 1))
        b = np.zeros((1, 1))
        for t in range(9):
            d = x @ w + b - y
            loss = 0.5 * np.sum(d ** 2)
            dw = x.T @ d
            db = d.sum(axis=0, keepdims=True)
            w -= 0.001 * dw
            b -= 0.001 * db
        """)
    said = {w.place: w for w in result.witnesses}
    assert said["w"].autograd is Agreement.EQUAL
    assert said["b"].autograd is Agreement.NOT_RUN
    assert said["b"].detail is not None


def test_items_on_a_kink_are_left_out_and_counted(confirm: Confirm) -> None:
    source = """
        import numpy as np

        x, y = np.random.randn(20, 3), np.random.randn(20, 1)
        x[:5] = 0
        w1, b1 = np.random.randn(3, 4), np.zeros(4)
        w2 = np.random.randn(4, 1)
        for t in range(9):
            z = x @ w1 + b1
            h = np.maximum(z, 0)
            p = h @ w2
            loss = np.sum((p - y) ** 2)
            dp = 2 * (p - y)
            dw2 = h.T @ dp
            dz = dp @ w2.T * (z >= 0)
            dw1 = x.T @ dz
            db1 = dz.sum(axis=0)
            w1 -= 0.001 * dw1
            b1 -= 0.001 * db1
            w2 -= 0.001 * dw2
        """
    said = {w.place: w for w in confirm(source).witnesses}
    assert {place: (*_said(w), w.kinks) for place, w in said.items()} == {
        "w1": ("equal", "equal", 0),
        "b1": ("equal", "equal", 4),
        "w2": ("equal", "equal", 0),
    }


def test_steps_in_which_nothing_is_learnt_are_passed_over(confirm: Confirm) -> None:
    result = confirm("""
        import numpy as np

        x, y = np.random.randn(20, 3), np.random.randn(20)
        w = np.zeros(3)
        for t in range(60):
            error = x @ w - y
            loss = np.sum(error ** 2)
            gradient = 2 * x.T @ error
            if t % 10 == 0:
                w -= 0.01 * gradient
        """)
    assert (result.status, result.iterations) == ("ok", 3)
    assert [_said(w) for w in result.witnesses] == [("equal", "equal")]


def test_a_parameter_of_another_training_loop_is_not_judged(confirm: Confirm) -> None:
    first = scripts.FUNCTIONS.rstrip()
    second = """
    v = np.random.randn(3, 1)
    x, y = np.random.randn(20, 3), np.random.randn(20, 1)
    for t in range(50):
        error = x @ v - y
        gradient = x.T @ error
        v -= 0.001 * gradient
"""
    said = {w.place: w for w in confirm(first + second).witnesses}
    assert _said(said["w"]) == ("equal", "equal")
    assert _said(said["v"]) == ("not-run", "not-run")
    assert said["v"].detail == "this step could not be replayed: its update stands elsewhere"


SEVERAL = [
    pytest.param(
        scripts.OPPONENTS, ["v", "w"], id="two opponents, of which the second sees the first moved"
    ),
    pytest.param(
        scripts.ONE_STEP_AND_TWO_TRAININGS, ["w", "w", "w"], id="a step alone, then two trainings"
    ),
]


@pytest.mark.parametrize("source, places", SEVERAL)
def test_each_training_of_a_script_is_confirmed(
    sent: Send, tmp_path: Path, source: str, places: list[str]
) -> None:
    subjects = numbered_subjects(read_module(source, str(tmp_path / "script.py")))
    judged = [(one, one.judgement.spec) for one in subjects if one.judgement is not None]
    result = sent([job_of(one.case, spec, first=one.first, limit=20.0) for one, spec in judged])
    assert [w.place for w in result.witnesses] == places
    assert {_said(w) for w in result.witnesses} == {("equal", "equal")}, result


def test_a_step_that_a_moved_opponent_did_not_see_is_told(sent: Send, tmp_path: Path) -> None:
    stale = scripts.OPPONENTS.replace("((fooled - 1) @ v.T)", "((fooled - 1) @ old.T)")
    stale = stale.replace("    v -= rate", "    old = v.copy()\n    v -= rate")
    subjects = numbered_subjects(read_module(stale, str(tmp_path / "script.py")))
    judged = [(one, one.judgement.spec) for one in subjects if one.judgement is not None]
    result = sent([job_of(one.case, spec, first=one.first, limit=20.0) for one, spec in judged])
    said = {w.place: _said(w) for w in result.witnesses}
    assert said == {"v": ("equal", "equal"), "w": ("different", "different")}


def _said(witness: Witness) -> tuple[str, str]:
    return witness.autograd.value, witness.finite_difference.value
