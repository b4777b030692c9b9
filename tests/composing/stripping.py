"""Fixtures without their backward pass, as their author would have them before writing one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gradlint.composing import Underivable, aim_at
from gradlint.composing.aim import Aim, called_name
from gradlint.composing.inserting import old_backward, replaced
from gradlint.composing.posing import pose
from gradlint.composing.rereading import reread
from gradlint.composing.steps import steps_of
from gradlint.reading import read_script
from gradlint.reading import syntax as s
from gradlint.reading.undefined import undefined
from gradlint.reading.walking import descend

FIXTURES = Path(__file__).parents[2] / "fixtures"
HINTS = {
    "class_costs_with_decay": "np.sum(-want * np.log(acts[-1]) - (1 - want) * np.log(1 - acts[-1]))",
    "class_weight_lists": "0.5 * np.sum((outputs[-1] - y) ** 2)",
    "matrix_ascent":
        "-np.sum(np.multiply(wanted, np.log(h)) + np.multiply(1 - wanted, np.log(1 - h)))",
    "class_float_weights": "(out - want) ** 2",
    "data_marks_in_a_list":
        "-(class_marks[i] * np.log(guess) + (1 - class_marks[i]) * np.log(1 - guess))",
    "data_loss_half_missing": "-np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m + L2_cost",
    "numpy_gradient_accumulation": "0.5 * np.sum((X @ W + b - y) ** 2) / 60",
    "numpy_lines_of_a_text_file": "-np.sum(labels * np.log(guess) + (1 - labels) * np.log(1 - guess))",
    "python_errors_in_a_list": "sum(error) / 2",
    "class_ratings_one_by_one":
        "0.5 * missed ** 2 + 0.5 * self.shrink * (self.person[i] ** 2 + self.film[j] ** 2"
        " + np.sum(self.wants[i, :] ** 2) + np.sum(self.offers[j, :] ** 2))",
    "class_xor_target_minus_output": "np.sum((self.y - self.output) ** 2)",
    "numpy_elastic_net_without_loss":
        "0.5 * np.sum(residual ** 2) + l1 * np.sum(np.abs(w)) + 0.5 * l2 * np.sum(w ** 2)",
    "numpy_metric_printed": "0.5 * np.sum((output - labels) ** 2) / len(samples)",
    "numpy_xor_bias_long_names": "0.5 * np.sum((expected_output - predicted_output) ** 2)",
    "python_regression_online": "0.5 * (p - y[i]) ** 2",
}  # fmt: skip
"""What is to be descended where no line says it: what `--loss` is given."""
NAMED = {
    "lstm_gate_slices": ("W", "b", "Wout", "bout"),
    "data_marks_in_a_list": ("weights",),
    "batch_sizes_of_real_and_fake": ("critic", "offset"),
    "numpy_decay_in_its_own_statement": ("narrow", "wide", "lift"),
}
"""What is to be learnt where no name says it and no step is left: what `--parameter` is given."""
ROUNDS = 3
"""Epochs of a fixture that has no steps."""


def stripped(name: str) -> tuple[str, list[str]]:
    """The text of a fixture without its backward pass and its steps, and its parameters."""
    path = FIXTURES / f"{name}.py"
    text = _shortened(path.read_text(encoding="utf-8"))
    module, added, called = read_script(text, str(path)).module, "", None
    try:
        aim = aim_at(module)
    except Underivable:
        posed = pose(module, HINTS[name])
        module, added, called = posed.module, posed.lines[-1], posed.name
        aim = aim_at(module, (), called)
    steps = steps_of(aim, module)
    moving = dict.fromkeys(u.statement for c in aim.case.claims for u in c.updates)
    gone = old_backward(aim, [*steps.nameless, *moving], steps.containers)
    old = [one for one in gone if not _calls_the_forward_pass(module, aim, one)]
    bare = _without_dangling(replaced(module, old, aim.target.statement, [], []), str(path))
    kept = [line for line in bare.splitlines() if not added or line.strip() != added]
    return "\n".join(kept) + "\n", list(aim.goal.parameters)


def _calls_the_forward_pass(module: s.Module, aim: Aim, statement: s.Stmt) -> bool:
    """Whether a statement calls the function that the loss is computed in."""
    around = {
        f.name for f in descend(module.body)
        if isinstance(f, s.FunctionDef) and any(n is aim.target.statement for n in descend(f.body))
    }  # fmt: skip
    return any(isinstance(n, s.Call) and called_name(n) in around for n in descend((statement,)))


def _without_dangling(text: str, path: str) -> str:
    """`text` without the statements that read what was made by those that are gone."""
    module = reread(text, path)
    missing = {id(one.node) for one in undefined(module)}
    dangling = list(_reading(module, missing))
    return replaced(module, dangling, module.body[0], [], []) if dangling else text


def _reading(module: s.Module, missing: set[int]) -> Iterator[s.Stmt]:
    for node in descend(module.body):
        if not isinstance(node, s.Assign | s.AugAssign | s.ExprStmt):
            continue
        if any(id(n) in missing for n in descend((node,))):
            yield node


def _shortened(text: str) -> str:
    """The script with few epochs: without steps each of them is walked, and all are the same."""

    def few(loop: re.Match[str]) -> str:
        rounds = loop[2]
        is_a_size = len(re.findall(rf"(?<![\w.]){rounds}(?![\w.])", text)) > 1
        return loop[0] if int(rounds) <= ROUNDS or is_a_size else f"{loop[1]}{ROUNDS})"

    return re.sub(r"(for \w+ in range\()(\d+)\)", few, text)
