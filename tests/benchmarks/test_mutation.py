"""The mutation benchmark: what each operator writes, and that only real mistakes count."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutation import keeping, run
from mutation.mutant import Mutant, mutants
from mutation.operators import OPERATORS
from mutation.scoring import _as_small
from mutation.source import Source
from mutation.truth import Plan, Truth, decide, plan_for

SCRIPT = """\
import numpy as np
rng = np.random.default_rng(0)
X, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 2))
W1, b1 = rng.normal(size=(4, 3)), np.zeros(3)
W2, b2 = rng.normal(size=(3, 2)), np.zeros(2)
m = len(X)
reg = 0.1
for step in range(50):
    z = X @ W1 + b1
    a = np.tanh(z)
    out = a @ W2 + b2
    loss = 0.5 * np.sum((out - y) ** 2) / m + 0.5 * reg * np.sum(W1 ** 2)
    d2 = (out - y) / m
    dW2 = a.T @ d2
    db2 = d2.sum(axis=0)
    d1 = d2 @ W2.T * (1 - a ** 2)
    dW1 = X.T @ d1 + reg * W1
    db1 = d1.sum(axis=0)
    W2 -= 0.1 * dW2
    b2 -= 0.1 * db2
    W1 -= 0.1 * dW1
    b1 -= 0.1 * db1
    if step % 10 == 0:
        print(step, loss)
"""

CHANGED = {
    "sibling_name": "dW2 = a.T @ d1",
    "other_name": "dW2 = X.T @ d2",
    "division_dropped": "d2 = out - y",
    "division_added": "db2 = d2.sum(axis=0) / m",
    "sum_for_mean": "db2 = d2.mean(axis=0)",
    "slope_dropped": "d1 = d2 @ W2.T",
    "slope_formula": "d1 = d2 @ W2.T * (1 - a)",
    "before_for_after": "d1 = d2 @ W2.T * (1 - z ** 2)",
    "sum_dropped": "db2 = d2",
    "axis_changed": "db2 = d2.sum(axis=1)",
    "difference_turned": "d2 = (y - out) / m",
    "minus_added": "dW2 = -(a.T @ d2)",
    "step_turned": "W2 += 0.1 * dW2",
    "plus_for_minus": "d2 = (out + y) / m",
    "overwritten": "W2 = 0.1 * dW2",
    "added_up": "d1 += d2 @ W2.T * (1 - a ** 2)",
    "star_for_matmul": "d1 = (d2 * W2.T) * (1 - a ** 2)",
    "matmul_for_star": "d1 = ((d2 @ W2.T) @ (1 - a ** 2))",
    "operands_swapped": "dW2 = d2 @ a.T",
    "transpose_dropped": "dW2 = a @ d2",
    "transpose_added": "dW2 = (a.T @ d2).T",
    "brackets_lost": "d2 = out - y / m",
    "extra_slope": "d2 = (((out - y) * out * (1 - out))) / m",
    "sign_of_error": "d2 = (np.sign(out - y)) / m",
    "stray_factor": "dW2 = 2 * (a.T @ d2)",
    "constant_changed": "d1 = d2 @ W2.T * (1 - a ** 3)",
    "factor_dropped": "d1 = 1 - a ** 2",
    "penalty_dropped": "dW1 = X.T @ d1",
    "penalty_scaled": "dW1 = X.T @ d1 + 2 * (reg * W1)",
    "other_gradient": "W2 -= 0.1 * dW1",
    "other_target": "W1 -= 0.1 * dW2",
    "copied_from_neighbour": "dW1 = a.T @ d1",
    "mask_inverted": "if step % 10 != 0:",
}


def _made(operator: str, text: str = SCRIPT) -> list[Mutant]:
    chosen = tuple(one for one in OPERATORS if one.name == operator)
    return list(mutants(Source(text), chosen))


def _mutant(old: str, new: str) -> str:
    assert SCRIPT.count(old) == 1
    return SCRIPT.replace(old, new)


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = plan_for(SCRIPT)
    assert found is not None
    return found


@pytest.mark.parametrize("operator", CHANGED)
def test_an_operator_changes_one_line_and_says_which(operator: str) -> None:
    wanted = CHANGED[operator]
    matching = [
        m for m in _made(operator) if any(wanted == line.strip() for line in m.text.splitlines())
    ]
    assert matching
    (line,) = [
        n for n, text in enumerate(matching[0].text.splitlines(), 1) if text.strip() == wanted
    ]
    assert line in matching[0].lines


def test_a_step_moved_before_what_reads_it_takes_its_line_along() -> None:
    moved = [m for m in _made("moved_before_use") if "W2 -= 0.1 * dW2\n    d1 =" in m.text]
    assert len(moved) == 1 and moved[0].text.count("W2 -= 0.1 * dW2") == 1
    lines = moved[0].text.splitlines()
    assert {lines[n - 1].strip() for n in moved[0].lines} >= {"W2 -= 0.1 * dW2"}


def test_a_deleted_line_is_told_by_what_it_set() -> None:
    (gone,) = [m for m in _made("line_deleted") if "d2.sum" not in m.text]
    lines = gone.text.splitlines()
    assert [lines[n - 1].strip() for n in sorted(gone.lines)] == ["pass", "b2 -= 0.1 * db2"]


def test_the_plan_names_the_loss_and_every_parameter(plan: Plan) -> None:
    names = sorted(place[1] for place in plan.parameters)
    assert (names, plan.loss.said, plan.how) == (
        ["W1", "W2", "b1", "b2"],
        "number(loss)",
        "gradient",
    )


def test_a_script_that_steps_along_no_gradient_has_no_plan() -> None:
    wrong = _mutant("(1 - a ** 2)", "(1 - a)")
    found = plan_for(wrong)
    assert found is None or len(found.parameters) < 4


@pytest.mark.parametrize(
    ("old", "new", "truth"),
    [
        ("d2 @ W2.T * (1 - a ** 2)", "d2 @ W2.T", Truth.WRONG),
        ("+ reg * W1", "+ 2 * reg * W1", Truth.WRONG),
        ("(1 - a ** 2)", "(1 - a * a)", Truth.EQUAL),
        ("print(step, loss)", "print(step, out)", Truth.EQUAL),
        ("d2 = (out - y) / m", "d2 = (out - y)", Truth.WRONG),
        ("a = np.tanh(z)", "a = np.sin(z)", Truth.FORWARD),
        ("W1 ** 2)", "W1 ** 4)", Truth.FORWARD),
        ("b2 -= 0.1 * db2", "b2 -= 0.3 * db2", Truth.RATES),
        ("dW2 = a.T @ d2", "dW2 = a @ d2", Truth.BROKEN),
        ("b2 -= 0.1 * db2", "pass", Truth.WRONG),
        ("b2 -= 0.1 * db2", "out += 0 * db2", Truth.FROZEN),
    ],
)
def test_what_counts_as_a_mistake(plan: Plan, old: str, new: str, truth: Truth) -> None:
    in_step = old.startswith("b2")
    assert decide(SCRIPT, _mutant(old, new), plan, in_step) is truth


def test_one_rate_for_all_is_no_mistake(plan: Plan) -> None:
    assert decide(SCRIPT, SCRIPT.replace("-= 0.1 *", "-= 0.2 *"), plan) is Truth.RATE


LOGISTIC = """\
import numpy as np
rng = np.random.default_rng(0)
X, t = rng.normal(size=(9, 4)), rng.random((9, 2))
W = rng.normal(size=(4, 2))
for step in range(50):
    p = 1 / (1 + np.exp(-(X @ W)))
    delta = p - t
    W -= 0.1 * X.T @ delta
"""


def test_another_loss_is_no_mistake_where_none_is_written() -> None:
    plan = plan_for(LOGISTIC)
    assert plan is not None and plan.loss.said == "cross_entropy(t, p)"
    squares, neither = "(p - t) * p * (1 - p)", "(p - t) * (1 - p)"
    assert decide(LOGISTIC, LOGISTIC.replace("p - t", squares), plan) is Truth.OTHER
    assert decide(LOGISTIC, LOGISTIC.replace("p - t", neither), plan) is Truth.WRONG


KEEPS = """\
import numpy as np


class Layer:
    def forward(self, x, keep):
        mask = np.random.rand(*x.shape) < keep
        self.mask = mask
        rows = x[:, 0:2, 1:3].transpose(0, 2, 1)
        out = rows * mask
        self.out = out
        return out, mask * x

    def backward(self, above, ids):
        d = above.copy()
        d = d * self.mask
        np.add.at(self.total, ids, d)
        above_next = d @ self.weight.T
        return np.hstack((d * 2, d * 3))
"""

KEEPING = {
    "kept_another": "self.out = rows",
    "kept_too_early": "self.mask = mask",
    "drawn_again": "out = rows * (np.random.rand(*x.shape) < keep)",
    "copy_lost": "d = above",
    "changed_in_place": "d *= self.mask",
    "index_once": "self.total[ids] += d",
    "window_turned": "rows = x[:, 1:3, 0:2].transpose(0, 2, 1)",
    "axes_exchanged": "rows = x[:, 0:2, 1:3].transpose(0, 1, 2)",
    "exchanged_elements": "return np.hstack((d * 3, d * 2))",
    "carry_forgotten": "pass",
}


@pytest.mark.parametrize("operator", KEEPING)
def test_an_operator_breaks_what_is_kept_and_copied(operator: str) -> None:
    found = [
        (mutant, number)
        for mutant in _made(operator, KEEPS)
        for number, line in enumerate(mutant.text.splitlines(), 1)
        if line.strip() == KEEPING[operator]
    ]
    lines = set(KEEPS.splitlines())
    new = [number for mutant, number in found if mutant.text.splitlines()[number - 1] not in lines]
    assert found and (new or operator == "kept_too_early")


def test_what_was_found_out_is_not_found_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTATION_KEPT", "")
    keeping.keep_in(tmp_path)
    made: list[str] = []

    def find() -> str:
        made.append("found")
        return "truth"

    assert [keeping.kept(find, keeping.TRUTH, "script", "mutant") for _ in range(2)] == [
        "truth"
    ] * 2
    assert keeping.kept(find, keeping.TRUTH, "script", "other") == "truth"
    assert len(made) == 2


def test_tables_are_written_between_their_marks() -> None:
    document = "above\n" + run._MARKS[0] + "old\n" + run._MARKS[1] + "\nbelow\n"
    twice = run._with(run._with(document, "| a |"), "| b |")
    assert twice == f"above\n{run._MARKS[0]}\n| b |\n\n{run._MARKS[1]}\nbelow\n"


def test_a_place_is_as_good_only_if_its_fix_is_no_larger_than_the_mistake() -> None:
    right, wrong = "g = p - y\nW -= lr * g\n", "g = y - p\nW -= lr * g\n"
    assert _as_small(right, wrong, "g = y - p\nW += lr * g\n")
    assert not _as_small(right, wrong, "g = y - p\nW -= lr * (x.T @ (p - y) * slope(z))\n")
